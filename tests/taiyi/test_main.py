"""The shell, end to end on the bundled models: one JSON object a document, everything else on standard error."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from taiyi.__main__ import main
from taiyi.formats import iter_documents

ABSTRACT = "Two patients developed seizures after tramadol. Tramadol was stopped and carbamazepine given."
NOTE = "患者咳嗽伴发热三天，胸部X线片示右下肺炎，予头孢曲松静脉滴注。"


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    file = tmp_path / "notes.jsonl"
    rows = [{"id": "a", "text": NOTE}, {"id": "b", "text": "口服布洛芬后头痛缓解。𠮷"}]
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return file


def printed(capsys: pytest.CaptureFixture[str]) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_text_file_is_one_document_with_code_point_offsets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "abstract.txt"
    file.write_text(ABSTRACT, encoding="utf-8")
    assert main(["entities", "--types", "Chemical,Disease", str(file)]) == 0
    (row,) = printed(capsys)
    assert (row["id"], row["lang"], row["text"]) == ("abstract", "en", ABSTRACT)
    for entity in row.get("entities", []):
        assert ABSTRACT[entity["start"] : entity["end"]] == entity["text"]
        assert 0 <= entity["score"] <= 1


@pytest.mark.parametrize("predictor", ["auto", "specialist", "llm", "both"])
def test_each_predictor_can_be_chosen_and_says_its_name(
    notes: Path, predictor: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["entities", "--types", "疾病,药物,临床表现", "--predictor", predictor, str(notes)]) == 0
    rows = printed(capsys)
    assert [row["id"] for row in rows] == ["a", "b"]
    assert all(row["by"] for row in rows)
    for row in rows:
        for entity in row.get("entities", []):
            assert row["text"][entity["start"] : entity["end"]] == entity["text"]


def test_standard_input_is_a_document_and_classes_come_with_scores(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("布洛芬饭前吃还是饭后吃"))
    assert main(["classify", "--types", "病情诊断,注意事项,功效作用", "-"]) == 0
    (row,) = printed(capsys)
    assert row["labels"][0]["type"] in ("病情诊断", "注意事项", "功效作用")
    assert 0 <= row["labels"][0]["score"] <= 1


def test_one_bad_file_does_not_stop_the_rest_but_is_said(
    tmp_path: Path, notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.docx"
    broken.write_bytes(b"this is no document")
    assert main(["entities", "--types", "疾病", str(broken), str(notes)]) == 1
    captured = capsys.readouterr()
    rows = [json.loads(line) for line in captured.out.splitlines()]
    assert rows[0]["issues"][0]["kind"] == "failed"
    assert [row["id"] for row in rows[1:]] == ["a", "b"]
    assert "broken.docx" in captured.err


def test_a_request_without_types_is_refused_in_a_sentence(notes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["entities", str(notes)]) == 1
    assert "No types are chosen" in capsys.readouterr().err


def test_a_model_that_is_not_there_ends_with_code_two_and_one_line(
    notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["entities", "--types", "疾病", "--model", str(tmp_path / "none"), str(notes)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.strip().count("\n") == 0


def test_limit_reads_no_more_documents_than_asked(notes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["entities", "--types", "疾病", "--limit", "1", str(notes)]) == 0
    assert len(printed(capsys)) == 1


@pytest.mark.parametrize(("name", "suffix"), [("brat", ".zip"), ("pubtator", ".pubtator")])
def test_all_documents_can_be_written_in_another_format(
    notes: Path, name: str, suffix: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    arguments = ["entities", "--types", "疾病,药物,临床表现", "--predictor", "specialist", "--format", name, str(notes)]
    assert main(arguments) == 0
    captured = capfdbinary.readouterr()
    file = tmp_path / f"found{suffix}"
    file.write_bytes(captured.out)
    found = list(iter_documents(file))
    assert [document.id for document in found] == ["a", "b"]
    mentions = {document.text_of(entity.spans) for document in found for entity in document.entities}
    assert mentions >= {"头孢曲松", "布洛芬"}
    assert (b"no place for scores" in captured.err) == (name == "pubtator")


def test_the_differences_of_two_answers_go_into_a_file(
    notes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "differences.json"
    arguments = ["entities", "--types", "疾病,药物", "--predictor", "both", "--differences", str(file), str(notes)]
    assert main(arguments) == 0
    rows = printed(capsys)
    whole = json.loads(file.read_text(encoding="utf-8"))
    assert whole["differences"] == [row for each in rows for row in each["agreement"]["differences"]]
    assert {row["document"] for row in whole["differences"]} <= {"a", "b"}
    assert whole["counts"]["same"] == sum(each["agreement"]["counts"]["same"] for each in rows)


@pytest.mark.parametrize(
    ("options", "words"),
    [(["--differences", "x.csv"], "--predictor both"), (["--predictor", "both", "--differences", "x.txt"], ".csv")],
)
def test_differences_that_cannot_be_written_are_refused_at_once(
    options: list[str], words: str, notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["entities", "--types", "疾病", *options, str(notes)]) == 2
    assert words in capsys.readouterr().err


def test_a_threshold_leaves_out_what_scores_less(notes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["entities", "--types", "疾病,药物,临床表现", str(notes)]
    assert main(asked) == 0
    scores = sorted(entity["score"] for row in printed(capsys) for entity in row.get("entities", []))
    between = (scores[0] + scores[-1]) / 2
    assert main([*asked, "--threshold", str(between)]) == 0
    kept = sorted(entity["score"] for row in printed(capsys) for entity in row.get("entities", []))
    assert kept == [score for score in scores if score >= between] != scores


def test_a_scheme_is_passed_on_and_one_that_is_unknown_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "abstract.txt"
    file.write_text(ABSTRACT, encoding="utf-8")
    assert main(["entities", "--types", "Disease", "--scheme", "ncbi_disease", str(file)]) == 0
    assert printed(capsys)[0]["text"] == ABSTRACT
    assert main(["entities", "--types", "Disease", "--scheme", "mesh", str(file)]) == 1
    assert "bc5cdr, biored, ncbi_disease" in capsys.readouterr().err
