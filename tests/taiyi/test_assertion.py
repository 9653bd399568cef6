"""Negation and certainty: what cues reach, and what ends their reach."""

from __future__ import annotations

import pytest
import yaml

from taiyi.assertion import FOLDER, asserted, cue_table
from taiyi.document import ATTRIBUTES, Document, Entity, Span
from taiyi.language import LANGUAGES


def attributes(text: str, *mentions: str, lang: str = "en") -> dict[str, tuple[str, ...]]:
    """The attributes of the first place of each mention."""
    places = [Span(text.index(mention), text.index(mention) + len(mention)) for mention in mentions]
    entities = tuple(Entity(f"T{n}", "x", (place,)) for n, place in enumerate(places))
    found = asserted(Document("d", lang, text, entities))
    return {found.text_of(entity.spans): entity.attributes for entity in found.entities}


@pytest.mark.parametrize(
    ("text", "mention", "expected"),
    [
        ("She denied chest pain.", "chest pain", ("negated",)),
        ("No fever, cough or rash was noted.", "rash", ("negated",)),
        ("Pulmonary embolism was ruled out.", "Pulmonary embolism", ("negated",)),
        ("Tumour cells were not seen.", "Tumour", ("negated",)),
        ("Possible pneumonia in the left lobe.", "pneumonia", ("uncertain",)),
        ("Appendicitis cannot be excluded.", "Appendicitis", ("uncertain",)),
        ("Admitted to rule out sepsis.", "sepsis", ("uncertain",)),
        ("She had no fever but complained of headache.", "headache", ()),
        ("No fever. Headache persisted.", "Headache", ()),
        ("There was no change in her asthma.", "asthma", ()),
        ("The drug did not affect blood pressure or tremor.", "tremor", ()),
        ("Notable hypertension.", "hypertension", ()),
        ("NO\nevidence of  stroke.", "stroke", ()),
    ],
)
def test_an_english_cue_acts_within_its_scope(text: str, mention: str, expected: tuple[str, ...]) -> None:
    assert attributes(text, mention) == {mention: expected}


@pytest.mark.parametrize(
    ("text", "mention", "expected"),
    [
        ("患者无发热、咳嗽。", "咳嗽", ("negated",)),
        ("否认高血压、糖尿病病史。", "糖尿病", ("negated",)),
        ("墨菲征阴性。", "墨菲征", ("negated",)),
        ("病理征（-）。", "病理征", ("negated",)),
        ("考虑肺炎可能。", "肺炎", ("uncertain",)),
        ("肺结核待排。", "肺结核", ("uncertain",)),
        ("不能排除胆囊炎。", "胆囊炎", ("uncertain",)),
        ("有发热吗？", "发热", ("uncertain",)),
        ("无咳嗽，有头痛。", "头痛", ()),
        ("无明显诱因出现腹痛。", "腹痛", ()),
        ("双下肢无力，发热。", "发热", ()),
        ("无咳嗽。头痛三天。", "头痛", ()),
    ],
)
def test_a_chinese_cue_acts_within_its_scope(text: str, mention: str, expected: tuple[str, ...]) -> None:
    assert attributes(text, mention, lang="zh") == {mention: expected}


def test_a_cue_inside_a_mention_says_nothing() -> None:
    assert attributes("诊断无痛性甲状腺炎、甲亢。", "无痛性甲状腺炎", "甲亢", lang="zh") == {
        "无痛性甲状腺炎": (),
        "甲亢": (),
    }
    found = attributes("It was absent breath sounds with wheeze.", "absent breath sounds", "wheeze")
    assert found == {"absent breath sounds": (), "wheeze": ()}


def test_a_text_without_a_sentence_end_is_one_sentence_with_a_limited_reach() -> None:
    text = "no fever " + "and so on " * 12 + "cough"
    assert attributes(text, "fever", "cough") == {"fever": ("negated",), "cough": ()}


def test_a_mention_in_pieces_is_judged_by_its_outer_ends() -> None:
    entity = Entity("T1", "x", (Span(3, 7), Span(13, 18)))
    found = asserted(Document("d", "en", "No left or right edema.", (entity,)))
    assert found.entities[0].attributes == ("negated",)


def test_what_was_said_before_is_replaced() -> None:
    document = Document("d", "en", "Fever.", (Entity("T1", "x", (Span(0, 5),), attributes=("negated",)),))
    assert asserted(document).entities[0].attributes == ()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_cue_stands_under_two_attributes_of_one_side_and_none_is_also_pseudo(lang: str) -> None:
    rows = yaml.safe_load((FOLDER / f"{lang}.yaml").read_text(encoding="utf-8"))
    for side in ("before", "after"):
        words = [word for attribute in ATTRIBUTES for word in rows[attribute][side]]
        assert len(words) == len(set(words))
        assert not set(words) & set(rows["pseudo"])
    assert all(isinstance(word, str) and word == word.lower() for word in cue_table(lang).meanings_by_word)
