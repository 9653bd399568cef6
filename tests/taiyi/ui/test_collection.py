"""The documents of a file and what was read of each: kept by the browser, compared and saved all together."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from taiyi.document import Document, Entity, Span
from taiyi.formats import iter_documents
from taiyi.predictors.base import Result
from taiyi.ui.collection import (
    Collection,
    comparisons,
    file_of_all,
    not_carried_of_all,
    pack_documents,
    pack_readings,
    text_per_line,
    unpack,
)
from taiyi.ui.outcome import Outcome

EN = Document("a", "en", "Tremor after lithium.", (Entity("T1", "Disease", (Span(0, 6),)),))
ZH = Document("b/1", "zh", "服用𠮷锂剂后震颤。", (Entity("T1", "疾病", (Span(6, 8),)),))
LOADED = Collection("notes.jsonl", (EN, ZH))


def answer(document: Document, *mentions: tuple[int, int, float], by: str = "one") -> Result:
    entities = tuple(Entity(f"T{n}", "Disease", (Span(a, b),), score) for n, (a, b, score) in enumerate(mentions, 1))
    return Result(Document("entities", document.lang, document.text, entities), by=by)


def read(collection: Collection, n: int, *mentions: tuple[int, int, float]) -> Collection:
    """The given mentions by one, and none by the other."""
    document = collection.documents[n]
    both = (answer(document, *mentions), answer(document, by="other"))
    whole = replace(both[0], alternatives=both)
    return collection.with_reading(n, Outcome(whole, labels=("Disease",), scheme="bc5cdr"), "{}")


BOTH_READ = read(read(LOADED, 1, (6, 8, 0.4)), 0, (0, 6, 0.9), (13, 20, 0.6))


def content_of(packed: str) -> tuple[dict[str, Any], bytes]:
    row = json.loads(packed)
    return row, base64.b64decode(row["base64"])


def test_what_the_browser_keeps_comes_back() -> None:
    documents, readings = pack_documents(LOADED.file, LOADED.documents), pack_readings(BOTH_READ.readings)
    assert unpack(documents, readings) == BOTH_READ
    assert unpack(documents) == LOADED
    assert EN.text not in readings, "a text is kept once"


@pytest.mark.parametrize("broken", ["", "[]", "3", '{"file": "x"}', '{"file": "x", "documents": []}', "{"])
def test_what_was_changed_by_hand_is_no_collection(broken: str) -> None:
    assert unpack(broken) is None


def test_a_reading_that_does_not_fit_its_text_is_left_out() -> None:
    rows = json.loads(pack_readings(BOTH_READ.readings))
    rows["0"]["entities"][0]["end"] = 99
    found = unpack(pack_documents(LOADED.file, LOADED.documents), json.dumps(rows))
    assert found is not None and sorted(found.readings) == [1]


def test_left_are_those_not_read_with_these_settings_and_then_all() -> None:
    assert LOADED.left("{}") == [0, 1]
    assert read(LOADED, 1).left("{}") == [0]
    assert read(LOADED, 1).left("other settings") == [0, 1]
    assert BOTH_READ.left("{}") == [0, 1]


def test_an_answer_takes_the_id_of_its_document() -> None:
    result = BOTH_READ.readings[1].outcome.result
    assert {result.document.id, *(other.document.id for other in result.alternatives)} == {"b/1"}


def test_a_threshold_acts_on_all_documents_their_comparisons_and_files() -> None:
    """Of three mentions two score .5 and more. The file has one in each text: all three are compared with two, then two
    with these two, of which one is the same."""
    counts = []
    for threshold in (0.0, 0.5):
        kept = BOTH_READ.results(threshold)
        opinion, against_one, against_other = comparisons(kept, BOTH_READ.labels, "file")
        figures = (opinion.agreement.n_by_kind["first"], against_one.agreement.f1, against_other.agreement.f1)
        rows = json.loads(content_of(file_of_all(BOTH_READ, "json", threshold, "file"))[1])
        counts.append((sum(len(row.get("entities", ())) for row in rows), *figures))
    assert counts == [(3, 3, pytest.approx(2 * 2 / 5), 0.0), (2, 2, pytest.approx(2 * 1 / 4), 0.0)]


@pytest.mark.parametrize(
    ("kind", "suffix"), [("json", ".json"), ("brat", ".zip"), ("pubtator", ".pubtator"), ("bioc", ".xml")]
)
def test_a_file_holds_all_documents_that_were_read(kind: str, suffix: str, tmp_path: Path) -> None:
    row, content = content_of(file_of_all(BOTH_READ, kind, 0.5, "file"))
    assert row["name"] == f"taiyi-notes{suffix}"
    file = tmp_path / row["name"]
    file.write_bytes(content)
    texts = {document.text: len(document.entities) for document in iter_documents(file)}
    assert texts == {EN.text: 2, ZH.text: 0}


def test_what_a_file_cannot_hold_is_counted_over_all() -> None:
    (lost,) = not_carried_of_all(BOTH_READ, "pubtator", 0.0)
    assert lost.detail == "scores: 3"
    assert not_carried_of_all(BOTH_READ, "json", 0.0) == ()


def test_the_differences_name_document_and_readers() -> None:
    lines = content_of(file_of_all(BOTH_READ, "differences", 0.7, "file"))[1].decode("utf-8-sig").splitlines()
    assert lines[1:] == [
        "a,first,one,Disease,Tremor,0,6,other,,,,",
        "b/1,first,file,Disease,震颤,6,8,one,,,,",
        "a,first,file,Disease,Tremor,0,6,other,,,,",
        "b/1,first,file,Disease,震颤,6,8,other,,,,",
    ]


def test_lines_with_text_become_documents() -> None:
    found = text_per_line("头痛。\r\n \n1,2 cough", "x")
    assert [(d.id, d.lang, d.text) for d in found] == [("x:1", "zh", "头痛。"), ("x:3", "en", "1,2 cough")]
