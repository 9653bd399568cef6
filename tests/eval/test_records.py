"""A run's folder survives a kill at any byte, and what is wrong in it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.records import RecordFile, check_same, read_json, write_json
from taiyi.errors import FormatError, InputError


def written(folder: Path, *ids: str) -> RecordFile:
    with RecordFile(folder, "cmeee") as file:
        for id in ids:
            file.append({"id": id, "reply": "药物：阿司匹林\n"})
    return file


def test_records_come_back_in_their_order_and_each_is_there_as_soon_as_it_is_made(tmp_path: Path) -> None:
    with RecordFile(tmp_path / "new", "cmeee") as file:
        file.append({"id": "b", "reply": "药物：阿司匹林\n"})
        assert [record["reply"] for record in file.read()] == ["药物：阿司匹林\n"]
        file.append({"id": "a"})
    assert [record["id"] for record in RecordFile(tmp_path / "new", "cmeee").read()] == ["b", "a"]


def test_a_file_cut_at_any_byte_keeps_its_whole_lines_and_goes_on_after_them(tmp_path: Path) -> None:
    whole = written(tmp_path, "1", "2").path.read_bytes()
    first = whole.index(b"\n") + 1
    for length in range(len(whole) + 1):
        (tmp_path / "cmeee.jsonl").write_bytes(whole[:length])
        kept = ["1"] * (length >= first) + ["2"] * (length == len(whole))
        assert [record["id"] for record in RecordFile(tmp_path, "cmeee").read()] == kept
        assert [record["id"] for record in written(tmp_path, "9").read()] == [*kept, "9"]


def test_no_file_is_no_records(tmp_path: Path) -> None:
    assert list(RecordFile(tmp_path, "cmeee").read()) == []


@pytest.mark.parametrize("line", ["not json", "[1]", '{"reply": ""}'])
def test_a_line_that_is_no_record_is_named(tmp_path: Path, line: str) -> None:
    path = written(tmp_path, "1").path
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    with pytest.raises(FormatError, match=r"cmeee\.jsonl:2: this is not a record"):
        list(RecordFile(tmp_path, "cmeee").read())


def test_an_id_that_comes_twice_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"cmeee\.jsonl:3: the id 1 has a record already"):
        list(written(tmp_path, "1", "2", "1").read())


def test_settings_that_differ_are_refused_by_name(tmp_path: Path) -> None:
    check_same(tmp_path, {"seed": 1}, {"seed": 1, "split": "dev"}, ("seed", "split"))
    with pytest.raises(InputError, match="holds a run with seed 1, not 2"):
        check_same(tmp_path, {"seed": 1}, {"seed": 2}, ("seed",))


def test_json_files_are_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    write_json(path, {"name": "太一"})
    write_json(path, {"name": "nano"})
    assert read_json(path) == {"name": "nano"}
    assert [file.name for file in tmp_path.iterdir()] == ["run.json"]


def test_a_file_that_is_no_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"name": ', encoding="utf-8")
    with pytest.raises(FormatError, match=r"run\.json: this is not JSON"):
        read_json(tmp_path / "run.json")
