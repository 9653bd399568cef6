"""Forms of single corpora: mentions by offset, triples by name, clinical findings, question pairs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from taiyi.corpora.files import CorruptError
from taiyi.corpora.formats import clinical_events, mentions, question_pairs, triples
from taiyi.document import Label


def _triples(example: Any) -> list[tuple[str, str, str]]:
    gold = example.gold
    return [
        (r.label, gold.text_of(gold.entity(r.head).spans), gold.text_of(gold.entity(r.tail).spans))
        for r in gold.relations
    ]


def test_mentions_by_offset_and_surface_slice_to_the_text() -> None:
    record = {
        "text": "𠮷某，高血压三年。",
        "found": [
            {"m": "高血压", "t": "disease", "o": "3"},
            {"m": "高血压", "t": "disease", "o": "4"},
            {"m": "三年", "t": "time", "o": "6"},
        ],
    }
    row = {
        "name": "made",
        "lang": "zh",
        "mentions": "found",
        "fields": {"text": "text", "label": "t", "start": "o", "surface": "m"},
        "labels": {"disease": "疾病"},
    }
    (example,) = mentions.read(json.dumps(record), row)
    assert [(e.label, example.gold.text_of(e.spans)) for e in example.gold.entities] == [("疾病", "高血压")]


def test_mentions_by_start_and_end_survive_a_byte_order_mark() -> None:
    record = {"t": "CT示肺结节", "e": [{"l": "检查", "s": 0, "n": 2}]}
    fields = {"text": "t", "label": "l", "start": "s", "end": "n"}
    row = {"name": "made", "lang": "zh", "mentions": "e", "fields": fields, "labels": {"检查": "影像检查"}}
    (example,) = mentions.read("\ufeff" + json.dumps(record) + "\n", row)
    assert [example.gold.text_of(e.spans) for e in example.gold.entities] == ["CT"]


def test_drug_pairs_are_triples_of_the_types_asked_for() -> None:
    record = {
        "context": "Warfarin with aspirin may raise the risk of bleeding.",
        "relations": [
            {"type": "effect", "ent_sets": ["Warfarin", "aspirin"]},
            {"type": "other", "ent_sets": ["aspirin", "Warfarin"]},
            {"type": "effect", "ent_sets": ["Warfarin", "ibuprofen"]},
        ],
    }
    row = {"name": "made", "lang": "en", "records": "rexdrug", "labels": {"effect": "effect"}}
    (example,) = triples.read(json.dumps(record), row)
    assert _triples(example) == [("effect", "Warfarin", "aspirin")]
    assert example.request.labels == ("effect",)


def test_triples_in_sentences_are_read_with_commas_inside_names() -> None:
    record = {
        "input": "找出指定的三元组：\n高血压常见头晕，乏力，治疗用1,2-某药。\n实体间关系：临床表现，药物治疗",
        "target": "具有临床表现关系的头尾实体对如下：头实体为高血压，尾实体为头晕。头实体为高血压，尾实体为乏力。\n"
        "具有药物治疗关系的头尾实体对如下：头实体为高血压，尾实体为1,2-某药。",
        "answer_choices": ["临床表现", "药物治疗"],
    }
    (example,) = triples.read(json.dumps(record), {"name": "made", "lang": "zh", "records": "sentences"})
    assert example.gold.text == "高血压常见头晕，乏力，治疗用1,2-某药。"
    assert _triples(example) == [
        ("临床表现", "高血压", "头晕"),
        ("临床表现", "高血压", "乏力"),
        ("药物治疗", "高血压", "1,2-某药"),
    ]


@pytest.mark.parametrize(
    "prompt",
    [
        "给出句子中的病因关系类型的实体对：{}",
        "找出指定的三元组：\n{}\n实体间关系：病因",
        "根据给定的实体间的关系，抽取具有这些关系的实体对：\n{}\n实体间关系标签：病因\n答：",
        "{}\n这个句子里面具有一定医学关系的实体组有哪些？\n三元组关系选项：病因\n答：",
    ],
)
@pytest.mark.parametrize("text", ["痛风@饮酒。", "痛风@饮酒是病因。\n关节红肿。"])
def test_the_text_of_a_prompt_is_read_without_the_instruction_and_the_relations_asked_for(
    prompt: str, text: str
) -> None:
    record = {"input": prompt.format(text), "target": "没有指定类型的三元组", "answer_choices": ["病因"]}
    (example,) = triples.read(json.dumps(record), {"name": "made", "lang": "zh", "records": "sentences"})
    assert example.gold.text == text


def test_prompts_of_one_text_together_tell_its_relations() -> None:
    """Of gout a cause and a sign are told by a prompt each, and a third asks for what it lacks; of flu only what it
    lacks is asked."""
    told = {
        "病因": "具有病因关系的头尾实体对如下：头实体为痛风，尾实体为饮酒。",
        "临床表现": "具有临床表现关系的头尾实体对如下：头实体为痛风，尾实体为关节痛。",
    }
    asked = [("痛风因饮酒，致关节痛。", "病因"), ("流感。", "化疗"), ("痛风因饮酒，致关节痛。", "化疗")]
    asked.append(("痛风因饮酒，致关节痛。", "临床表现"))
    lines = [
        {
            "input": f"找出指定的三元组：\n{text}\n实体间关系：{label}",
            "target": told.get(label, "没有指定类型的三元组"),
            "answer_choices": [label],
        }
        for text, label in asked
    ]
    row = {"name": "made", "lang": "zh", "records": "sentences", "schemas": "cmeie_schemas.tsv"}
    (example,) = triples.read("\n".join(map(json.dumps, lines)), row)
    assert _triples(example) == [("病因", "痛风", "饮酒"), ("临床表现", "痛风", "关节痛")]
    assert len(example.request.labels) == 44


def test_a_prompt_in_another_wording_is_named_with_its_line() -> None:
    record = {"input": "痛风的病因？", "target": "", "answer_choices": ["病因"]}
    with pytest.raises(CorruptError, match="no known wording of a prompt: '痛风的病因？'") as caught:
        list(triples.read(json.dumps(record), {"name": "made", "lang": "zh", "records": "sentences"}))
    assert caught.value.place == 1


def test_findings_carry_state_description_and_body_part() -> None:
    record = {
        "id": 7,
        "text": "右肺无明显啰音。",
        "event": [
            {"core_name": "啰音", "tendency": "否定", "character": ["明显"], "anatomy_list": ["右肺", "左肺"]},
            {"core_name": "咳痰", "tendency": "", "character": [], "anatomy_list": []},
        ],
    }
    row = {
        "name": "made",
        "lang": "zh",
        "event": "临床发现",
        "roles": {"state": "发生状态", "description": "描述词", "anatomy": "解剖部位"},
        "states": {"否定": "否定"},
    }
    (example,) = clinical_events.read(json.dumps([record]), row)
    (event,) = example.gold.events
    assert example.gold.text_of(event.trigger) == "啰音"
    said = [(a.role, a.value or example.gold.text_of(a.spans)) for a in event.arguments]
    assert said == [("发生状态", "否定"), ("描述词", "明显"), ("解剖部位", "右肺")]


def test_question_pairs_say_whether_one_entails_the_other() -> None:
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><set><pair pid="1" value="true"><chq>\n Is  flu\n contagious? </chq>'
        '<faq>Can flu spread?</faq></pair><pair pid="2" value="false"><chq>A?</chq><faq> </faq></pair></set>'
    )
    row = {"name": "made", "lang": "en", "labels": {"true": "entailment", "false": "not entailment"}}
    (example,) = question_pairs.read(text, row)
    assert (example.request.text, example.request.text_b) == ("Is flu contagious?", "Can flu spread?")
    assert example.gold.labels == (Label("entailment"),)
