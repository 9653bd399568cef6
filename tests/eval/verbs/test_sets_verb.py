"""`python -m eval sets`: what is at hand and what is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.sets import load_sets


def test_every_set_has_a_row_with_its_files_and_their_size(sets_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sets", "--data", str(sets_dir), "--json"]) == 0
    rows = {row["set"]: row for row in json.loads(capsys.readouterr().out)}
    assert list(rows) == list(load_sets())
    hoc = rows["hoc"]
    assert (hoc["task"], hoc["lang"], hoc["official_size"]) == ("classify", "en", 3547)
    assert hoc["test"] == {
        "files": ["hoc/test.tsv"],
        "size": 3,
        "note": "hoc (test) has 3 sentences here, officially 3,547.",
    }
    assert "dev.tsv" in hoc["dev"]["missing"]
    assert rows["chinaxiv-title"]["test"] == {}


def test_the_table_has_a_line_a_set_and_says_where_to_get_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sets", "--data", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    (line,) = [line for line in lines if line.startswith("biored ")]
    assert line.split() == ["biored", "entities", "en", "100", "abstracts", "missing", "missing"]
    assert any(line.startswith("bc5cdr-chem, bc5cdr-dise, bc5cdr-re: BioCreative V") for line in lines)


def test_a_corrupt_file_is_named_with_its_line_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "CDR_TestSet.PubTator.txt"
    path.write_text("1|t|Rash.\n1|a|None.\n1\t0\t40\tRash\tDisease\tD1\n", encoding="utf-8")
    assert main(["sets", "--data", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert f"{path}:3: " in err
    assert len(err.splitlines()) == 1
    (line,) = [line for line in out.splitlines() if line.startswith("bc5cdr-dise ")]
    assert line.split()[5] == "corrupt"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sets", "--data", str(tmp_path / "none")]) == 2
    assert "There is no folder" in capsys.readouterr().err
