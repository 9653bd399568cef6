"""What holds for every example: found broken where it is, and held by every corpus at hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from taiyi.corpora import corpus_names, corpus_splits, read_corpus
from taiyi.corpora.invariants import broken
from taiyi.document import Document, Entity, Label, Relation, Span
from taiyi.errors import FormatError
from taiyi.tasks.base import Example, Request
from taiyi.tasks.coreference import COREFERENCE

FIXTURES = Path(__file__).parents[2] / "data" / "corpora"
MENTIONS = (Entity("T1", "Chemical", (Span(0, 4),)), Entity("T2", "Disease", (Span(5, 8),)))
FOUND = Example(
    "1",
    Request("entities", "zinc pox", labels=("Chemical", "Disease"), document_id="1"),
    Document("1", "en", "zinc pox", MENTIONS),
    "made",
)
RELATED = Example(
    "1",
    Request("relations", "zinc pox", labels=("cures",), document_id="1"),
    Document("1", "en", "zinc pox", MENTIONS, (Relation("R1", "cures", "T1", "T2"),)),
    "made",
)
CHOSEN = Example(
    "1",
    Request("choose", "Which?", options=("zinc", "iron"), question="Which?", document_id="1"),
    Document("1", "en", "Which?", labels=(Label("B"),)),
    "made",
)
CHAINED = Example(
    "1",
    Request("coreference", "zinc pox", document_id="1"),
    Document("1", "en", "zinc pox", MENTIONS, (Relation("R1", COREFERENCE, "T2", "T1"),)),
    "made",
)
WRITTEN = Example(
    "1",
    Request("summary", "A long text.", document_id="1"),
    Document("1", "en", "A long text.", answer="Short."),
    "made",
)


def with_gold(example: Example, **changes: object) -> Example:
    return replace(example, gold=replace(example.gold, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("example", [FOUND, RELATED, CHAINED, CHOSEN, WRITTEN, with_gold(FOUND, entities=())])
def test_good_examples_break_nothing(example: Example) -> None:
    assert list(broken([example])) == []


@pytest.mark.parametrize(
    ("example", "said"),
    [
        (replace(FOUND, request=replace(FOUND.request, document_id="2")), "the request is of '2'"),
        (replace(FOUND, request=replace(FOUND.request, text="zinc  pox")), "about another text"),
        (replace(FOUND, request=replace(FOUND.request, labels=("Chemical",))), "'Disease', which is not offered"),
        (replace(RELATED, request=replace(RELATED.request, labels=("causes",))), "'cures', which is not offered"),
        (with_gold(RELATED, relations=(), meta={"concept_relations": (("hurts", "D1", "D2"),)}), "'hurts', which is"),
        (with_gold(CHAINED, relations=RELATED.gold.relations), "'cures', which is not offered"),
        (with_gold(CHOSEN, labels=(Label("C"),)), "'C', which is not offered"),
        (with_gold(CHOSEN, labels=()), "one label is due, the answer has 0"),
        (with_gold(WRITTEN, answer=" "), "there is no answer"),
        (with_gold(replace(WRITTEN, request=replace(WRITTEN.request, text=" ")), text=" "), "there is no text"),
    ],
)
def test_what_is_broken_is_said_with_corpus_and_id(example: Example, said: str) -> None:
    (problem,) = broken([example])
    assert problem.startswith("made, 1: ")
    assert said in problem


def test_ids_that_repeat_or_are_empty_are_broken() -> None:
    empty = replace(FOUND, id="", request=replace(FOUND.request, document_id=""), gold=replace(FOUND.gold, id=""))
    assert len(list(broken([FOUND, FOUND, empty]))) == 2


def at_hand(name: str, split: str, folder: Path, limit: int) -> list[Example] | None:
    """The first examples of a split; None where its files are not there."""
    try:
        return list(islice(read_corpus(name, split, folder), limit))
    except FormatError as error:
        if error.code != "corpus_missing":
            raise
        return None


@pytest.mark.parametrize("name", corpus_names())
def test_every_made_corpus_holds_them(name: str) -> None:
    for split in corpus_splits(name):
        assert list(broken(at_hand(name, split, FIXTURES, 100) or [])) == []


@pytest.mark.data
def test_every_corpus_at_hand_holds_them(data_dir: Path) -> None:
    """The first 100 examples of each split."""
    n_read, problems = 0, []
    for name in corpus_names():
        for split in corpus_splits(name):
            examples = at_hand(name, split, data_dir, 100) or []
            n_read += len(examples)
            problems += broken(examples)
    assert n_read > 3000
    assert problems == []
