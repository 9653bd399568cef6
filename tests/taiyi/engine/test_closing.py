"""A reply under a grammar is complete when its tokens run out, and what was left out is said."""

from __future__ import annotations

import json

import pytest

from taiyi.conversation import Conversation
from taiyi.engine.base import Finish, SamplingParams
from taiyi.engine.local import LocalEngine
from taiyi.tasks import TASKS
from taiyi.tasks.request import make_request

ASK = Conversation.of("患者")
NAMES = ("肺炎", "发热", "咳嗽", "皮疹", "头痛", "乏力", "贫血", "水肿")  # many: chance must not make a loop
NAME = " | ".join(map(json.dumps, NAMES))
LIST = f'start: "疾病：" NAMES "\\n药物：" NAMES "\\n"\nNAMES: NAME ("；" NAME){{0,200}}\nNAME: {NAME}'


def reply(engine: LocalEngine, params: SamplingParams, grammar: str) -> tuple[str, Finish | None, int]:
    chunks = list(engine.stream(ASK, params, grammar))
    return "".join(c.text for c in chunks), chunks[-1].finish, sum(len(c.ids) for c in chunks)


@pytest.mark.parametrize("n_tokens", [60, 100, 150])
@pytest.mark.parametrize("seed", range(4))
def test_a_list_without_end_is_closed_in_time(engine: LocalEngine, n_tokens: int, seed: int) -> None:
    """The bias keeps the random model from ending its lists by itself."""
    params = SamplingParams(max_new_tokens=n_tokens, temperature=2.0, seed=seed, end_bias=50.0)
    text, finish, n_said = reply(engine, params, LIST)
    assert text.startswith("疾病：") and text.count("\n") == 2 and text.endswith("\n")
    assert set(text.replace("疾病：", "").replace("\n药物：", "；").strip("\n").split("；")) <= {*NAMES}
    assert finish is Finish.LENGTH
    assert n_said <= n_tokens


def test_a_reply_with_time_to_spare_is_left_alone(engine: LocalEngine) -> None:
    short = SamplingParams(max_new_tokens=400, temperature=1.0, seed=3, end_bias=-50.0)
    text, finish, _ = reply(engine, short, LIST)
    assert finish is Finish.END
    assert text.count("\n") == 2


def test_a_grammar_with_no_way_out_is_cut_where_it_stands(engine: LocalEngine) -> None:
    text, finish, n_said = reply(engine, SamplingParams(max_new_tokens=12), "start: /[a-z]{400}/")
    assert (finish, n_said) == (Finish.LENGTH, 12)
    assert text.isalpha()


@pytest.mark.parametrize("seed", range(3))
def test_what_a_task_asks_for_parses_whole_when_it_was_hurried(engine: LocalEngine, seed: int) -> None:
    text = "口服左氧氟沙星后咳嗽减轻，改用头孢曲松，体温正常，未见皮疹，继续雾化吸入治疗一周。"
    request = make_request("entities", text, labels=("药物", "临床表现", "疾病"))
    task = TASKS["entities"]
    grammar = task.grammar(request)
    assert grammar is not None
    params = SamplingParams(max_new_tokens=120, temperature=1.0, seed=seed, end_bias=30.0, distinct_items=True)
    chunks = list(engine.stream(task.prompt(request), params, grammar))
    parsed = task.parse("".join(c.text for c in chunks), request)
    assert chunks[-1].finish in (Finish.LENGTH, Finish.END)
    assert not [issue for issue in parsed.issues if issue.kind in ("absent", "part", "unparsed")]


def test_a_choice_among_long_labels_is_never_cut_short(engine: LocalEngine) -> None:
    """Any label takes fewer tokens than there are; none may be left half."""
    labels = ["non-small cell lung cancer", "non-small cell carcinoma of the oesophagus", "肺炎支原体肺炎"]
    grammar = "start: " + " | ".join(json.dumps(label, ensure_ascii=False) for label in labels)
    for seed in range(6):
        text, _, _ = reply(engine, SamplingParams(max_new_tokens=48, temperature=2.0, seed=seed), grammar)
        assert text in labels
