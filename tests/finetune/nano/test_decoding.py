"""Two ways of decoding: what of a reply counts, and what is measured of it."""

from __future__ import annotations

import numpy as np
import pytest

from eval.judging import Judgement
from eval.report.runs import Case
from finetune.nano.decoding import Unbound, grounded_f1, speeds
from taiyi.conversation import Conversation
from taiyi.document import Document
from taiyi.engine.base import SamplingParams
from taiyi.engine.scripted import ScriptedEngine
from taiyi.predictors.llm import LLMPredictor
from taiyi.tasks.base import Example, Request


def _case(tp: int, fp: int, fn: int, n_ungrounded: int) -> Case:
    return Case(
        "d", "", "", Document("d", "en", ""), None, Judgement("d", np.array([tp, fp, fn]), False, 0, n_ungrounded)
    )


def test_what_is_not_in_the_text_is_no_false_positive_where_it_is_set_apart() -> None:
    """Two texts: 2 right, 3 wrong of which 2 stand nowhere, 1 missed; 1 right, nothing else. Left are 3 right, 1 wrong,
    1 missed: 6 / 8. With all that was written it is 6 / 10."""
    assert grounded_f1([_case(2, 3, 1, 2), _case(1, 0, 0, 0)]) == pytest.approx(6 / 8)
    assert grounded_f1([_case(2, 3, 1, 0), _case(1, 0, 0, 0)]) == pytest.approx(6 / 10)


def test_an_unbound_engine_says_that_no_grammar_binds_it() -> None:
    engine = ScriptedEngine(["anything"])
    assert not Unbound(engine).info.constrained
    (*_, last) = Unbound(engine).stream(Conversation.of("hello"), SamplingParams(), 'start: "x"')
    assert last.finish is not None


def test_every_way_is_asked_for_every_text() -> None:
    ways = {name: ScriptedEngine(["上述文本被分类为：甲"]) for name in ("grammar", "free")}
    request = Request("classify", "嗓子疼", lang="zh", text_lang="zh", labels=("甲", "乙"))
    examples = [Example(str(n), request, Document(str(n), "zh", request.text)) for n in range(3)]
    taken = speeds({name: LLMPredictor(engine) for name, engine in ways.items()}, examples)
    assert [len(engine.asked) for engine in ways.values()] == [3, 3]
    assert all(row["seconds"] > 0 for row in taken.values())
