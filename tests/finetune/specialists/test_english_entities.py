"""The recipe of the English reader on a corpus of a few sentences: tags, training, calibration and cards."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch
import yaml

from finetune.specialists.averaging import TrainingSettings, batches
from finetune.specialists.corpus_parts import Parts
from finetune.specialists.english_entities import (
    CONFIG_FILE,
    Lessons,
    kept_weights,
    lessons_of,
    new_network,
    scored_card,
    settings_of,
    train_network,
    write,
)
from finetune.specialists.token_windows import tagged_windows, tags_of
from taiyi.card import read_card
from taiyi.document import Document, Entity, Span
from taiyi.predictors.base import answer
from taiyi.predictors.readers.token_input import READERS
from taiyi.predictors.readers.token_network import Encoder, EncoderConfig, Tagger
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
    rows = [("a", n) for n in range(1, 40)] + [("b", n) for n in range(1, 30)]
    groups = list(batches(rows, lambda r: r[0], lambda r: r[1], 100, random.Random(1)))
    assert sorted(row for group in groups for row in group) == sorted(rows)
    assert all(len({kind for kind, _ in group}) == 1 for group in groups)
    assert all(len(group) * max(n for _, n in group) <= 100 or len(group) == 1 for group in groups)


CONFIG = yaml.safe_load(CONFIG_FILE.read_text(encoding="utf-8")) | {
    "window_tokens": 32,
    "heads": [HEAD],
    "helpers": [{"name": "drugprot", "labels": ["Gene"], "weight": 1}],
}


def encoder() -> Encoder:
    config = EncoderConfig("en", len(WORDS), 6, WIDTHS, char_width=4, char_features=6, hidden=8)
    return Encoder(config)


def trained(documents: list[Document], settings: TrainingSettings, seed: int) -> Tagger:
    network = new_network(encoder(), CONFIG, seed)
    lessons = lessons_of({"bc5cdr": documents, "drugprot": documents[:0]}, CONFIG, WORDS)
    return train_network(network, lessons, settings, seed)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A specialist that has learnt one sentence by heart."""
    folder = tmp_path_factory.mktemp("specialists") / "entities-en"
    documents = [
        document(f"The zinc caused nausea {n}.", ("Chemical", "zinc"), ("Disease", "nausea")) for n in range(8)
    ]
    settings = TrainingSettings(epochs=150, batch_tokens=60, learn_rate=0.02, dropout=0.0, unseen=0.0, average=0.5)
    network = trained(documents, settings, seed=1)
    parts = {"bc5cdr": Parts(tuple(documents), tuple(documents), {"documents": 8})}
    fitted = settings_of(network, parts, CONFIG, WORDS, seed=1)
    write(network, WORDS, *scored_card(network, fitted, parts, {"bc5cdr": documents}, CONFIG, WORDS), folder)
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
    torch.manual_seed(3)
    start = encoder().state_dict()
    one, two = (
        train_network(
            new_network(loaded(start), CONFIG, 7),
            lessons_of({"bc5cdr": documents, "drugprot": []}, CONFIG, WORDS),
            TrainingSettings(epochs=3),
            7,
        )
        for _ in range(2)
    )
    assert all((a == b).all() for a, b in zip(one.state_dict().values(), two.state_dict().values(), strict=True))


def loaded(state: dict[str, torch.Tensor]) -> Encoder:
    network = encoder()
    network.load_state_dict(state)
    return network


def test_layers_of_helpers_are_not_kept() -> None:
    names = kept_weights(new_network(encoder(), CONFIG, 1), CONFIG["heads"])
    assert {name.split(".")[1] for name in names if name.startswith("heads.")} == {"bc5cdr"}
    assert "encoder.vectors" in names


def test_of_a_helper_about_as_many_tokens_are_read_as_are_due() -> None:
    """Ten windows of four tokens, of which twelve tokens are due: three windows an epoch, other ones each time."""
    gold = document("zinc . " * 20)
    windows = tagged_windows([gold], HEAD, READERS["en"](WORDS), 4)
    lessons = Lessons(windows[:1], [(windows, 12.0)])
    rng = random.Random(1)
    first, second = lessons.epoch(rng), lessons.epoch(rng)
    assert [len(first), len(second)] == [4, 4]
    assert first[0] is second[0] is windows[0]
    assert first != second


def test_helpers_share_their_tokens_by_weight() -> None:
    """The scheme has 6 tokens; helpers of weight 1 and 3 bring one token for each of them: 1.5 and 4.5."""
    config = CONFIG | {
        "helpers": [
            {"name": "a", "labels": ["Gene"], "weight": 1},
            {"name": "b", "labels": ["Gene"], "weight": 3},
        ]
    }
    plain = [document("zinc was given, they say")]
    assert len(READERS["en"](WORDS)(plain[0].text)) == 6
    lessons = lessons_of({"bc5cdr": plain, "a": plain, "b": plain}, config, WORDS)
    assert [n_tokens for _, n_tokens in lessons.samples] == [1.5, 4.5]
