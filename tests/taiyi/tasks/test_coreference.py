"""Coreference: both laws, and how chains are placed in the text and read from other forms."""

from dataclasses import replace
from itertools import islice

import pytest

from taiyi.corpora import corpus_names, corpus_row, read_corpus
from taiyi.document import Document, Entity, Relation, Span
from taiyi.tasks.base import Request
from taiyi.tasks.coreference import COREFERENCE, MAX_MENTIONS, CoreferenceTask, chained, chains

TASK = CoreferenceTask()
EN = (
    "Oestrogen binds its receptor. The oestrogen receptor (ER) is shed; ER, bound, then acts. "
    "Na+/K(+)-ATPase (the pump) stops: it is blocked by 1,2-diol."
)
ZH = "阿司匹林（ASA）可抑制环氧合酶；该药用于退热，ASA亦抑制它。𠮷氏综合征患者慎用该药。"


def request(text: str, lang: str) -> Request:
    return Request("coreference", text, lang, lang)


def gold(text: str, lang: str, *groups: tuple[tuple[str, int], ...]) -> Document:
    """A document with a chain for each group of (name, how many times it stands before)."""
    entities: list[Entity] = []
    relations: list[Relation] = []
    for group in groups:
        ids = []
        for name, n_before in group:
            start = -1
            for _ in range(n_before + 1):
                start = text.index(name, start + 1)
            ids.append(f"T{len(entities)}")
            entities.append(Entity(ids[-1], "", (Span(start, start + len(name)),)))
        relations += chained(ids, len(relations) + 1)
    return Document("text", lang, text, tuple(entities), tuple(relations))


def texts_of(document: Document) -> list[tuple[str, ...]]:
    return [tuple(document.text_of(entity.spans) for entity in chain) for chain in chains(document)]


def places_of(document: Document) -> list[list[int]]:
    return [[entity.start for entity in chain] for chain in chains(document)]


CASES = [
    (EN, "en", [(("oestrogen receptor", 0), ("ER", 0)), (("Na+/K(+)-ATPase", 0), ("the pump", 0), ("it", 1))]),
    (EN, "en", [(("ER", 0), ("ER, bound", 0))]),
    (EN, "en", [(("shed; ER", 0), ("1,2-diol", 0))]),
    (EN, "en", []),
    (ZH, "zh", [(("阿司匹林", 0), ("ASA", 0), ("该药", 0), ("ASA", 1)), (("环氧合酶；该药", 0), ("它", 0))]),
    (ZH, "zh", [(("该药", 0), ("该药", 1)), (("环氧合酶", 0), ("它", 0))]),
    (ZH, "zh", []),
]


@pytest.mark.parametrize(("text", "lang", "groups"), CASES)
def test_what_is_rendered_parses_to_the_same_chains_and_the_grammar_accepts_it(text, lang, groups, accepts):
    asked = request(text, lang)
    document = gold(text, lang, *groups)
    reply = TASK.render(document, asked)
    parsed = TASK.parse(reply, asked)
    assert texts_of(parsed.document) == texts_of(document)
    assert parsed.issues == ()
    assert accepts(TASK.grammar(asked), reply)


def test_the_form_of_a_reply():
    en = gold(EN, "en", (("Na+/K(+)-ATPase", 0), ("the pump", 0)), (("ER", 0), ("ER, bound", 0)))
    assert TASK.render(en, request(EN, "en")) == "ER; ER\\, bound\nNa+/K(+)-ATPase; the pump"
    zh = gold(ZH, "zh", (("阿司匹林", 0), ("该药", 0)))
    assert TASK.render(zh, request(ZH, "zh")) == "阿司匹林；该药"
    assert TASK.render(gold(EN, "en"), request(EN, "en")) == "none"
    assert TASK.render(gold(ZH, "zh"), request(ZH, "zh")) == "无"


NO_CHAINS = ["ER", "ER; ", "ER; oestradiol", "ER; ecepto", "ER; ER\n", "ER, oestrogen receptor", "", "none; ER"]


@pytest.mark.parametrize("reply", [*NO_CHAINS, "; ".join(["ER"] * (MAX_MENTIONS + 1))])
def test_the_grammar_refuses_what_is_no_list_of_grounded_chains(reply, accepts):
    assert not accepts(TASK.grammar(request(EN, "en")), reply)


def test_relations_that_share_a_mention_make_one_chain_whatever_their_order():
    """T1-T2 and T4-T3 are joined by T3-T2."""
    entities = tuple(Entity(f"T{n}", "", (Span(n, n + 1),)) for n in (5, 4, 3, 2, 1))
    pairs = [("T2", "T1"), ("T4", "T3"), ("T3", "T2")]
    relations = [Relation(f"R{n}", COREFERENCE, *pair) for n, pair in enumerate(pairs)]
    others = (Relation("R9", "Binds", "T5", "T4"),)
    document = Document("1", "en", "abcdefgh", entities, (*relations, *others))
    assert [[entity.id for entity in chain] for chain in chains(document)] == [["T1", "T2", "T3", "T4"]]


