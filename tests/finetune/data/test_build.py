"""Building: memory, and what an example is checked for."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from finetune.data.build import Build, in_pieces, leak_of, refusal
from finetune.data.instruction import Instruction, request_fields
from finetune.data.leaks import LeakFilter
from finetune.data.mixture import Mixture, Row
from finetune.data.tally import Kept
from finetune.overlap import Fingerprints
from taiyi.conversation import Message
from taiyi.document import Document, Entity, Span
from taiyi.tasks.base import Example, Request

NO_TESTS = LeakFilter(Fingerprints({}))
CHARS = 600


def _peak(n_rows: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Bytes in memory at most, and bytes written, when so many made rows are built."""

    def made(row: Row, data_dir: Path) -> Iterator[Example]:
        rng = random.Random(5)
        for n in range(n_rows):
            text = f"{rng.getrandbits(4 * CHARS):0{CHARS}x}"
            yield Example(str(n), Request("question", text), Document(str(n), "en", text, answer=str(n)), row.corpus)

    monkeypatch.setattr("finetune.data.build.examples_of", made)
    row = Row("en_medquad", "question", 2, "QA")
    build = Build(Mixture((row,)), folder, folder, LeakFilter(Fingerprints({})), Kept(len), seed=0)
    tracemalloc.start()
    try:
        list(build.run())
        return tracemalloc.get_traced_memory()[1], sum(path.stat().st_size for path in folder.glob("type2.*"))
    finally:
        tracemalloc.stop()


def test_more_rows_need_little_more_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What grows are some numbers a row, and the bucket of 64 that is written out: less than a third of the lines."""
    _peak(9, tmp_path / "9", monkeypatch)  # so that what is loaded once is loaded
    (few_peak, few), (many_peak, many) = (_peak(n, tmp_path / str(n), monkeypatch) for n in (200, 1200))
    assert many - few > 1_000_000
    assert many_peak - few_peak < (many - few) / 3


def _instruction(*said: str) -> Instruction:
    roles = ("user", "assistant")
    messages = tuple(Message(roles[n % 2], text) for n, text in enumerate(said))
    return Instruction("i", "made", "chat", "en", 2, None, messages, request_fields(Request("chat", said[-2])))


@pytest.mark.parametrize(
    ("said", "max_chars", "reason"),
    [
        (("Hello", "Hi"), None, ""),
        (("Hello", " \n"), None, "empty reply"),
        (("Hello", "", "Well?", "Hi"), None, "empty reply"),
        (("", "Hi"), None, "empty prompt"),
        (("Hello", "Hi"), 7, ""),
        (("Hello", "Hi!"), 7, "too long"),
    ],
)
def test_what_cannot_be_learnt_is_refused(said: tuple[str, ...], max_chars: int | None, reason: str) -> None:
    assert refusal(_instruction(*said), Row("en_medquad", "chat", 2, max_chars=max_chars)) == reason


@pytest.mark.parametrize("place", ["text", "text_b", "history", "answer"])
def test_a_leak_is_found_wherever_it_stands(place: str) -> None:
    tested = "Of the forty patients who were given the tablet, nine had a dry mouth and two had to stop."
    leaks = LeakFilter(Fingerprints({}), {"ours": [tested]})
    request = Request(
        "chat",
        tested if place == "text" else "Something else",
        text_b=tested if place == "text_b" else "",
        history=(Message("user", tested), Message("assistant", "Indeed.")) if place == "history" else (),
    )
    answer = tested if place == "answer" else "An answer"
    example = Example("e", request, Document("e", "en", request.text, answer=answer), "made")
    leak = leak_of(example, leaks)
    assert leak is not None
    assert leak.set == "ours"
    assert leak_of(example, NO_TESTS) is None


def test_a_text_with_a_mention_in_pieces_is_known() -> None:
    text = "Left and right kidneys were scanned."
    whole, pieces = (Span(9, 22),), (Span(0, 4), Span(15, 22))

    def example(*spans: Span) -> Example:
        gold = Document("d", "en", text, (Entity("T1", "Anatomy", spans),))
        return Example("d", Request("entities", text, labels=("Anatomy",)), gold)

    assert not in_pieces(example(*whole))
    assert in_pieces(example(*pieces))
