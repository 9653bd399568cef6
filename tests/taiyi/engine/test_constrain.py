"""Under a grammar a reply is always one of its sentences, in both languages, and no list goes round."""

from __future__ import annotations

import math
import re

import llguidance
import pytest
import torch

from taiyi.config import BUNDLED_MODEL
from taiyi.conversation import Conversation
from taiyi.engine import constrain
from taiyi.engine.base import Finish, SamplingParams
from taiyi.engine.constrain import ConstraintFactory
from taiyi.engine.detokenize import TokenBytes
from taiyi.engine.loading import load_tokenizer
from taiyi.engine.local import LocalEngine
from taiyi.errors import GrammarError
from taiyi.tasks import TASKS
from taiyi.tasks.request import make_request

ASK = Conversation.of("患者")
LABELS = ["肺炎", "肺炎支原体肺炎", "肺", "non-small cell lung cancer", "non-small cell", "𠮷病", 'say "x"']


@pytest.mark.parametrize("seed", range(8))
def test_labels_that_begin_alike_and_split_over_tokens_stay_whole(engine: LocalEngine, seed: int) -> None:
    import json

    grammar = "start: " + " | ".join(json.dumps(label, ensure_ascii=False) for label in LABELS)
    chunks = list(engine.stream(ASK, SamplingParams(temperature=2.0, seed=seed), grammar))
    assert "".join(chunk.text for chunk in chunks) in LABELS
    assert chunks[-1].finish is Finish.END


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Rash and fever appeared after phenytoin; the rash faded.", ("Chemical", "Disease")),
        ("口服左氧氟沙星后咳嗽减轻，𠮷氏征（－）。", ("药物", "临床表现")),
    ],
)
@pytest.mark.parametrize("seed", range(6))
def test_a_random_model_can_name_only_what_stands_in_the_text(
    engine: LocalEngine, text: str, labels: tuple[str, ...], seed: int
) -> None:
    request = make_request("entities", text, labels=labels)
    task = TASKS["entities"]
    params = SamplingParams(max_new_tokens=300, temperature=1.5, seed=seed, distinct_items=True)
    chunks = list(engine.stream(task.prompt(request), params, task.grammar(request)))
    reply = "".join(chunk.text for chunk in chunks)
    parsed = task.parse(reply, request)
    if chunks[-1].finish is Finish.END:
        assert parsed.issues == ()
    assert not [issue for issue in parsed.issues if issue.kind in ("absent", "part", "label")]
    for entity in parsed.document.entities:
        assert text[entity.start : entity.end].strip()
        assert entity.label in labels
    for line in reply.splitlines():
        listed = line.replace("：", ":").partition(":")[2].replace("；", ";")
        names = [name.strip() for name in re.split(r"(?<!\\);", listed)]  # a name's own semicolon is escaped
        assert len(names) - len(set(names)) <= 1, "a list may end in a repeat, not go on after it"


def test_forced_tokens_are_certain_and_the_others_are_scored_under_the_mask(engine: LocalEngine) -> None:
    chunks = list(engine.stream(ASK, SamplingParams(), 'start: "Answer: " ("A" | "B")'))
    logprobs = [value for chunk in chunks for value in chunk.logprobs]
    assert all(value <= 1e-6 for value in logprobs)
    choice = next(value for value in logprobs if value < -1e-6)
    other = list(engine.stream(ASK, SamplingParams(), 'start: "Answer: " ("A" | "B")'))
    assert math.isclose(choice, next(v for c in other for v in c.logprobs if v < -1e-6))


def test_a_bias_against_ending_makes_longer_lists(engine: LocalEngine) -> None:
    grammar = 'start: "x" ("; " /[a-f]/){0,40}'
    lengths = []
    for bias in (-30.0, 30.0):
        chunks = engine.stream(ASK, SamplingParams(temperature=1.0, seed=1, end_bias=bias), grammar)
        lengths.append(len("".join(chunk.text for chunk in chunks)))
    assert lengths[0] == 1
    assert lengths[1] == 1 + 3 * 40


def test_a_bias_opens_marks_or_leaves_them_out(engine: LocalEngine) -> None:
    grammar = 'start: (/[a-f]/ | "{" /[a-f]/ "}"){6}'
    texts = []
    for bias in (-30.0, 30.0):
        chunks = engine.stream(ASK, SamplingParams(temperature=2.0, seed=1, mark_bias=bias), grammar)
        texts.append("".join(chunk.text for chunk in chunks))
    assert [(text.count("{"), len(text)) for text in texts] == [(0, 6), (6, 18)]


LONG = " ".join(f"In arm {n} drug{n} caused effect{n} in {3 * n} patients of ward {n}." for n in range(40))


def follow(reply: str) -> bool:
    """Whether the bundled model's tokens of a reply go through the grammar of relations in LONG, to its end."""
    tokenizer = load_tokenizer(str(BUNDLED_MODEL))
    factory = ConstraintFactory(tokenizer, TokenBytes(tokenizer, 12288).by_id, frozenset({tokenizer.eos_token_id}))
    request = make_request("relations", LONG, lang="en", labels=("causes", "treats"))
    grammar = TASKS["relations"].grammar(request)
    assert grammar is not None
    constraint = factory.make(grammar)
    while reply:
        constraint.mask(torch.zeros(12288), 500)
        assert not constraint.complete
        said = constraint.accept(tokenizer.encode(reply, add_special_tokens=False)[0])
        reply = reply.removeprefix(tokenizer.decode(said))
    return bool(torch.isfinite(constraint.mask(torch.zeros(12288), 500)[tokenizer.eos_token_id]))


def test_triples_of_a_whole_abstract_go_through_their_grammar() -> None:
    assert follow("(drug3, effect3, causes); (drug39, effect39, treats)")


def test_a_grammar_that_is_too_large_is_an_error_and_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The automaton stops when it fails, as it does when a reply is complete."""
    small = llguidance.LLParserLimits(step_lexer_fuel=10_000, verbose_errors=False)
    monkeypatch.setattr(constrain, "LIMITS", small)
    with pytest.raises(GrammarError, match="could not be built or kept"):
        follow("(drug3, effect3, causes)")
