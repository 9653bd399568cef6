"""Replies in JSON: what names, labels and triples are read from them, and what is no such reply."""

import pytest

from taiyi.errors import Issue
from taiyi.tasks.base import Request
from taiyi.tasks.entity import EntityTask
from taiyi.tasks.json_replies import json_lists, json_value
from taiyi.tasks.relation import RelationTask

TEXT = "Lithium carbonate may cause tremor; 1,2-dichloroethane, too."
ASKED = Request("entities", TEXT, labels=("Chemical", "Disease"))
RELATED = Request("relations", TEXT, labels=("causes", "treats"))


def named(reply: str, asked: Request = ASKED) -> set[tuple[str, str]]:
    document = EntityTask().parse(reply, asked).document
    return {(entity.label, document.text_of(entity.spans)) for entity in document.entities}


@pytest.mark.parametrize(
    "reply",
    [
        '{"Chemical": ["Lithium carbonate", "1,2-dichloroethane"], "Disease": ["tremor"]}',
        '```json\n{\n  "Chemical": [\n    "Lithium carbonate",\n    "1,2-dichloroethane"\n  ],\n'
        '  "Disease": "tremor"\n}\n```',
        'Here they are:\n{"chemicals": ["Lithium carbonate", "1,2-dichloroethane"], "diseases": ["tremor"]}\nDone.',
        '[{"text": "Lithium carbonate", "type": "Chemical"}, {"text": "1,2-dichloroethane", "type": "Chemical"},'
        ' {"text": "tremor", "type": "Disease"}]',
        '{"entities": [{"Entity": "Lithium carbonate", "Label": "Chemical"},'
        ' {"entity": "1,2-dichloroethane", "label": "Chemical"}, {"entity": "tremor", "label": "Disease"}]}',
    ],
)
def test_names_are_read_from_json_in_its_usual_shapes(reply):
    assert named(reply) == {
        ("Chemical", "Lithium carbonate"),
        ("Chemical", "1,2-dichloroethane"),
        ("Disease", "tremor"),
    }


def test_a_bare_list_is_of_the_one_type_asked_for():
    one = Request("entities", TEXT, labels=("Chemical",))
    assert named('["Lithium carbonate", "1,2-dichloroethane"]', one) == {
        ("Chemical", "Lithium carbonate"),
        ("Chemical", "1,2-dichloroethane"),
    }


def test_escaped_characters_are_the_ones_they_stand_for():
    asked = Request("entities", "患者高血压。", lang="zh", text_lang="zh", labels=("疾病",))
    assert named('{"\\u75be\\u75c5": ["\\u9ad8\\u8840\\u538b"]}', asked) == {("疾病", "高血压")}


def test_a_label_that_was_not_asked_for_and_a_name_that_is_not_in_the_text_are_issues():
    parsed = EntityTask().parse('{"Chemical": ["caffeine"], "Gene": ["TP53"], "diseases": ["tremor"]}', ASKED)
    assert parsed.issues == (
        Issue("label", "Gene"),
        Issue("label", "diseases", "Disease"),
        Issue("absent", "caffeine", "Chemical"),
    )


@pytest.mark.parametrize("reply", ["[]", "{}", '{"Chemical": [], "Disease": []}'])
def test_json_without_names_is_an_empty_answer(reply):
    parsed = EntityTask().parse(reply, ASKED)
    assert (parsed.document.entities, parsed.issues) == ((), ())


def test_brackets_of_json_are_no_names_even_where_the_text_has_such():
    asked = Request("entities", "Zinc [Zn] was given.", labels=("Chemical",))
    assert named('{\n "Gene": [\n "Zinc"\n]\n}', asked) == set()


@pytest.mark.parametrize(
    "reply",
    [
        '[{"head": "Lithium carbonate", "tail": "tremor", "type": "causes"}]',
        '{"relations": [{"subject": "Lithium carbonate", "predicate": "causes", "object": "tremor"}]}',
        '[{"cause": "Lithium carbonate", "effect": "tremor", "type": "causes"}]',
        '```json\n[["Lithium carbonate", "tremor", "causes"]]\n```',
    ],
)
def test_triples_are_read_from_json(reply):
    document = RelationTask().parse(reply, RELATED).document
    (relation,) = document.relations
    sides = [document.text_of(document.entity(side).spans) for side in (relation.head, relation.tail)]
    assert (relation.label, *sides) == ("causes", "Lithium carbonate", "tremor")


@pytest.mark.parametrize(
    ("reply", "names"),
    [
        ('[["a", "b"], ["c", "d", "a"]]', [["a", "b"], ["c", "d", "a"]]),
        ('{"chains": [["a", "b"]]}', [["a", "b"]]),
        ('[["a", 1, "", null], []]', [["a"]]),
        ('["a", "b"]', []),
        ('{"a": "b"}', []),
        ("{}", []),
        ("a; b", []),
    ],
)
def test_lists_of_names_are_read_from_json(reply, names):
    assert [[piece.text for piece in pieces] for pieces in json_lists(reply)] == names


@pytest.mark.parametrize(
    "reply",
    ["", "Chemical: a; b", "[see above", 'Chemical: ["a"]', '["a"]: b', "{not json}", "]{", '"tremor"', "[" * 5000],
)
def test_other_text_is_no_json(reply):
    assert json_value(reply) is None
