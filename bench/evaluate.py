"""How fast `eval run` answers a set, against one prompt at a time as the paper's authors did.

    python -m bench.evaluate --data DIR
    python -m bench.evaluate --data DIR --model FOLDER --batch 16 --documents 64 --threads 2

The same prompts, model (fp32), greedy decoding and rules for the end of a reply on both sides: the library's `generate`
on one prompt after the other, and the run's own path with `--batch` requests at a time. Free decoding, since `generate`
knows no grammar; texts that a model reads in one window, so that both are asked the same. What reading the prompts
takes is measured apart, by replies of one token; the rest is decoding. The share of identical replies is printed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import torch
from transformers import StoppingCriteria

from eval.answering import Answerer, records
from eval.plan import Part, planned, plans
from eval.sets import EvalSet
from taiyi.assistant import Assistant, load_assistant
from taiyi.config import Settings
from taiyi.conversation import Conversation, render
from taiyi.engine.base import SamplingParams
from taiyi.engine.stopping import LoopWatch
from taiyi.predictors.llm import LLMPredictor
from taiyi.tasks import TASKS
from taiyi.tasks.base import Example, Request

SETS = ("cmeee", "kuake-qic", "bc5cdr-chem")


class Free:
    """An engine that takes no grammar, with a limit of its own on the tokens of a reply."""

    def __init__(self, engine: Any, max_new_tokens: int) -> None:
        self._engine = engine
        self._max_new_tokens = max_new_tokens
        self.count_tokens, self.waiting, self.close = engine.count_tokens, engine.waiting, engine.close
        self.info = replace(engine.info, constrained=False)

    def stream(self, conversation: Conversation, params: SamplingParams, grammar: Any, cancel: Any) -> Iterator[Any]:
        limited = replace(params, max_new_tokens=self._max_new_tokens)
        return self._engine.stream(conversation, limited, None, cancel)


class Looping(StoppingCriteria):
    """Ends a reply that goes round, by the engine's rule."""

    def __init__(self, n_prompt: int) -> None:
        self._n_prompt = n_prompt
        self._watch = LoopWatch()

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor, **_: Any) -> Any:
        loops = self._watch.add(int(input_ids[0, -1])) if input_ids.shape[1] > self._n_prompt else False
        return torch.tensor([loops])


class OneByOne:
    """The library's `generate` on one prompt after the other."""

    def __init__(self, folder: str) -> None:
        from taiyi.engine.loading import ChatTokenizer, end_ids, load_model, load_tokenizer

        self._tokenizer = load_tokenizer(folder)
        self._chat = ChatTokenizer(self._tokenizer)
        self._model = load_model(folder, adapter=None, quantize=None, device="cpu")
        self._end_ids = end_ids(self._model, self._tokenizer)

    def answer(self, examples: Sequence[Example], max_new_tokens: int) -> dict[str, list[int]]:
        """The ids of each reply, without the one that ends it."""
        return {example.id: self._reply(example, max_new_tokens) for example in examples}

    def text(self, ids: Sequence[int]) -> str:
        """A reply as text."""
        text: str = self._tokenizer.decode(ids, skip_special_tokens=False)
        return text

    def _reply(self, example: Example, max_new_tokens: int) -> list[int]:
        prompt = render(TASKS[example.request.task].prompt(example.request), self._chat)[0]
        with torch.inference_mode():
            out = self._model.generate(
                torch.tensor([prompt]),
                attention_mask=torch.ones((1, len(prompt)), dtype=torch.long),
                max_new_tokens=max_new_tokens,
                do_sample=False,
                eos_token_id=sorted(self._end_ids),
                pad_token_id=min(self._end_ids),
                stopping_criteria=[Looping(len(prompt))],
            )
        ids: list[int] = out[0, len(prompt) :].tolist()
        return [i for i in ids if i not in self._end_ids]


def ours(assistant: Assistant, row: EvalSet, examples: Sequence[Example], batch: int, limit: int) -> dict[str, str]:
    """The run's replies."""
    predictor = LLMPredictor(Free(assistant.engine, limit))  # type: ignore[arg-type]
    made = records(Answerer(predictor, "llm"), row, planned(examples), batch)
    return {record["id"]: record["reply"] for record in made}


def measure(
    assistant: Assistant, single: OneByOne, row: EvalSet, examples: Sequence[Example], batch: int, rounds: int
) -> None:
    """Print the comparison on one set: medians over rounds in which both sides take turns."""
    limit = SamplingParams().max_new_tokens
    ways: dict[str, Callable[[], Any]] = {
        "our reading": lambda: ours(assistant, row, examples, batch, 1),
        "their reading": lambda: single.answer(examples, 1),
        "ours": lambda: ours(assistant, row, examples, batch, limit),
        "theirs": lambda: single.answer(examples, limit),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    said: dict[str, Any] = {}
    for _ in range(rounds):
        for name, work in ways.items():
            began = time.perf_counter()
            said[name] = work()
            seconds[name].append(time.perf_counter() - began)
    taken = {name: median(values) for name, values in seconds.items()}
    ids = said["theirs"]
    same = sum(single.text(ids[id]) == reply for id, reply in said["ours"].items())
    n, n_tokens = len(examples), sum(map(len, ids.values()))
    print(f"{row.name}: {n} documents, {n_tokens / n:.0f} tokens a reply, {same / n:.1%} of replies identical")
    for name, theirs, own in (
        ("overall", taken["theirs"], taken["ours"]),
        ("reading the prompts", taken["their reading"], taken["our reading"]),
        ("decoding", taken["theirs"] - taken["their reading"], taken["ours"] - taken["our reading"]),
    ):
        print(f"  {name:<20} {theirs / own:5.2f}x   {n / own:8.2f} documents/s against {n / theirs:.2f}", flush=True)


def short(assistant: Assistant, examples: Sequence[Example]) -> list[Example]:
    """The examples whose text a model reads in one window."""
    return [e for e in examples if len(e.request.text) <= _longest(assistant, e.request)]


def _longest(assistant: Assistant, request: Request) -> int:
    return assistant.card.window_chars.get(request.task, {}).get(request.text_lang, len(request.text))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, metavar="DIR")
    parser.add_argument("--model", default="", help="folder or hub name; default: the bundled one")
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--split", default="dev")
    parser.add_argument("--documents", type=int, default=192, help="of each set")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1, help="of both sides")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    assistant = load_assistant(Settings(model=options.model), max_rows=options.batch)
    single = OneByOne(assistant.engine.info.source)
    for plan in plans(options.sets.split(","), Part(options.split), options.data, print)[0]:
        examples = short(assistant, plan.examples)[: options.documents]
        ours(assistant, plan.eval_set, examples[:4], options.batch, 4)  # the first run of anything is slower
        measure(assistant, single, plan.eval_set, examples, options.batch, options.rounds)
    assistant.close()


if __name__ == "__main__":
    main()
