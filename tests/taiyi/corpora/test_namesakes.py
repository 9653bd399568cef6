"""Corpora whose files have the same name are told apart by what the files hold, in whatever folders they lie."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from taiyi.corpora import corpus_names, find_corpus, read_corpus
from taiyi.errors import FormatError

Put = Callable[..., Path]

MENTIONS = {
    "cmedqaner": {"text": "头痛", "mention_data": [{"mention": "头痛", "guid": "g", "type": "symptom", "offset": "0"}]},
    "cehrner": {"text": "肺癌术后", "mention_data": [{"mention": "肺癌", "label": "疾病和诊断", "offset": "0"}]},
}


@pytest.mark.parametrize(("name", "label"), [("cmedqaner", "临床表现"), ("cehrner", "疾病和诊断")])
def test_two_chinese_corpora_of_mentions(put: Put, name: str, label: str) -> None:
    for n, (other, record) in enumerate(MENTIONS.items()):
        folder = put(f"{n}/train.json", [record], lines=True)
        assert find_corpus(other, "train", folder) == [folder / str(n) / "train.json"]
    (example,) = read_corpus(name, "train", folder)
    assert [entity.label for entity in example.gold.entities] == [label]


def test_pairs_beside_tags_of_characters(put: Put) -> None:
    put("a/train.txt", "头 B_symptom\n痛 I_symptom\n")
    folder = put("b/b/train.txt", "1\t头痛怎么办\t头疼怎么治\n0\t头痛\t脚痛\n")
    first, second = read_corpus("cmedqq", "train", folder)
    assert (first.request.text_b, first.gold.labels[0].name) == ("头疼怎么治", "语义相同")
    assert second.gold.labels[0].name == "语义不相同"


def test_a_namesake_alone_is_not_taken_for_the_corpus(put: Put) -> None:
    folder = put("hoc/test.tsv", "pair_id\tsent1\tsent2\tscore\n0\tA .\tB .\t1.0\n")
    for name in ("hoc", "litcovid", "medqa_us_5", "medqa_mcmle"):
        with pytest.raises(FormatError) as raised:
            list(read_corpus(name, "test", folder))
        assert raised.value.code == "corpus_missing"


@pytest.mark.data
def test_no_file_at_hand_is_read_as_two_corpora(data_dir: Path) -> None:
    """But rows that share files on purpose: two annotations or two tasks of one file."""
    shared = {"bc5cdr_cid", "biored_relations", "ddi13_entities", "tico19_zh", "cmeie_texts"}
    owners: dict[Path, str] = {}
    for name in corpus_names():
        if name in shared or name.endswith("_coreference"):
            continue
        try:
            files = find_corpus(name, "train", data_dir)
        except FormatError:
            continue
        for file in files:
            assert owners.setdefault(file, name) == name
