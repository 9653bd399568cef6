"""Gold goes through reply, grammar and score and comes out as 1."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.__main__ import main
from eval.oracle import accepts, oracle
from eval.sets import eval_set, load_sets
from taiyi.document import Document, Entity, Relation, Span
from taiyi.tasks.base import Example, Request
from taiyi.tasks.entity import MAX_MENTIONS

EN = "Lithium (LiCl, 5 mg) induced tremor; none of the controls had tremor, and NaCl did nothing."


def entities(text: str, label: str, *mentions: str, lang: str = "en") -> Example:
    spans = [Span(text.index(mention), text.index(mention) + len(mention)) for mention in mentions]
    gold = Document("1", lang, text, tuple(Entity(f"T{n}", label, (span,)) for n, span in enumerate(spans)))
    return Example("1", Request("entities", text, lang, lang, (label,), template="identify", document_id="1"), gold)


def relation(text: str, head: str, tail: str, *unplaced: tuple[str, str, str]) -> Example:
    spans = [Span(text.index(name), text.index(name) + len(name)) for name in (head, tail)]
    gold = Document(
        "1",
        "zh",
        text,
        tuple(Entity(f"T{n}", "", (span,)) for n, span in enumerate(spans)),
        (Relation("R1", "同义词", "T0", "T1"),),
        meta={"unplaced_relations": unplaced} if unplaced else {},
    )
    return Example("1", Request("relations", text, "zh", "zh", ("同义词",), template="triples"), gold)


def test_mentions_at_words_need_nothing_else() -> None:
    score = oracle(eval_set("bc5cdr-chem"), [entities(EN, "Chemical", "Lithium", "LiCl", "NaCl")], "test")
    assert (score.value, score.n_any_borders, score.refused, score.lost) == (1.0, 0, (), ())
    assert score.perfect


@pytest.mark.parametrize("mention", ["Li", "LiCl,", "aCl"])
def test_mentions_cut_inside_a_word_or_at_a_mark_are_scored_and_counted(mention: str) -> None:
    score = oracle(eval_set("bc5cdr-chem"), [entities(EN, "Chemical", mention)], "test")
    assert (score.value, score.n_any_borders) == (1.0, 1)
    assert score.perfect


def test_triples_whose_names_are_not_in_the_text_are_scored_and_counted() -> None:
    example = relation("新冠又称新型冠状病毒肺炎。", "新冠", "新型冠状病毒肺炎", ("同义词", "新冠", "COVID-19"))
    score = oracle(eval_set("cmeie"), [example], "test")
    assert (score.value, score.n_any_borders, score.n_ungrounded) == (1.0, 0, 1)
    assert score.perfect


def test_what_a_reply_has_no_room_for_is_lost_and_named() -> None:
    """101 names where a list holds 100: recall 100/101, precision 1, F1 200/201."""
    names = [f"x{n}" for n in range(MAX_MENTIONS + 1)]
    score = oracle(eval_set("bc5cdr-chem"), [entities(" ".join(names), "Chemical", *names)], "test")
    assert score.value == pytest.approx(200 / 201)
    assert score.lost == ("1",)
    assert not score.perfect


def test_a_reply_is_accepted_only_when_it_is_complete() -> None:
    assert accepts('start: "ab" "c"?', "ab")
    assert not accepts('start: "ab" "c"?', "a")
    assert not accepts('start: "ab" "c"?', "abcd")


def test_gold_of_all_fourteen_sets_is_worth_exactly_one_on_made_data(
    sets_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["oracle", "--data", str(sets_dir)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    assert [line[0] for line in lines] == [row.name for row in load_sets().values() if not row.extra]
    assert {line[1] for line in lines} == {"1.0000"}


@pytest.mark.data
def test_gold_of_real_sets_is_worth_exactly_one(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["bc5cdr-chem", "cmeee", "bc5cdr-re", "cmeie", "hoc", "kuake-qic", "biored"]
    asked = ["oracle", "--data", str(data_dir), "--split", "dev", "--sets", ",".join(names), "--sample", "40"]
    assert main(asked) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if not line.startswith(" ")]
    assert [line[:2] for line in lines] == [[name, "1.0000"] for name in names]
