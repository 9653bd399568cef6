"""The report: tables, lengths and templates, as counted and as shown."""

from __future__ import annotations

from finetune.data.instruction import Instruction
from finetune.data.mixture import Missing, Row
from finetune.data.report import report_content, report_markdown
from finetune.data.tally import Kept, SourceCounts
from taiyi.conversation import Message


def _content() -> dict[str, object]:
    kept = Kept(len)
    for n_chars in (64, 65, 20000):
        messages = (Message("user", "x" * (n_chars - 4)), Message("assistant", "yyyy"))
        kept.add(Instruction("i", "bc5cdr", "entities", "en", 1, "identify", messages, {}), "NER")
    counts = SourceCounts(Row("bc5cdr", "entities", 1, "NER"), documents=5, made=4, train=3)
    counts.leaks["biored"] += 2
    settings = {"command": "python -m finetune prepare", "seed": 0, "mixture": "m.yaml", "limit": 5}
    content = report_content([counts], kept, [Missing("chemdner", "There is no file.", "")], "characters")
    return {"settings": settings, "lint": {"truncated": 1200}} | content


def test_lengths_fall_under_the_first_bound_that_holds_them() -> None:
    lengths = _content()["lengths"]
    assert isinstance(lengths, dict)
    shown = lengths["types"]["1"]
    assert {bound: count for bound, count in shown["up_to"].items() if count} == {"64": 1, "128": 1, "more": 1}
    assert (shown["longest"], shown["total"], shown["learnt"]) == (20000, 20129, 12)


def test_templates_that_were_never_used_are_counted_too() -> None:
    (row,) = _content()["templates"]  # type: ignore[misc]
    assert (row["task"], row["lang"], row["counts"]["identify"]) == ("entities", "en", 3)
    assert row["counts"]["find_names"] == 0


def test_the_page_tells_what_is_missing_leaked_and_found() -> None:
    text = report_markdown(_content())
    assert "A trial: at most 5 documents of each corpus were read." in text
    assert "- chemdner: There is no file." in text
    assert "| biored | 2 | bc5cdr 2 |" in text
    assert "| bc5cdr | entities | 1 | 5 | 0 | 2 | 4 | 0 | 0 | 0 | 0 | 3 | 0 | 650 |" in text
    assert "finds: truncated 1,200." in text
    assert "| General Dialogue Data | both | 0 |  | 560,000 |" in text
