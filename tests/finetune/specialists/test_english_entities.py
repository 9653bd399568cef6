"""The recipe of the English reader on a corpus of a few sentences: tags, training, calibration and cards."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from finetune.specialists.averaging import TrainingSettings, batches
from finetune.specialists.corpus_parts import Parts
from finetune.specialists.english_entities import CONFIG_FILE, finish, tagged_windows, tags_of, train_network
from taiyi.card import read_card
from taiyi.document import Document, Entity, Span
from taiyi.predictors.base import answer
from taiyi.predictors.readers.token_input import READERS
from taiyi.predictors.readers.token_network import EncoderConfig
from taiyi.predictors.specialist import load_specialists
from taiyi.tasks.request import make_request

HEAD = {"name": "bc5cdr", "labels": ["Chemical", "Disease"]}
WORDS = ["zinc", "nausea", "the", "caused"]
WIDTHS = (4, 4, 4, 4, 4)


def document(text: str, *mentions: tuple[str, str]) -> Document:
    """Each (label, surface) where it first stands."""
    spans = [(label, text.index(surface), text.index(surface) + len(surface)) for label, surface in mentions]
    return Document("d", "en", text, tuple(Entity(f"T{n}", la, (Span(s, e),)) for n, (la, s, e) in enumerate(spans)))


def test_mentions_become_tags_and_the_longer_of_two_nested_ones_stays() -> None:
    """Tokens: metabolic acidosis after 1 , 2 - dichloroethane: begin 5, end 7 of Disease; begin 1, inside 2, end 3 of
    Chemical; `acidosis` lies in the longer mention and is lost, as is `chloro`, which cuts a token."""
    gold = document(
        "metabolic acidosis after 1,2-dichloroethane",
        ("Disease", "metabolic acidosis"),
        ("Disease", "acidosis"),
        ("Chemical", "1,2-dichloroethane"),
        ("Chemical", "chloro"),
    )
    tags, lost = tags_of(gold, READERS["en"]([])(gold.text), HEAD["labels"])
    assert tags.tolist() == [5, 7, 0, 1, 2, 2, 2, 3]
    assert lost == 2


def test_windows_cover_every_token_once() -> None:
    gold = document("Zinc caused nausea. " * 40)
    windows = tagged_windows([gold], HEAD, READERS["en"](WORDS), 16)
    assert sum(len(window.tokens) for window in windows) == len(READERS["en"]([])(gold.text))
    assert all(len(window.tokens) <= 16 for window in windows)


def test_batches_hold_every_row_once_and_one_kind_each() -> None:
    import random

    rows = [("a", n) for n in range(1, 40)] + [("b", n) for n in range(1, 30)]
    groups = list(batches(rows, lambda r: r[0], lambda r: r[1], 100, random.Random(1)))
    assert sorted(row for group in groups for row in group) == sorted(rows)
    assert all(len({kind for kind, _ in group}) == 1 for group in groups)
    assert all(len(group) * max(n for _, n in group) <= 100 or len(group) == 1 for group in groups)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A specialist that has learnt one sentence by heart."""
    folder = tmp_path_factory.mktemp("specialists") / "entities-en"
    documents = [
        document(f"The zinc caused nausea {n}.", ("Chemical", "zinc"), ("Disease", "nausea")) for n in range(8)
    ]
    read = READERS["en"](WORDS)
    config = EncoderConfig("en", len(WORDS), 6, WIDTHS, char_width=4, char_features=6, hidden=8)
    settings = TrainingSettings(epochs=150, batch_tokens=60, learn_rate=0.02, dropout=0.0, unseen=0.0, average=0.5)
    windows = tagged_windows(documents, HEAD, read, 32)
    network = train_network(windows, [HEAD], config, np.ones((4, 6), np.float32), settings, seed=1)
    parts = {"bc5cdr": Parts(tuple(documents), tuple(documents), {"documents": 8})}
    card = {"encoder": config.to_dict(), "window_tokens": 32, "heads": [HEAD], "seed": 1}
    recipe = yaml.safe_load(CONFIG_FILE.read_text(encoding="utf-8"))
    finish(network, WORDS, card, parts, {"bc5cdr": documents}, recipe, folder)
    return folder


def test_what_was_learnt_is_read_by_the_app(made: Path) -> None:
    (specialist,) = load_specialists(made.parent)
    found = answer(specialist, make_request("entities", "The zinc caused nausea 3.", labels=["化学物质", "Disease"]))
    assert [(e.label, found.document.text_of(e.spans)) for e in found.document.entities] == [
        ("化学物质", "zinc"),
        ("Disease", "nausea"),
    ]


def test_the_card_holds_its_scores_and_the_readme_the_licences(made: Path) -> None:
    card = read_card(made)
    values = {score.metric: score.value for score in card.scores}
    assert values["micro-F1, text and type"] == values["micro-F1 Chemical, text and type"] == 1.0
    assert card.n_parameters
    readme = (made / "README.md").read_text(encoding="utf-8")
    assert "Licence: not stated" in readme
    assert "| bc5cdr | dev | micro-F1, text and type | 1.0000 | 8 |" in readme


def test_one_seed_gives_one_network() -> None:
    documents = [document("The zinc caused nausea.", ("Chemical", "zinc"))]
    windows = tagged_windows(documents, HEAD, READERS["en"](WORDS), 32)
    config = EncoderConfig("en", 4, 6, WIDTHS, char_width=4, char_features=6, hidden=8)
    one, two = (
        train_network(windows, [HEAD], config, np.ones((4, 6), np.float32), TrainingSettings(epochs=3), seed=7)
        for _ in range(2)
    )
    assert all((a == b).all() for a, b in zip(one.state_dict().values(), two.state_dict().values(), strict=True))
