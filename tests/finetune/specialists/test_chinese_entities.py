"""The whole recipe on a corpus of a few dozen sentences made here: it ends in a folder that the product reads."""

import json
from pathlib import Path

import pytest
import yaml

from finetune.overlap import segment_hashes
from finetune.specialists.chinese_corpora import read_cmeee
from finetune.specialists.chinese_entities import spans_of, train, vocabulary
from taiyi.card import read_card
from taiyi.predictors.base import answer
from taiyi.predictors.specialist import SpecialistPredictor
from taiyi.tasks.base import Request

LEAKED = "这个句子足够长因而可以用指纹认出来"
ORGANS, ILLS = "肝肺胃肾脑心", ("炎", "癌", "囊肿")


def corpus() -> list[dict[str, object]]:
    """Sentences of one form, a disease with the body part inside it; one is a leak, one is there twice."""
    rows: list[dict[str, object]] = []
    for day in range(1, 13):
        for organ in ORGANS:
            ill = ILLS[day % 3]
            text = f"第{day}天确诊{organ}{ill}，予以治疗。"
            start = text.index(organ)
            end = start + len(ill)
            rows.append(
                {
                    "text": text,
                    "entities": [
                        {"start_idx": start, "end_idx": end, "type": "dis", "entity": text[start : end + 1]},
                        {"start_idx": start, "end_idx": start, "type": "bod", "entity": organ},
                        {"start_idx": 0, "end_idx": -1, "type": "dis", "entity": ""},
                    ],
                }
            )
    return [*rows, rows[0], {"text": LEAKED, "entities": []}]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("CMeEE_train.json", "CMeEE-V2_train.decoded.json"):
        (folder / name).write_text(json.dumps(corpus(), ensure_ascii=False), encoding="utf-8")
    hashes = "".join(f"cmeee\t{digest}\n" for digest in segment_hashes(LEAKED))
    (folder / "test_fingerprints.tsv").write_text(hashes, encoding="utf-8")
    (folder / "names.csv").write_text("name,part\n肝囊肿、脑瘤,肝 脑\n", encoding="utf-8")
    return folder


@pytest.fixture
def config(tmp_path: Path) -> Path:
    settings = {
        "labels": ["Body", "Disease"],
        "seed": 1,
        "window_chars": 32,
        "max_name_chars": 6,
        "n_chars": 80,
        "network": {
            "n_bigrams": 64,
            "char_width": 16,
            "bigram_width": 8,
            "width": 32,
            "dilations": [1],
            "head_width": 8,
            "max_mention_chars": 8,
        },
        "pretraining": {"minutes": 0.01, "batch_chars": 256},
        "training": {"minutes": 0.03, "batch_chars": 256},
        "texts": [{"corpus": "cmeee"}],
        "kinds": ["disease", "body"],
        "names": [{"table": "names.csv", "kinds": {"name": "disease", "part": "body"}}],
    }
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return path


def test_repeated_and_leaked_texts_and_empty_mentions_are_left_out(data: Path) -> None:
    texts = read_cmeee(data)
    assert LEAKED not in {a.text for a in texts}
    assert len(texts) == len({a.text for a in texts}) == 12 * len(ORGANS)
    assert all(len(a.mentions) == 2 and a.mentions == a.mentions_v2 for a in texts)


def test_the_recipe_ends_in_a_folder_that_the_product_reads(data: Path, config: Path, tmp_path: Path) -> None:
    out, work = tmp_path / "entities", tmp_path / "work"
    train(data, out, config=config, work_dir=work)
    card = read_card(out)
    assert "右下腹" in (out / "README.md").read_text(encoding="utf-8")
    assert {score.n for score in card.scores} == {sum(a.part == "report" for a in read_cmeee(data))}
    request = Request("entities", "第3天确诊肝炎。", "zh", "zh", ("疾病", "身体"))
    predictor = SpecialistPredictor(out, card)
    assert predictor.supports(request)
    assert answer(predictor, request).document.text == request.text


def test_a_stage_that_is_done_is_not_done_again(data: Path, config: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    train(data, tmp_path / "first", config=config, work_dir=work)
    written = (work / "network.pt").stat().st_mtime_ns
    train(data, tmp_path / "second", config=config, work_dir=work)
    assert (work / "network.pt").stat().st_mtime_ns == written
    assert (tmp_path / "first" / "taiyi.yaml").read_bytes() == (tmp_path / "second" / "taiyi.yaml").read_bytes()


def test_spans_name_their_last_character() -> None:
    assert spans_of([("乙", 3, 5), ("甲", 0, 1)], ["甲", "乙"]).tolist() == [[0, 0, 0], [1, 3, 4]]


def test_characters_of_the_training_texts_come_before_frequent_ones_of_raw_text() -> None:
    assert vocabulary(["丙丙丙丁Ａ", "丁"], ["乙甲a"], 4) == ["a", "乙", "甲", "丙"]
