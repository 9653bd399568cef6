"""Relations: both laws, and replies that are not what was asked for."""

import pytest

from taiyi.document import Document, Entity, Relation, Span
from taiyi.tasks.base import Request
from taiyi.tasks.relation import MAX_RELATIONS, RelationTask, nearest_pair

TASK = RelationTask()
EN = (
    "Aspirin (ASA), given with 1,2-dichloroethane, raised Na+/K(+)-ATPase activity and caused seizures. "
    "ASA also caused pain, abdominal; (+)-pinene did not."
)
ZH = "患者接触1,2-二氯乙烷后出现13-三体综合征(Patau)样表现，伴肾盂积水；给予氯喹（首选）治疗，𠮷医生建议复查。"


def request(text: str, lang: str, *labels: str) -> Request:
    return Request("relations", text, lang, lang, labels)


def gold(text: str, lang: str, *triples: tuple[str, str, str]) -> Document:
    names = list(dict.fromkeys(name for head, tail, _ in triples for name in (head, tail)))
    entities = tuple(
        Entity(f"T{n}", "", (Span(text.index(name), text.index(name) + len(name)),)) for n, name in enumerate(names)
    )
    relations = tuple(
        Relation(f"R{n}", label, f"T{names.index(head)}", f"T{names.index(tail)}")
        for n, (head, tail, label) in enumerate(triples)
    )
    return Document("text", lang, text, entities, relations)


def triples_of(document: Document) -> set[tuple[str, str, str]]:
    def name(entity_id: str) -> str:
        return document.text_of(document.entity(entity_id).spans)

    return {(name(r.head), name(r.tail), r.label) for r in document.relations}


CASES = [
    (EN, "en", ("cause", "raise, or lower"), [("ASA", "seizures", "cause"), ("ASA", "pain, abdominal", "cause")]),
    (EN, "en", ("raise, or lower",), [("1,2-dichloroethane", "Na+/K(+)-ATPase", "raise, or lower")]),
    (EN, "en", ("cause",), [("(+)-pinene", "Aspirin (ASA)", "cause")]),
    (EN, "en", ('a "quoted"\n(label)', "back\\slash; more"), [("ASA", "seizures", 'a "quoted"\n(label)')]),
    (EN, "en", ("cause",), []),
    (ZH, "zh", ("并发症", "相关(转化)"), [("13-三体综合征(Patau)", "肾盂积水", "并发症")]),
    (ZH, "zh", ("并发症", "相关(转化)"), [("1,2-二氯乙烷", "13-三体综合征(Patau)", "相关(转化)")]),
    (ZH, "zh", ("相关（导致）",), [("氯喹（首选）", "𠮷医生", "相关（导致）")]),
    (ZH, "zh", ("相关（导致）",), []),
]


@pytest.mark.parametrize(("text", "lang", "labels", "triples"), CASES)
def test_what_is_rendered_parses_to_the_same_triples_and_the_grammar_accepts_it(text, lang, labels, triples, accepts):
    asked = request(text, lang, *labels)
    reply = TASK.render(gold(text, lang, *triples), asked)
    parsed = TASK.parse(reply, asked)
    assert triples_of(parsed.document) == set(triples)
    assert parsed.issues == ()
    assert accepts(TASK.grammar(asked), reply)


def test_the_form_of_a_reply():
    document = gold(EN, "en", ("ASA", "pain, abdominal", "cause"), ("ASA", "seizures", "cause"))
    assert (
        TASK.render(document, request(EN, "en", "cause")) == "(ASA, seizures, cause); (ASA, pain\\, abdominal, cause)"
    )
    assert TASK.render(gold(EN, "en"), request(EN, "en", "cause")) == "none"
    assert TASK.render(gold(ZH, "zh"), request(ZH, "zh", "病因")) == "无"


@pytest.mark.parametrize(
    "reply",
    [
        "(ASA, seizures)",
        "(ASA, headache, cause)",
        "(ASA, seiz, cause)",
        "(ASA, seizures, treat)",
        "(, seizures, cause)",
        "(ASA, seizures, cause); ",
        "(ASA, seizures, cause",
        "; ".join(["(ASA, seizures, cause)"] * (MAX_RELATIONS + 1)),
        "",
    ],
)
def test_the_grammar_refuses_what_is_no_list_of_grounded_triples(reply, accepts):
    assert not accepts(TASK.grammar(request(EN, "en", "cause")), reply)


