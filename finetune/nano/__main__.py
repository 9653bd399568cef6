"""Make the bundled language model from scratch: one command a stage, in this order, or `all` of them.

    python -m finetune.nano tokenizer --data DIR --work DIR    byte-level BPE from raw text
    python -m finetune.nano prepare   --data DIR --work DIR    the instructions, by `finetune prepare`, leak report too
    python -m finetune.nano pack      --data DIR --work DIR    raw text and instructions as token files
    python -m finetune.nano base      --work DIR               raw text
    python -m finetune.nano stage1    --work DIR               single tasks
    python -m finetune.nano stage2    --work DIR               questions and dialogues, single tasks beside them
    python -m finetune.nano continued --work DIR               the second stage goes on, for the model that ships
    python -m finetune.nano one_stage --work DIR               for Figure 4: all of it at once, from the base
    python -m finetune.nano tune      --data DIR --work DIR    biases of decoding, on the tuning parts
    python -m finetune.nano score     --data DIR --work DIR    all sets at hand, with the grammar and free of it
    python -m finetune.nano figure4   --data DIR --work DIR    one stage beside two, on the same sets
    python -m finetune.nano export    --work DIR --model DIR   the model's folder with its card
    python -m finetune.nano all       --data DIR --work DIR --model models/nano

Each stage goes on where it was stopped. `--data` defaults to the environment variable TAIYI_DATA; the settings are
finetune/nano/config.yaml and mixture.yaml. What the measuring verbs found is in the work folder, `export` writes it
into the card.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from finetune.nano.config import DEFAULT_CONFIG, NanoConfig
from taiyi.errors import InputError, TaiyiError

TRAINED = ("base", "stage1", "stage2", "continued", "one_stage")
MEASURED = ("tune", "score", "figure4")
STAGES = ("tokenizer", "prepare", "pack", *TRAINED, *MEASURED, "export")
READS_DATA = frozenset({"tokenizer", "prepare", "pack", *MEASURED})


def main(arguments: list[str] | None = None) -> int:
    """Run a stage; 2 where something must be mended first, with one line that says what."""
    options = parser().parse_args(arguments)

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
    from finetune.nano import measuring, stages
    from finetune.nano.export import export

    work: Path = options.work
    if stage in READS_DATA and (options.data is None or not Path(options.data).is_dir()):
        raise InputError(f"The stage {stage} reads the corpora: name their folder with --data or TAIYI_DATA.")
    data = Path(options.data or "")
    work.mkdir(parents=True, exist_ok=True)
    if stage == "tokenizer":
        if not (work / "tokenizer" / "tokenizer.json").exists():
            stages.make_tokenizer(config, data, work)
    elif stage == "prepare":
        stages.prepare_instructions(config, data, work)
    elif stage == "pack":
        stages.pack_raw(config, data, work)
        stages.pack_instructions(config, work)
    elif stage in TRAINED:
        stages.train_stage(config, stage, work, device=options.device)
    elif stage in MEASURED:
        measuring.measure(stage, config, data, work, options.sample)
    else:
        export(config, work, options.model)


def parser() -> argparse.ArgumentParser:
    """The options of the command line."""
    made = argparse.ArgumentParser(
        prog="python -m finetune.nano", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("stage", choices=(*STAGES, "all"))
    made.add_argument("--data", default=os.environ.get("TAIYI_DATA"), help="folder of the corpora")
    made.add_argument("--work", type=Path, required=True, help="folder for everything the stages make")
    made.add_argument("--model", type=Path, default=Path("models/nano"), help="the model's folder")
    made.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
    made.add_argument("--sample", type=int, default=200, help="examples of each set that are scored (default: 200)")
    made.add_argument("--threads", type=int, default=1, help="CPU threads")
    made.add_argument("--device", default="cpu", help="where to train: cpu (default) or cuda")
    return made


if __name__ == "__main__":
    sys.exit(main())
