"""How fast the bundled specialists are: seconds to load each, and texts a second with one and two threads.

    python -m bench.specialists --data DIR [--limit N]

Each is asked once for the texts of an evaluation set that it answers, on its development part; two workers share one
set of weights, as a run of the evaluation has them.
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch

from eval.sets import load_sets, read_set
from taiyi.config import BUNDLED_SPECIALISTS
from taiyi.errors import FormatError
from taiyi.predictors.base import answer
from taiyi.predictors.specialist import SpecialistPredictor, load_specialists
from taiyi.tasks.base import Request

WORKERS = (1, 2)


def requests_of(specialist: SpecialistPredictor, data_dir: Path, limit: int) -> tuple[str, list[Request]]:
    """The first set that the specialist answers, and its requests; none where it answers no set that is at hand."""
    for name, eval_set in load_sets().items():
        if (eval_set.task, eval_set.lang) != (specialist.card.task, specialist.card.lang):
            continue
        try:
            requests = [example.request for example in read_set(eval_set, "dev", data_dir)][:limit]
        except FormatError:
            continue
        if requests and specialist.supports(requests[0]):
            return name, requests
    return "-", []


def texts_a_second(specialist: SpecialistPredictor, requests: list[Request], workers: int) -> float:
    """Texts answered in a second of the clock."""
    started = time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda request: answer(specialist, request), requests))
    return len(requests) / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the corpora")
    parser.add_argument("--limit", type=int, default=300, help="texts of a set")
    options = parser.parse_args()
    torch.set_num_threads(1)
    total = 0.0
    print("| specialist | seconds to load | set | " + " | ".join(f"texts/s, {n} at once" for n in WORKERS) + " |")
    print("|---|---|---|" + "---|" * len(WORKERS))
    for specialist in load_specialists(BUNDLED_SPECIALISTS):
        name, requests = requests_of(specialist, options.data, options.limit)
        started = time.perf_counter()
        specialist.load()
        seconds = time.perf_counter() - started
        total += seconds
        speeds = [f"{texts_a_second(specialist, requests, n):.0f}" if requests else "-" for n in WORKERS]
        print(f"| {specialist.name} | {seconds:.2f} | {name} | {' | '.join(speeds)} |", flush=True)
    print(f"all: {total:.2f} s to load, torch's own import besides")


if __name__ == "__main__":
    main()
