"""The specialists that come with the app: they load, answer on their own kind of text, and keep their promises."""

from __future__ import annotations

import pytest

from taiyi.config import BUNDLED_SPECIALISTS
from taiyi.labels import concepts
from taiyi.predictors.base import answer
from taiyi.predictors.specialist import SpecialistPredictor, load_specialists
from taiyi.predictors.split import SplitPredictor, assign
from taiyi.tasks.request import make_request

TEXTS = {
    "en": "A girl of 12 developed nausea after 1,2-dichloroethane; IL-2 and TP53 c.215C>G were seen in HeLa cells.",
    "zh": "患者12岁，接触1,2-二氯乙烷后出现恶心、咳嗽，行胸部ＣＴ检查，诊断为𠮷氏肺炎，予阿莫西林治疗。",
}
HARD = ["😀", "\u200f\u200e", "a\r\n\r\nb", "x" * 3000, "头痛" * 2000, "İL-2 ＣＯＸ－２ 𠮷", "(((;:,", "\x00\x07 a"]
SPECIALISTS = {specialist.folder.name: specialist for specialist in load_specialists(BUNDLED_SPECIALISTS)}


@pytest.fixture(params=sorted(SPECIALISTS))
def specialist(request: pytest.FixtureRequest) -> SpecialistPredictor:
    return SPECIALISTS[request.param]


def labels_of(specialist: SpecialistPredictor) -> list[str]:
    """As a person of its language would ask for them."""
    if specialist.card.task == "entities":
        names = {concept.id: concept.names for concept in concepts()}
        return [names[concept][specialist.card.lang] for concept in specialist.card.labels.values()]
    return [names[specialist.card.lang] for names in specialist.card.labels.values()]


@pytest.mark.parametrize("hard", [None, *HARD])
def test_any_text_is_read_and_what_is_found_stands_there(specialist: SpecialistPredictor, hard: str | None) -> None:
    card = specialist.card
    text = TEXTS[card.lang] if hard is None else hard
    labels = labels_of(specialist)
    lang = card.lang
    pair = f"1 {text}" if card.task == "similarity" else ""
    request = make_request(card.task, f"{text} 1", labels=labels, lang=lang, text_lang=lang, multi=True, text_b=pair)
    assert specialist.supports(request)
    document = answer(specialist, request).document
    assert document.text == f"{text} 1"
    items = document.relations if card.task == "relations" else (*document.entities, *document.labels)
    assert {getattr(item, "label", None) or getattr(item, "name", None) for item in items} <= set(labels)
    assert all(item.score is not None and 0 <= item.score <= 1 for item in items)


def test_an_ordinary_text_has_entities_in_both_languages() -> None:
    for lang, text in TEXTS.items():
        request = make_request("entities", text, labels=["Disease", "疾病"], text_lang=lang)
        assert SPECIALISTS[f"entities-{lang}"].supports(request)
        full = make_request("entities", text, labels=labels_of(SPECIALISTS[f"entities-{lang}"]), text_lang=lang)
        assert answer(SPECIALISTS[f"entities-{lang}"], full).document.entities


def test_every_card_says_what_was_measured(specialist: SpecialistPredictor) -> None:
    """Something between 0 and 1, on so many texts."""
    assert specialist.card.scores
    for score in specialist.card.scores:
        assert 0 <= score.value <= 1
        assert score.n > 0
    assert specialist.card.name("en")
    assert specialist.card.name("zh")
    assert (specialist.folder / "README.md").is_file()


def test_labels_are_given_to_those_that_know_them() -> None:
    """Chemical to the specialist; Plant, which nobody was trained for, to nobody without a language model."""
    known = make_request("entities", TEXTS["en"], labels=["Chemical"])
    assert assign(known, list(SPECIALISTS.values()), None) is SPECIALISTS["entities-en"]
    mixed = make_request("entities", TEXTS["en"], labels=["Chemical", "Plant"])
    assert assign(mixed, list(SPECIALISTS.values()), None) is None
    shared = assign(mixed, list(SPECIALISTS.values()), SPECIALISTS["entities-zh"])
    assert isinstance(shared, SplitPredictor)
