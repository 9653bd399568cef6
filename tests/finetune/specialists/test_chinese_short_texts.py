"""What the encoder of short Chinese texts reads, on corpora of a few lines."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest

from finetune.overlap import segment_hashes
from finetune.specialists.chinese_short_texts import (
    Pretrained,
    iter_short_texts,
    known_chars,
    network_config,
    pieces_of,
    reported_texts,
)
from taiyi.corpora.parts import part_of

LEAKED = "这个句子足够长因而可以用指纹认出来"
SETTINGS = {"labelled": ["kuake_qic", "chip_sts"], "sources": ["zh_medical_dialogue_qa"]}


def first(part: str) -> str:
    """A made-up query that falls into this part."""
    return next(text for n in range(1000) if part_of(text := f"第{n}种药怎么吃") == part)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    queries = [first("train"), first("report"), LEAKED]
    rows = [{"id": f"s{n}", "query": query, "label": "其他"} for n, query in enumerate(queries)]
    (tmp_path / "KUAKE-QIC_train.json").write_text(json.dumps(rows), encoding="utf-8")
    pair = {"id": "1", "text1": first("report"), "text2": "同一对的另一句", "label": "1"}
    seen_pair = {"id": "2", "text1": first("tune"), "text2": first("train"), "label": "0"}
    (tmp_path / "CHIP-STS_train.json").write_text(json.dumps([pair, seen_pair]), encoding="utf-8")
    (tmp_path / "raw").mkdir()
    said = [{"content": "头痛。\n同一对的另一句"}, {"content": "多休息！"}]
    line = json.dumps({"messages": said}, ensure_ascii=False)
    (tmp_path / "raw" / "zh_medical_dialogue_qa.jsonl.xz").write_bytes(lzma.compress(line.encode()))
    hashes = "".join(f"cmeee\t{digest}\n" for digest in segment_hashes(LEAKED))
    (tmp_path / "test_fingerprints.tsv.xz").write_bytes(lzma.compress(hashes.encode()))
    return tmp_path


def test_texts_come_once_and_none_that_is_reported_on_or_leaks(data_dir: Path) -> None:
    """The second text of a reported pair stands in the dialogue, too: it is not read there either."""
    assert list(iter_short_texts(SETTINGS, data_dir)) == [first("train"), first("tune"), "头痛。", "多休息！"]


def test_both_texts_of_a_reported_pair_are_reported_texts(data_dir: Path) -> None:
    assert reported_texts(["chip_sts"], data_dir) == {first("report"), "同一对的另一句"}


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("甲。乙。丙丙丙。", ["甲。乙。", "丙丙丙。"]),
        ("甲乙丙丁戊己。庚", ["甲乙丙丁", "庚"]),
        ("没有句末", ["没有句末"]),
        ("", []),
    ],
)
def test_pieces_are_whole_sentences_up_to_the_limit(text: str, pieces: list[str]) -> None:
    assert list(pieces_of(text, 4)) == pieces


def test_frequent_characters_are_known_whatever_their_width() -> None:
    assert known_chars(["ＣＴ检查", "ct", "检"], 2) == ("c", "t", "检")


def test_sizes_go_to_the_card_as_plain_values() -> None:
    sizes = {"n_bigrams": 8, "char_width": 4, "bigram_width": 2, "width": 4, "dilations": [1, 2]}
    config = network_config(sizes, 5)
    assert config.n_chars == 8
    assert config.dilations == (1, 2)
    assert Pretrained((), config, {}).sizes().items() >= sizes.items()
