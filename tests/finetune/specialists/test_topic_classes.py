"""The recipe of the topics of articles, on articles that were made up."""

from __future__ import annotations

import csv
import lzma
from pathlib import Path

import pytest
import yaml

from finetune.specialists.__main__ import HERE, NAMES
from finetune.specialists.topic_classes import divided, train_specialist
from taiyi.card import read_card
from taiyi.corpora import corpus_row
from taiyi.corpora.parts import part_of
from taiyi.predictors.base import answer
from taiyi.predictors.specialist import load_specialists
from taiyi.tasks.request import make_request

SETTINGS = HERE / "topics_en.yaml"
CONFIG = yaml.safe_load(SETTINGS.read_text(encoding="utf-8"))
WORDS = {"Treatment": "a drug that helps", "Case Report": "one rare patient"}


def write(path: Path, numbers: range, title: str) -> None:
    """Articles under these numbers; every second one is of either topic."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["pmid", "title", "abstract", "label"])
        for n in numbers:
            topic = list(WORDS)[n % 2]
            rows.writerow([n, title, f"Article {n} tells of {WORDS[topic]}.", topic])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three editions; in the second stand thirty articles of the first, in the third thirty of the second."""
    folder = tmp_path_factory.mktemp("data")
    write(folder / "BC7-LitCovid-Train.csv", range(1, 121), "The whole")
    write(folder / "nid989_detach_VAL_df.csv", range(91, 151), "Whole")
    write(folder / "nid989_Intro_rem_data_VAL.csv", range(121, 181), "whole")
    (folder / "test_fingerprints.tsv.xz").write_bytes(lzma.compress(b"set\tsha256_16\n"))
    return folder


def test_an_article_of_several_editions_counts_once_and_never_where_it_is_reported_on(data: Path) -> None:
    parts, reported = divided(CONFIG, data, None)
    assert reported
    assert all(part_of(document.text) == "report" for document in reported)
    ids = [document.id for part in parts.values() for document in (*part.train, *part.tune)]
    ids += [document.id for document in reported]
    assert sorted(map(int, ids)) == list(range(1, 181))
    assert [part.counts["had_before"] for part in parts.values()] == [len(reported), 30, 30]


def test_the_topics_that_words_speak_for_are_named_by_the_app(data: Path, tmp_path: Path) -> None:
    train_specialist(SETTINGS, data, tmp_path / "topics-en", 1, None)
    card = read_card(tmp_path / "topics-en")
    assert {score.metric: score.value for score in card.scores}["micro-F1"] == 1.0
    assert card.settings["seed"] == 1
    (specialist,) = load_specialists(tmp_path)
    labels = corpus_row("litcovid")["labels"]
    for topic, words in WORDS.items():
        request = make_request("classify", f"News of {words}.", labels=labels, text_lang="en", multi=True)
        assert [label.name for label in answer(specialist, request).document.labels] == [topic]


def test_shipped_settings_are_complete() -> None:
    assert CONFIG["command"] in NAMES
    rows = [corpus_row(name) for name in CONFIG["corpora"]]
    assert all(row["labels"] == rows[0]["labels"] and row["lang"] == "en" for row in rows)
    assert set(CONFIG["ngrams"]) == {"rows", "pieces", "penalty"}
