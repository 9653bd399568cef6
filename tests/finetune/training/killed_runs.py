"""Runs that are killed (SIGKILL) at one of the moments in which they touch a file, until one comes to its end.

    python -m tests.finetune.training.killed_runs BASE DATA FOLDER SEED...

Trains in FOLDER/whole undisturbed, then for each seed in FOLDER/SEED: a process kills itself at a moment drawn from the
seed, the next goes on, with a moment of its own. What is printed is a JSON object: how many processes each seed took.
The libraries are loaded once; each process is a fork.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib.figure  # noqa: F401
import torch
import torch.utils.tensorboard

from finetune.training.config import StageConfig
from finetune.training.stage import train_stage
from tests.finetune.training.made_run import make_config

TOUCHES = {"open", "os.rename", "os.remove", "os.mkdir", "shutil.rmtree"}
KILLS = 7


def main() -> None:
    base, data, folder, *seeds = sys.argv[1:]
    torch.set_num_threads(1)
    config = make_config(Path(base), Path(data), Path(folder) / "whole", keep=1)
    touches = in_a_fork(config, kill_at=None)
    processes = {}
    for seed in seeds:
        rng = random.Random(int(seed))
        disturbed = replace(config, out=str(Path(folder) / seed))
        moments = [rng.randrange(1, touches // 2) for _ in range(KILLS)]
        processes[seed] = 1
        while in_a_fork(disturbed, kill_at=moments.pop() if moments else None) is None:
            processes[seed] += 1
    print(json.dumps(processes))


def in_a_fork(config: StageConfig, kill_at: int | None) -> int | None:
    """Train in a process of its own; how often it touched its folder, or None where it was killed."""
    counted, report = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            touches = count_touches(config.out, kill_at)
            train_stage(config)
            os.write(report, str(touches[0]).encode())
            os._exit(0)
        except BaseException as error:
            print(repr(error), file=sys.stderr)
            os._exit(1)
    os.close(report)
    with os.fdopen(counted) as answer:
        text = answer.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return None
    assert os.WEXITSTATUS(status) == 0, "a run failed; what it said is above"
    return int(text)


def count_touches(folder: str, kill_at: int | None) -> list[int]:
    """Count what this process does to files in `folder`, and kill it at the `kill_at`-th time."""
    count = [0]

    def hook(event: str, given: tuple[Any, ...]) -> None:
        if event in TOUCHES and any(folder in os.fspath(path) for path in given if isinstance(path, str | Path)):
            count[0] += 1
            if count[0] == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    return count


if __name__ == "__main__":
    main()
