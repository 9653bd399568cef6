"""Make the bundled language model from scratch: one command a stage, in this order, or `all` of them.

    python -m finetune.nano tokenizer --data DIR --work DIR                    byte-level BPE from raw text
    python -m finetune.nano pack      --data DIR --work DIR                    raw text and instructions as token files
    python -m finetune.nano base      --work DIR                               raw text
    python -m finetune.nano sft       --work DIR                               instructions: types, then every task
    python -m finetune.nano export    --work DIR --model models/nano           the model's folder
    python -m finetune.nano score     --data DIR --work DIR --model models/nano    end bias and scores
    python -m finetune.nano all       --data DIR --work DIR --model models/nano

Each stage goes on where it was stopped. `--data` defaults to the environment variable TAIYI_DATA; the settings are
finetune/nano/config.yaml and mixture.yaml. `score` writes the folder again, with what it measured.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from finetune.nano.config import DEFAULT_CONFIG, NanoConfig
from taiyi.errors import InputError, TaiyiError

STAGES = ("tokenizer", "pack", "base", "sft", "export", "score")
READS_DATA = frozenset({"tokenizer", "pack", "score"})


def main(arguments: list[str] | None = None) -> int:
    """Run a stage; 2 where something must be mended first, with one line that says what."""
    options = _parser().parse_args(arguments)

    import torch

    torch.set_num_threads(options.threads)
    try:
        config = NanoConfig.load(options.config)
        for stage in STAGES if options.stage == "all" else (options.stage,):
            _run(stage, config, options)
    except TaiyiError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _run(stage: str, config: NanoConfig, options: argparse.Namespace) -> None:
    from finetune.nano import stages
    from finetune.nano.export import export
    from finetune.nano.score import write_scores

    work: Path = options.work
    if stage in READS_DATA and (options.data is None or not Path(options.data).is_dir()):
        raise InputError(f"The stage {stage} reads the corpora: name their folder with --data or TAIYI_DATA.")
    data = Path(options.data or "")
    work.mkdir(parents=True, exist_ok=True)
    if stage == "tokenizer":
        if not (work / "tokenizer" / "tokenizer.json").exists():
            stages.make_tokenizer(config, data, work)
    elif stage == "pack":
        stages.pack_raw(config, data, work)
        for name in ("types", "tasks"):
            stages.encode_stage(config, name, data, work)
    elif stage == "base":
        stages.train_base(config, work)
    elif stage == "sft":
        stages.train_stage(config, "types", "base", work)
        stages.train_stage(config, "tasks", "types", work)
    elif stage == "export":
        export(config, work, options.model)
    else:
        write_scores(options.model, data, work, config.seed)
        export(config, work, options.model)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m finetune.nano", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("stage", choices=(*STAGES, "all"))
    parser.add_argument("--data", default=os.environ.get("TAIYI_DATA"), help="folder of the corpora")
    parser.add_argument("--work", type=Path, required=True, help="folder for everything the stages make")
    parser.add_argument("--model", type=Path, default=Path("models/nano"), help="the model's folder")
    parser.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")
    return parser


if __name__ == "__main__":
    sys.exit(main())
