"""How fast the local engine is, as ratios measured in one run.

    python -m bench.engine                        the bundled model
    python -m bench.engine --model FOLDER --rounds 9 --threads 2

One stream against the library's bare `generate` on the same prompt, sampling on both sides (tokens a second, and the
time to the first token); eight streams at once against the same eight one after the other; entities under the grammar
against free decoding, per document. Every round measures all of them in turn and the medians are shown, so that other
work on the machine touches both sides. The step is measured plain and, where a C compiler is found, compiled.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Any

import torch

from taiyi.config import BUNDLED_MODEL
from taiyi.conversation import Conversation, render
from taiyi.engine.base import SamplingParams
from taiyi.engine.local import LocalEngine
from taiyi.tasks import TASKS
from taiyi.tasks.request import make_request

QUESTION = Conversation.of(
    "我父亲六十岁，最近量血压总在一百五十左右，偶尔头晕，没有别的不舒服。需要马上吃药吗？平时饮食和运动要注意什么？"
)
TYPES = {"en": ("Chemical", "Disease"), "zh": ("疾病", "药物", "临床表现")}
DOCUMENTS = (
    (
        "en",
        "Two patients developed a rash and eosinophilia in the third week of carbamazepine; both recovered after the "
        "drug was withdrawn, and oxcarbazepine was tolerated by one of them.",
    ),
    (
        "en",
        "Intravenous iron sucrose corrected the anaemia of chronic kidney disease faster than ferrous sulphate, "
        "without an excess of infections or hypotension.",
    ),
    (
        "zh",
        "患者两月前出现活动后气促，伴双下肢水肿，心脏彩超示左室扩大，予呋塞米、螺内酯及沙库巴曲缬沙坦后好转。",
    ),
    ("zh", "幼儿急疹多见于六个月至两岁的婴幼儿，高热三至五天后热退疹出，一般不需要抗病毒药物，可用布洛芬退热。"),
)
STREAMS = 8
TEMPERATURE = 1.5  # high, so that no reply goes round in a loop and is ended for that


class Bench:
    """One model twice: in the engine, and bare for `generate`. End tokens are ignored where tokens are counted."""

    def __init__(self, model: str, n_tokens: int) -> None:
        from taiyi.engine.loading import load_model

        self.engine = LocalEngine(model)
        self.end_ids, self.engine._end_ids = self.engine._end_ids, frozenset()
        self.bare = load_model(model, adapter=None, quantize=None, device="cpu")
        self.bare.generation_config.eos_token_id = None
        self.ids = torch.tensor([render(QUESTION, self.engine._chat)[0]])
        self.n_tokens = n_tokens

    def generate(self, n_tokens: int | None = None) -> None:
        """The library's own loop."""
        self.bare.generate(
            self.ids,
            attention_mask=torch.ones_like(self.ids),
            max_new_tokens=n_tokens or self.n_tokens,
            do_sample=True,
            temperature=TEMPERATURE,
            top_p=0.95,
            top_k=0,
        )

    def stream(self, seed: int = 1) -> float:
        """One reply; seconds until its first token."""
        began, first, n_said = time.perf_counter(), 0.0, 0
        params = SamplingParams(max_new_tokens=self.n_tokens, temperature=TEMPERATURE, top_p=0.95, seed=seed)
        for chunk in self.engine.stream(QUESTION, params):
            n_said += len(chunk.ids)
            if n_said and not first:
                first = time.perf_counter() - began
        if n_said != self.n_tokens:
            raise RuntimeError(f"A reply ended after {n_said} tokens; the rates would be wrong.")
        return first

    def at_once(self) -> None:
        """Several replies side by side."""
        with ThreadPoolExecutor(STREAMS) as pool:
            list(pool.map(self.stream, range(STREAMS)))

    def one_by_one(self) -> None:
        """The same replies after each other."""
        for seed in range(STREAMS):
            self.stream(seed)

    def extract(self, constrained: bool) -> None:
        """Entities of every document, as the predictor asks for them."""
        task = TASKS["entities"]
        params = SamplingParams(max_new_tokens=200, distinct_items=True)
        self.engine._end_ids = self.end_ids
        for lang, text in DOCUMENTS:
            request = make_request("entities", text, labels=TYPES[lang])
            for _ in self.engine.stream(task.prompt(request), params, task.grammar(request) if constrained else None):
                pass
        self.engine._end_ids = frozenset()

    def compile(self) -> bool:
        """Have the step compiled and wait for it; whether it could be."""
        from taiyi.engine.compiled import CompiledStep

        step = CompiledStep(self.bare_of_engine)
        step.start(self.engine._loop._model.slots)
        step.wait()
        self.engine._loop._compiled = step
        return bool(step.ready)

    @property
    def bare_of_engine(self) -> Any:
        return self.engine._loop._model.model


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure(bench: Bench, rounds: int) -> list[tuple[str, str, str]]:
    """Rows of a table: what, ratio, absolute figure."""
    taken: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, value in (
            ("generate", seconds(bench.generate)),
            ("stream", seconds(bench.stream)),
            ("generate first", seconds(lambda: bench.generate(1))),
            ("stream first", bench.stream()),
            ("one by one", seconds(bench.one_by_one)),
            ("at once", seconds(bench.at_once)),
            ("free", seconds(lambda: bench.extract(False))),
            ("constrained", seconds(lambda: bench.extract(True))),
        ):
            taken.setdefault(name, []).append(value)

    def row(what: str, slow: str, fast: str, count: float, unit: str) -> tuple[str, str, str]:
        ratio = median(a / b for a, b in zip(taken[slow], taken[fast], strict=True))
        return what, f"{ratio:.2f}", f"{count / median(taken[fast]):.1f} {unit}"

    n = bench.n_tokens
    return [
        row("one stream against generate, tokens/s", "generate", "stream", n, "tokens/s"),
        row("first token, generate's time over ours", "generate first", "stream first", 1, "a second"),
        row(f"{STREAMS} streams at once against one by one", "one by one", "at once", n * STREAMS, "tokens/s"),
        row("constrained against free, documents/s", "free", "constrained", len(DOCUMENTS), "documents/s"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=str(BUNDLED_MODEL), help="folder or hub name")
    parser.add_argument("--tokens", type=int, default=96, help="new tokens a reply")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    bench = Bench(options.model, options.tokens)
    measure(bench, 1)  # the first run of anything is slower
    tables = [("plain", measure(bench, options.rounds))]
    if bench.compile():
        measure(bench, 1)
        tables.append(("compiled", measure(bench, options.rounds)))
    for name, rows in tables:
        print(f"\n{name} step")
        for what, ratio, figure in rows:
            print(f"  {what:45} {ratio:>6}   {figure}")
    bench.engine.close()


if __name__ == "__main__":
    main()
