"""Single cases: each mention with what became of it, each error in words, and how many cases are left out."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from eval.judging import Judgement
from eval.report.cases import cases_page, kinds_of, marked, spread
from eval.report.runs import Case, Run, read_runs
from taiyi.document import Document, Label, Relation
from tests.eval.report.conftest import RunFolder, mention, record, row

TEXT = "Lithium <b> may cause fine tremor; lithium is old."


def document(*mentions: tuple[str, str], relations: tuple[Relation, ...] = ()) -> Document:
    entities = tuple(mention(f"e{n}", text, TEXT, label) for n, (text, label) in enumerate(mentions))
    return Document("17", "en", TEXT, entities, relations)


def fates(gold: Document, predicted: Document | None, task: str = "entities") -> dict[str, str]:
    shown = marked(gold, predicted, task)
    return {shown.text_of(entity.spans): entity.label for entity in shown.entities}


def test_mentions_are_marked_as_found_missed_or_wrong() -> None:
    gold = document(("Lithium", "Chemical"), ("fine tremor", "Disease"))
    predicted = document(("Lithium", "Chemical"), ("tremor", "Disease"))
    assert fates(gold, predicted) == {
        "Lithium": "Chemical ✓",
        "fine tremor": "Disease missed",
        "tremor": "Disease wrong",
    }


def test_a_right_text_with_another_type_is_wrong_and_the_gold_one_missed() -> None:
    labels = [
        e.label for e in marked(document(("tremor", "Disease")), document(("tremor", "Gene")), "entities").entities
    ]
    assert sorted(labels) == ["Disease missed", "Gene wrong"]


def test_without_an_answer_everything_is_missed() -> None:
    assert fates(document(("tremor", "Disease")), None) == {"tremor": "Disease missed"}


def test_of_relations_heads_and_tails_are_marked_without_types() -> None:
    mentions = (("Lithium", "Chemical"), ("tremor", "Disease"), ("old", "Disease"))
    gold = document(*mentions, relations=(Relation("r", "induces", "e0", "e1"),))
    predicted = document(("Lithium", ""), ("old", ""), relations=(Relation("r", "induces", "e0", "e1"),))
    assert fates(gold, predicted, "relations") == {"Lithium": "✓", "tremor": "missed", "old": "wrong"}


def test_cases_are_spread_evenly() -> None:
    cases = [number(str(n)) for n in range(10)]
    assert [case.id for case in spread(cases, 4)] == ["0", "2", "5", "7"]
    assert spread(cases, 10) == cases


def number(id: str) -> Case:
    return Case(id, "", "", Document(id, "en", "Text."), None, Judgement(id, np.zeros(1)))


def test_a_case_without_errors_is_all_right() -> None:
    assert kinds_of(number("1")) == ("right",)


def test_a_written_text_is_neither_right_nor_wrong() -> None:
    assert kinds_of(replace(number("1"), gold=Document("1", "en", "Text.", answer="文本。"))) == ("written",)


def test_a_question_is_shown_as_it_was_asked_with_its_options(run_folder: RunFolder) -> None:
    gold = Document("5", "en", "Which one?", labels=(Label("B"),))
    line = record(gold, gold, prompt="Which one?\nA. this\nB. that")
    folder = run_folder("mine", [row("medqa-usmle", 1.0, accuracy=1.0)], {"medqa-usmle": [line]})
    text = cases_page(read_runs([folder]), limit=50)
    assert "<pre>Which one?\nA. this\nB. that</pre>" in text
    assert text.count("Which one?") == 1


def runs_with(run_folder: RunFolder, *names: str) -> list[Run]:
    gold = document(("fine tremor", "Disease"))
    errors = [{"kind": "border", "gold": "Disease: fine tremor", "predicted": "Disease: tremor"}]
    lines = [
        record(gold, document(("tremor", "Disease")), errors, prompt="Ask <i>", reply="Disease: tremor"),
        record(Document("18", "en", "None."), Document("18", "en", "None."), score={"unparsed": True}),
    ]
    folders = [run_folder(name, [row("bc5cdr-dise", 0.5)], {"bc5cdr-dise": lines}) for name in names]
    return read_runs(folders)


def test_a_page_shows_each_case_with_its_errors_prompt_and_reply_escaped(run_folder: RunFolder) -> None:
    text = cases_page(runs_with(run_folder, "mine"), limit=50)
    assert 'data-kinds="border"' in text and 'data-kinds="unparsed"' in text
    assert "<dt>other borders</dt><dd>Disease: fine tremor → Disease: tremor</dd>" in text
    assert "Ask &lt;i&gt;" in text and "Lithium &lt;b&gt; may" in text
    assert "2 of 2 cases." in text
    assert 'name="run"' not in text


def test_a_page_says_how_many_cases_are_left_out_and_where_they_are(run_folder: RunFolder) -> None:
    text = cases_page(runs_with(run_folder, "mine"), limit=1)
    assert "1 of 2 cases, spread evenly over the set; the other 1 are in bc5cdr-dise.jsonl." in text
    assert len(re.findall("<article", text)) == 1


def test_two_runs_can_be_chosen_between(run_folder: RunFolder) -> None:
    assert 'name="run"' in cases_page(runs_with(run_folder, "one", "two"), limit=50)


def test_classes_are_shown_as_annotation_and_answer(run_folder: RunFolder) -> None:
    gold = Document("3", "zh", "多久能好？", labels=(Label("病情诊断"),))
    answer = Document("3", "zh", "多久能好？", labels=(Label("其他"),))
    folder = run_folder("mine", [row("kuake-qic", 0.5)], {"kuake-qic": [record(gold, answer)]})
    text = cases_page(read_runs([folder]), limit=50)
    assert "<dt>annotation</dt><dd>病情诊断</dd><dt>answer</dt><dd>其他</dd>" in text
