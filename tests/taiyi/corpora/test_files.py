"""Files found by their official names, unpacked, and what is wrong in them named."""

from __future__ import annotations

import gzip
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taiyi.corpora.files import (
    CorruptError,
    find_file,
    find_files,
    iter_json_lines,
    read_members,
    read_text,
    record_at,
)
from taiyi.errors import FormatError


def put(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shortest_path_comes_first_and_plain_files_before_packed_ones(tmp_path: Path) -> None:
    deep, shallow = put(tmp_path / "a" / "b" / "test.tsv"), put(tmp_path / "z" / "test.tsv")
    packed = put(tmp_path / "b" / "test.tsv.gz")
    put(tmp_path / "z" / "latest.tsv")
    put(tmp_path / "z" / "test.tsv.old")
    assert find_files(tmp_path, "test.tsv") == [shallow, packed, deep]
    assert find_file(tmp_path, "test.tsv") == shallow


def test_a_folder_tells_namesakes_apart_whatever_its_case(tmp_path: Path) -> None:
    put(tmp_path / "gad" / "test.tsv")
    ours = put(tmp_path / "MTL" / "BC5CDR-IOB" / "test.tsv")
    assert find_files(tmp_path, "test.tsv", folder="*bc5cdr*") == [ours]


def test_the_folder_that_is_named_as_data_counts_too_but_none_above_it(tmp_path: Path) -> None:
    ours = put(tmp_path / "hoc" / "data" / "test.tsv")
    assert find_files(tmp_path / "hoc", "test.tsv", folder="hoc") == [ours]
    assert find_files(tmp_path / "hoc" / "data", "test.tsv", folder="hoc") == []


def test_the_first_characters_tell_namesakes_apart_in_packed_files_too(tmp_path: Path) -> None:
    put(tmp_path / "a" / "test.jsonl", '{"question": "Which drug?"}')
    ours = tmp_path / "b" / "test.jsonl.xz"
    ours.parent.mkdir()
    ours.write_bytes(lzma.compress('{"question": "哪种药？"}'.encode()))
    put(tmp_path / "c" / "test.jsonl", "x" * 4000 + "哪")
    assert find_files(tmp_path, "test.jsonl", holds="[一-鿿]") == [ours]


def test_a_missing_file_is_named_with_its_packed_forms(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"no test\.tsv \(or test\.tsv\.xz, test\.tsv\.gz\)"):
        find_file(tmp_path, "test.tsv")


def test_a_text_keeps_its_line_ends_and_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.txt.gz"
    path.write_bytes(gzip.compress("\ufeffa\r\nb\n".encode()))
    assert read_text(path) == "\ufeffa\r\nb\n"


def test_a_wrong_encoding_is_named_with_line_and_byte(tmp_path: Path) -> None:
    """咳 is two bytes in GBK, the first of which (0xbf) begins no character of UTF-8."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\ntwo " + "咳嗽".encode("gbk"))
    with pytest.raises(FormatError, match=r"a\.txt:2: byte 8 \(0xbf\) is not UTF-8"):
        read_text(path)


@pytest.mark.parametrize(("suffix", "pack"), [(".xz", lzma.compress), (".gz", gzip.compress)])
@pytest.mark.parametrize("n_bytes", [5, 60])
def test_half_a_packed_file_is_said_to_be_damaged(
    tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes], n_bytes: int
) -> None:
    path = tmp_path / f"a.txt{suffix}"
    path.write_bytes(pack(bytes(range(256)) * 4)[:n_bytes])
    with pytest.raises(FormatError, match=r"is damaged or cut short"):
        read_text(path)


def test_a_damaged_namesake_is_named_where_its_head_is_looked_at(tmp_path: Path) -> None:
    put(tmp_path / "test.tsv.xz", "not packed")
    with pytest.raises(FormatError, match=r"test\.tsv\.xz is damaged or cut short"):
        find_files(tmp_path, "test.tsv", holds="pox")


def test_members_are_those_that_match_in_the_order_of_their_names(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    for name in ("train/2.txt", "train/1.txt", "test/3.txt"):
        put(folder / name, name)
    with tarfile.open(tmp_path / "corpus.tar.gz", "w:gz") as archive:
        archive.add(folder, "corpus")
    with zipfile.ZipFile(tmp_path / "corpus.zip", "w") as packed:
        for file in folder.rglob("*.txt"):
            packed.write(file, str(file.relative_to(tmp_path)))
    paths = [folder, tmp_path / "corpus.tar.gz", tmp_path / "corpus.zip"]
    assert find_files(tmp_path, "corpus", packed=True) == paths
    for path in paths:
        assert [text for _, text in read_members(path, "*train/*.txt")] == ["train/1.txt", "train/2.txt"]


def test_a_member_in_a_wrong_encoding_is_named_with_its_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "corpus.zip", "w") as packed:
        packed.writestr("in/1.txt", b"\xff")
    with pytest.raises(FormatError, match=r"corpus\.zip/in/1\.txt:1: byte 0 \(0xff\) is not UTF-8"):
        list(read_members(tmp_path / "corpus.zip"))


@pytest.mark.parametrize("name", ["corpus.zip", "corpus.tar.xz"])
def test_a_damaged_archive_is_said_to_be_so(tmp_path: Path, name: str) -> None:
    path = put(tmp_path / name, "not an archive")
    with pytest.raises(FormatError, match=r"is damaged or cut short"):
        list(read_members(path))


def test_json_lines_are_numbered_as_in_the_file_and_a_wrong_one_is_named() -> None:
    lines = iter_json_lines('\ufeff{"a": 1}\r\n\n{"a": 2}\n{"a":\n')
    assert [next(lines), next(lines)] == [(1, {"a": 1}), (3, {"a": 2})]
    with pytest.raises(CorruptError) as raised:
        next(lines)
    assert raised.value.place == 4


@pytest.mark.parametrize(
    ("take", "said"),
    [
        (lambda record: record["label"], "the record has no 'label'"),
        (lambda record: record["text"]["start"], "the record has not the shape"),
        (lambda record: int(record["text"]), "the record has not the shape"),
    ],
)
def test_what_a_record_lacks_is_named_at_its_place_in_the_file(take: Callable[[Any], object], said: str) -> None:
    with pytest.raises(CorruptError, match=said) as raised, record_at("record 3"):
        take({"text": "pox"})
    assert str(raised.value.in_file("a.json")).startswith("a.json, record 3: the record")
