"""Training tokens a second of our stages against trl's SFTTrainer with its defaults, on the same data and model.

    python -m venv .bench && .bench/bin/pip install -r requirements.txt -r bench/requirements.txt
    .bench/bin/python -m bench.training --data DIR                          DIR as `finetune prepare` leaves it
    .bench/bin/python -m bench.training --data DIR --model FOLDER --method qlora --rounds 5

One adapter, one learning rate, one window, conversations of one turn. Ours is the settings of `stage1.yaml`: packed
rows, scores over the vocabulary where something is learnt; as it chooses its precision (fp32 on a CPU) and in bf16.
trl's are its own defaults (8 conversations a device, padded; bf16), the same in the precision that ours chooses, and
that with its own packing, all with loss on the completion only. Both sides checkpoint, as both do by default. Every
round trains all of them in turn from the same weights; the first step of each does not count. Shown are medians over
rounds of the tokens, without padding, in a second: of the clock where there is a GPU, of one CPU thread's own time
where there is none, so that other work on the machine counts less.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import torch
from transformers import TrainerCallback
from transformers.utils import logging as transformers_logging

from finetune.data.instruction import read_instructions, write_instructions
from finetune.training.config import StageConfig
from finetune.training.model import load_stage_model, stage_tokenizer
from finetune.training.plan import stage_data
from finetune.training.trainer import StageTrainer

ROOT = Path(__file__).parents[1]
CUDA = torch.cuda.is_available()
CLOCK = time.perf_counter if CUDA else time.process_time
TRL_VARIANTS: dict[str, dict[str, Any]] = {
    "trl, defaults": {},
    "trl, our precision": {"bf16": CUDA},
    "trl, our precision, packed": {"bf16": CUDA, "packing": True},
}


class Meter(TrainerCallback):
    """The time at which each step ended, and the tokens without padding, as Trainer counts them, seen by then."""

    def __init__(self) -> None:
        self._ends: list[tuple[float, int]] = []

    def on_step_end(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        if CUDA:
            torch.cuda.synchronize()
        self._ends.append((CLOCK(), state.num_input_tokens_seen))

    def rate(self) -> float:
        """Tokens a second of the steps after the first."""
        (begun, before), (ended, after) = self._ends[0], self._ends[-1]
        return (after - before) / (ended - begun)


def ours(config: StageConfig, steps: int) -> float:
    """Tokens a second of a stage."""
    tokenizer = stage_tokenizer(config)
    data = stage_data(config, tokenizer, quiet=True)
    meter = Meter()
    trainer = StageTrainer(
        replace(config, max_steps=steps),
        model=load_stage_model(config, torch.device("cuda" if CUDA else "cpu")),
        tokenizer=tokenizer,
        train=data.train,
        dev=None,
        explicit_mask=False,
        callbacks=[meter],
    )
    trainer.train()
    return meter.rate()


def trl(config: StageConfig, steps: int, **changes: Any) -> float:
    """Tokens a second of SFTTrainer with its defaults, but `changes`."""
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    rows = []
    for _, instruction in read_instructions(Path(config.data) / "type1.train.jsonl"):
        messages = [{"role": message.role, "content": message.content} for message in instruction.messages]
        rows.append({"prompt": messages[:-1], "completion": messages[-1:]})
    meter = Meter()
    trainer = SFTTrainer(
        model=load_stage_model(config, torch.device("cuda" if CUDA else "cpu")),
        args=SFTConfig(
            output_dir=config.out,
            max_steps=steps,
            learning_rate=config.learn_rate,
            max_length=config.max_length,
            include_num_input_tokens_seen="non_padding",
            report_to="none",
            save_strategy="no",
            disable_tqdm=True,
            use_cpu=not CUDA,
            **changes,
        ),
        train_dataset=Dataset.from_list(rows),
        processing_class=stage_tokenizer(config),
        callbacks=[meter],
    )
    trainer.train()
    return meter.rate()


def main() -> None:
    options = _parser().parse_args()
    _quieten()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        config = _config(options, Path(folder))
        sides: dict[str, Callable[[], float]] = {
            "ours": lambda: ours(config, options.steps),
            "ours, bf16": lambda: ours(replace(config, precision="bf16"), options.steps),
        }
        for name, changes in TRL_VARIANTS.items():
            n_steps = options.steps if changes.get("packing") else 4 * options.steps
            sides[name] = lambda changes=changes, n_steps=n_steps: trl(config, n_steps, **changes)  # type: ignore[misc]
        rates: dict[str, list[float]] = {name: [] for name in sides}
        for _ in range(options.rounds):
            for name, measure in sides.items():
                rates[name].append(measure())
                print(f"{name}: {rates[name][-1]:,.0f}", file=sys.stderr, flush=True)
    for name, found in rates.items():
        ratio = median(rates["ours"]) / median(found)
        print(f"{name:28} {median(found):8,.0f} tokens/s   ours is {ratio:.2f} times as fast")


def _config(options: argparse.Namespace, folder: Path) -> StageConfig:
    """The settings of stage 1 on the conversations of one turn, copied aside."""
    changes = [f"base={options.model}", f"data={folder}", f"out={folder / 'out'}", f"method={options.method}"]
    changes += [f"batch_per_device={options.batch}", "scores=null"]
    rows = (row for _, row in read_instructions(options.data / "type1.train.jsonl") if len(row.messages) == 2)
    write_instructions(folder / "type1.train.jsonl", rows)
    return StageConfig.load(ROOT / "finetune" / "configs" / "stage1.yaml", changes)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with type1.train.jsonl")
    parser.add_argument("--model", default=str(ROOT / "models" / "nano"))
    parser.add_argument("--method", default="lora", choices=("lora", "qlora", "full"))
    parser.add_argument("--batch", type=int, default=12, help="our rows a step; the paper's number is 12")
    parser.add_argument("--steps", type=int, default=3, help="our steps a round, the first of which does not count")
    parser.add_argument("--rounds", type=int, default=3)
    return parser


def _quieten() -> None:
    os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore")


if __name__ == "__main__":
    main()