def test_names_are_placed_after_each_other_and_as_close_together_as_they_stand():
    """`ER` stands after the oestrogen receptor; the `it` meant is the one after the pump, not that in `its`."""
    text = "BMP-6 is old. BMP-6, a cytokine, is new; it acts. It ends."
    [placed] = places_of(TASK.parse("BMP-6; it", request(text, "en")).document)
    assert placed == [text.index("BMP-6,"), text.index("it acts")]
    [named_twice] = places_of(TASK.parse("BMP-6; BMP-6; a cytokine", request(text, "en")).document)
    assert named_twice == [0, text.index("BMP-6,"), text.index("a cytokine")]


def test_names_in_another_order_than_the_text_s_stay_one_chain():
    parsed = TASK.parse("ER; oestrogen receptor", request("The oestrogen receptor (ER).", "en"))
    assert (texts_of(parsed.document), parsed.issues) == ([("oestrogen receptor", "ER")], ())


def test_each_mention_is_the_head_of_a_relation_to_the_one_before_it_and_knows_its_place_in_the_reply():
    reply = "Na+/K(+)-ATPase; the pump; it"
    parsed = TASK.parse(reply, request(EN, "en"))
    name = {entity.id: parsed.document.text_of(entity.spans) for entity in parsed.document.entities}
    assert [(r.label, name[r.head], name[r.tail]) for r in parsed.document.relations] == [
        (COREFERENCE, "the pump", "Na+/K(+)-ATPase"),
        (COREFERENCE, "it", "the pump"),
    ]
    assert {name.get(id, id): reply[span.start : span.end] for id, span in parsed.reply_spans.items()} == {
        "Na+/K(+)-ATPase": "Na+/K(+)-ATPase",
        "the pump": "the pump",
        "it": "it",
        "R1": "Na+/K(+)-ATPase; the pump",
        "R2": "the pump; it",
    }


@pytest.mark.parametrize(
    "reply",
    [
        "Here are the chains:\n1. oestrogen receptor; ER",
        "- oestrogen receptor, ER",
        "Chain 1: oestrogen receptor; ER",
        "[oestrogen receptor; ER]",
        '"oestrogen receptor"; "ER".',
        '[["oestrogen receptor", "ER"]]',
        '```json\n{"chains": [["oestrogen receptor", "ER"]]}\n```',
    ],
)
def test_replies_that_stray_from_the_form_are_read(reply):
    parsed = TASK.parse(reply, request(EN, "en"))
    assert (texts_of(parsed.document), parsed.issues) == ([("oestrogen receptor", "ER")], ())


def test_a_chain_that_has_no_two_mentions_in_the_text_is_an_issue():
    parsed = TASK.parse("oestradiol; ER\nNa+/K(+)-ATPase\nthe pump; the pump", request(EN, "en"))
    assert parsed.document.relations == ()
    assert [(issue.kind, issue.detail) for issue in parsed.issues] == [
        ("absent", "oestradiol"),
        ("unparsed", "Na+/K(+)-ATPase"),
        ("unparsed", "the pump; the pump"),
    ]


@pytest.mark.parametrize("reply", ["none", "None.", "无", "No coreferences were found."])
def test_that_nothing_corefers_is_an_answer(reply):
    parsed = TASK.parse(reply, request(EN, "en"))
    assert (parsed.document.entities, parsed.issues) == ((), ())


def test_a_place_that_two_chains_name_is_a_mention_of_each():
    parsed = TASK.parse("oestrogen receptor; ER\nOestrogen; ER", request("Oestrogen: oestrogen receptor (ER).", "en"))
    assert texts_of(parsed.document) == [("Oestrogen", "ER"), ("oestrogen receptor", "ER")]


@pytest.mark.data
@pytest.mark.parametrize("name", [name for name in corpus_names() if corpus_row(name).get("task") == "coreference"])
def test_chains_of_every_corpus_come_back_and_are_accepted(name, data_dir, accepts):
    """By their texts, each once; between any characters, since annotators cut words (`K9` of `H3K9`)."""
    with_chains = (example for example in read_corpus(name, "dev", data_dir) if example.gold.relations)
    for n, example in enumerate(islice(with_chains, 40)):
        asked = replace(example.request, borders="any")
        reply = TASK.render(example.gold, asked)
        found = texts_of(TASK.parse(reply, asked).document)
        assert sorted(found) == sorted(set(map(tuple, texts_of(example.gold))))
        assert n % 20 or accepts(TASK.grammar(asked), reply)
    assert n > 10
