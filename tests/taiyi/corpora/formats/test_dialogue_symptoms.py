"""CMDD: symptoms of a dialogue with their places in the whole of it, and whether they hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taiyi.corpora import read_corpus
from taiyi.errors import FormatError

Put = Callable[..., Path]


def turn(speaker: str, sentence: str, tags: str, *kinds: str) -> dict[str, Any]:
    return {"speaker": speaker, "sentence": sentence, "label": tags, "normalized": [], "type": list(kinds)}


DIALOGUE = {
    "data-split": "train",
    "example-id": "77",
    "dialogue-content": [
        turn("患者", "𠮷吉咳嗽，不发烧", "OOBIOOBI", "1", "2"),
        turn("医生", "咳痰吗", "BIO", "3"),
    ],
}


def test_places_count_over_the_whole_dialogue_and_kinds_become_attributes(put: Put) -> None:
    """患者： is three characters, 𠮷 one: 咳嗽 at 3 + 2; the second line begins at 12, its sentence at 15."""
    (example,) = read_corpus("cmdd", "train", put("train.jsonl", [DIALOGUE], lines=True))
    gold = example.gold
    assert (example.id, gold.text) == ("77", "患者：𠮷吉咳嗽，不发烧\n医生：咳痰吗")
    assert [(gold.text_of(e.spans), e.start, e.attributes) for e in gold.entities] == [
        ("咳嗽", 5, ()),
        ("发烧", 9, ("negated",)),
        ("咳痰", 15, ("uncertain",)),
    ]


def test_a_symptom_may_begin_with_i_and_without_its_number_stays_open(put: Put) -> None:
    content = [turn("患者", "烧咳", "IB", "2")]
    folder = put("train.jsonl", [DIALOGUE | {"dialogue-content": content}], lines=True)
    (example,) = read_corpus("cmdd", "train", folder)
    assert [(e.start, e.attributes) for e in example.gold.entities] == [(3, ()), (4, ())]


def test_the_release_of_a_file_a_dialogue_gives_the_same(put: Put) -> None:
    put("one/train.jsonl", [DIALOGUE], lines=True)
    put("other/CMDD/dev/dev_0.json", DIALOGUE | {"example-id": "78"})
    folder = put("other/CMDD/train/train_0.json", DIALOGUE)
    joined, apart = (list(read_corpus("cmdd", "train", folder / name)) for name in ("one", "other"))
    assert joined == apart


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([turn("患者", "咳嗽", "B", "1")], "'咳嗽' has 2 characters, but 1 tags"),
        ([{"speaker": "患者", "sentence": "好"}], "the record has no 'label'"),
    ],
)
def test_a_corrupt_dialogue_is_named(put: Put, content: list[object], said: str) -> None:
    folder = put("train.jsonl", [DIALOGUE, DIALOGUE | {"dialogue-content": content}], lines=True)
    with pytest.raises(FormatError, match=r"train\.jsonl:2: ") as raised:
        list(read_corpus("cmdd", "train", folder))
    assert said in str(raised.value)


@pytest.mark.data
def test_the_real_dialogues_are_read_whole(data_dir: Path) -> None:
    """1,241 dialogues by the corpus's README; every 2 becomes a negation, and 5,132 - 8 that stand in sentences with
    another number of kinds than symptoms stay open."""
    gold = [example.gold for example in read_corpus("cmdd", "train", data_dir)]
    assert len(gold) == 1241
    kinds = Counter(entity.attributes for document in gold for entity in document.entities)
    assert (kinds[("negated",)], kinds[("uncertain",)]) == (2216, 5124)
