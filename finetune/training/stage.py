"""One stage from its settings to a folder that describes itself."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
import yaml
from accelerate import PartialState
from transformers import set_seed

from finetune.data.estimate import Precision, estimate_lines
from finetune.training.checkpoints import Best
from finetune.training.config import StageConfig
from finetune.training.curves import draw, write_events
from finetune.training.description import describe
from finetune.training.identity import base_identity
from finetune.training.isolation import needs_explicit_mask
from finetune.training.model import (
    FINISHED,
    STAGE_FILE,
    check_start,
    compute_dtype,
    is_sharded,
    load_stage_model,
    stage_tokenizer,
)
from finetune.training.plan import Plan, StageData, plan, stage_data
from finetune.training.progress import Progress
from finetune.training.trainer import StageTrainer
from taiyi.errors import InputError

MADE_OF = "made_of.json"
PACKAGES = ("torch", "transformers", "peft", "accelerate", "bitsandbytes", "tokenizers")


def planned(config: StageConfig) -> Plan:
    """What the stage will do; everything is checked and nothing trained."""
    check_start(config)
    _check_out(Path(config.out), config)
    data = stage_data(config, stage_tokenizer(config))
    return plan(config, data, _processes().num_processes)


def plan_lines(config: StageConfig, going: Plan) -> list[str]:
    """The plan and what it will take, for a reader."""
    precision: Precision = "bf16" if compute_dtype(config.precision) is torch.bfloat16 else "fp32"
    estimate = estimate_lines(config, going.tokens, going.learnt, processes=going.processes, precision=precision)
    return [*going.lines(), *estimate]


def train_stage(config: StageConfig) -> Path:
    """Train the stage to its end, from where it was left, and describe what came out; its folder.

    Raises TaiyiError for what a person can mend: settings, data, a missing stage before, a full disk, a loss that is
    no number any more.
    """
    state = _processes()
    out = Path(config.out)
    check_start(config)
    _check_out(out, config)
    if (out / FINISHED).is_file():
        _say(f"{out} is finished already; there is nothing left to do.")
        return out
    tokenizer = stage_tokenizer(config)
    with state.main_process_first():
        data = stage_data(config, tokenizer, quiet=not state.is_main_process)
    going = plan(config, data, state.num_processes)
    measure = _measure(config, tokenizer)
    if state.is_main_process:
        _say("\n".join(plan_lines(config, going)))
        _begin(out, config, data, going)
    state.wait_for_everyone()
    set_seed(config.seed)
    trainer = _trainer(config, tokenizer, data, measure)
    trainer.run()
    if state.is_main_process:
        _finish(out, config, trainer.state.global_step)
    state.wait_for_everyone()
    return out


def _trainer(config: StageConfig, tokenizer: Any, data: StageData, measure: Any) -> StageTrainer:
    device = None if is_sharded() else _processes().device
    model = load_stage_model(config, device)
    # A model that is spread over processes cannot be tried; the mask holds for all.
    explicit = config.packing and (device is None or needs_explicit_mask(model, config.base))
    return StageTrainer(
        config,
        model=model,
        tokenizer=tokenizer,
        train=data.train,
        dev=data.dev,
        explicit_mask=explicit,
        measure=measure,
        callbacks=[Progress(Path(config.out) / "log.jsonl")],
    )


def _begin(out: Path, config: StageConfig, data: StageData, going: Plan) -> None:
    """Write down what the stage is made of. Raises InputError where an interrupted run was made of something else."""
    made_of = {
        "data": data.sha256,
        "base": base_identity(config.base),
        "plan": asdict(going),
        "versions": {name: version(name) for name in PACKAGES},
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        if (out / STAGE_FILE).is_file():
            _check_made_of(out, made_of)
        _write(out / MADE_OF, json.dumps(made_of, indent=1))
        _write(out / STAGE_FILE, yaml.safe_dump(config.to_dict(), sort_keys=False, allow_unicode=True))
    except OSError as error:
        raise InputError(f"{out}: the stage's folder cannot be written ({error.strerror}).") from error


def _check_out(out: Path, config: StageConfig) -> None:
    """Refuse a folder that holds a run with other settings; how many checkpoints stay may change."""
    if not (out / STAGE_FILE).is_file():
        return
    earlier = yaml.safe_load((out / STAGE_FILE).read_text(encoding="utf-8"))
    for key, value in config.to_dict().items():
        if key != "keep" and earlier.get(key) != value:
            raise InputError(
                f"{out} holds a run with {key}: {earlier.get(key)}, now it is {value}. Give that again to go on, or "
                "another `out`."
            )


def _check_made_of(out: Path, made_of: dict[str, Any]) -> None:
    earlier = json.loads((out / MADE_OF).read_text(encoding="utf-8"))
    for what in ("data", "base"):
        for name, digest in made_of[what].items():
            if earlier[what].get(name) != digest:
                raise InputError(
                    f"{what} {name} is not what the run in {out} began with. Bring it back to go on, or give another "
                    "`out`."
                )
    if earlier["plan"]["processes"] != made_of["plan"]["processes"]:
        raise InputError(
            f"The run in {out} began with {earlier['plan']['processes']} process(es), now there are "
            f"{made_of['plan']['processes']}. Start as many to go on, or give another `out`."
        )


def _finish(out: Path, config: StageConfig, steps: int) -> None:
    """Draw the curves, write the README, and mark the stage as finished."""
    if (out / "log.jsonl").is_file():
        draw(out)
        write_events(out)
    best = Best(out).facts() or {}
    made_of = json.loads((out / MADE_OF).read_text(encoding="utf-8"))
    _write(out / "README.md", describe(config, made_of, best, steps))
    _write(out / FINISHED, json.dumps({"steps": steps, "best": best}, indent=1))
    _say(f"The stage is finished: {out}")


def _measure(config: StageConfig, tokenizer: Any) -> Any:
    if config.scores is None:
        return None
    if is_sharded():
        raise InputError(
            "Under FSDP and DeepSpeed no process is sure to hold the whole model, so it can't answer dev examples. "
            "Give --set scores=null; the loss on what was set aside then chooses the checkpoint."
        )
    from finetune.training.scores import DevScores

    return DevScores(config, tokenizer).measure


def _processes() -> PartialState:
    """This process among those of the run. Said to compute on the CPU, several processes find each other there, too."""
    return PartialState(cpu=not torch.cuda.is_available())


def _write(path: Path, text: str) -> None:
    aside = path.with_name(f".{path.name}.part")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