TOLERATED = [
    ("So:\n[ASA, seizures]; [Aspirin, pain, abdominal]", {("ASA", "seizures"), ("Aspirin", "pain, abdominal")}),
    ("cause relations: [ASA, seizures]", {("ASA", "seizures")}),
    ("（ASA，seizures，cause）；（Aspirin，seizures，cause）", {("ASA", "seizures"), ("Aspirin", "seizures")}),
    ("(ASA, seizures, Cause), (Aspirin,seizures,cause)", {("ASA", "seizures"), ("Aspirin", "seizures")}),
    (
        "1. (ASA, seizures, cause)\n2. (1,2-dichloroethane, Na+/K(+)-ATPase, cause).",
        {("ASA", "seizures"), ("1,2-dichloroethane", "Na+/K(+)-ATPase")},
    ),
    ("(ASA,1,2-dichloroethane,cause)", {("ASA", "1,2-dichloroethane")}),
    ("(ASA, seizures, cause); (ASA, seizures, cause)", {("ASA", "seizures")}),
    ("No relations.", set()),
]


@pytest.mark.parametrize(("reply", "pairs"), TOLERATED)
def test_replies_that_stray_from_the_form_are_read(reply, pairs):
    parsed = TASK.parse(reply, request(EN, "en", "cause"))
    assert triples_of(parsed.document) == {(head, tail, "cause") for head, tail in pairs}


def test_a_pair_takes_its_type_from_the_words_before_it():
    parsed = TASK.parse("cause: [ASA, seizures]\nraise: [ASA, Na+/K(+)-ATPase]", request(EN, "en", "cause", "raise"))
    assert triples_of(parsed.document) == {("ASA", "seizures", "cause"), ("ASA", "Na+/K(+)-ATPase", "raise")}


def test_what_is_not_in_the_text_or_not_asked_for_becomes_an_issue():
    reply = "(ASA, headache, cause); (ASA, seizures, treats); (Aspirin, seiz"
    parsed = TASK.parse(reply, request(EN, "en", "cause"))
    assert parsed.document.relations == ()
    assert {(i.kind, i.detail) for i in parsed.issues} == {
        ("absent", "headache"),
        ("label", "treats"),
        ("unparsed", "(Aspirin, seiz"),
    }


def test_of_several_places_those_nearest_to_each_other_are_meant():
    """`ASA` stands at 9 and, after the first sentence, before `also caused pain`; the pain is nearest to the second."""
    parsed = TASK.parse("(ASA, pain\\, abdominal, cause)", request(EN, "en", "cause"))
    [relation] = parsed.document.relations
    assert parsed.document.entity(relation.head).start == EN.index("ASA also")
    assert nearest_pair([Span(0, 2), Span(20, 22)], [Span(24, 30)]) == (Span(20, 22), Span(24, 30))


def test_a_relation_knows_where_the_reply_names_it():
    reply = "(ASA, seizures, cause); (Aspirin, seizures, cause)"
    parsed = TASK.parse(reply, request(EN, "en", "cause"))
    by_head = {
        parsed.document.text_of(parsed.document.entity(r.head).spans): parsed.reply_spans[r.id]
        for r in parsed.document.relations
    }
    assert {head: reply[s.start : s.end] for head, s in by_head.items()} == {
        "ASA": "(ASA, seizures, cause)",
        "Aspirin": "(Aspirin, seizures, cause)",
    }


def test_triples_with_names_that_are_not_in_the_text_are_kept_apart_as_written():
    """Gold of CMeIE has such triples, so both ways are needed; the document's relations stay those that have places."""
    asked = request(EN, "en", "causes")
    unplaced = (("causes", "paracetamol", "seizures"), ("causes", "Aspirin", "a, b"))
    placed = gold(EN, "en", ("Aspirin", "seizures", "causes"))
    whole = Document("text", "en", EN, placed.entities, placed.relations, meta={"unplaced_relations": unplaced})
    reply = TASK.render(whole, asked)
    assert reply == "(Aspirin, seizures, causes); (paracetamol, seizures, causes); (Aspirin, a\\, b, causes)"
    parsed = TASK.parse(reply, asked)
    assert triples_of(parsed.document) == {("Aspirin", "seizures", "causes")}
    assert parsed.document.meta["unplaced_relations"] == unplaced
    assert [issue.kind for issue in parsed.issues] == ["absent", "absent"]


def test_a_triple_in_the_order_of_knowledge_graphs_is_read():
    """Subject, predicate, object: the second field is a type asked for, the third is none."""
    asked = request("二甲双胍用于糖尿病。", "zh", "药物治疗", "临床表现")
    assert triples_of(TASK.parse("(糖尿病, 药物治疗, 二甲双胍)", asked).document) == {
        ("糖尿病", "二甲双胍", "药物治疗")
    }


@pytest.mark.parametrize("reply", ["No relations found.", "There is no relation in this text.", "没有发现相关的关系。"])
def test_a_sentence_that_there_is_no_relation_is_an_empty_answer(reply):
    parsed = TASK.parse(reply, request("Tea was served.", "en", "causes"))
    assert (parsed.document.relations, parsed.issues) == ((), ())
