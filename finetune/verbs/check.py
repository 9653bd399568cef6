"""Compare the replies of a stage's adapter, of the merged model and of a served one, on fixed prompts.

    python -m finetune check runs/stage2
    python -m finetune check runs/stage2 --merged models/mine --served http://127.0.0.1:8000/v1#mine

The exit code is 1 where the merged folder is not the adapter's sum with its base: there the two choose other tokens in
fp32, a weight differs by more than its rounding, or a prompt is written otherwise. What rounding to bf16, the NF4 base
and a server change in the replies is told as a share. Prompts: finetune/configs/check_prompts.yaml.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from finetune.quiet import quieten

MARKS = {True: "ok   ", False: "WRONG", None: "     "}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.add_argument("stage", type=Path, metavar="OUT", help="folder of a stage")
    parser.add_argument("--merged", type=Path, metavar="DIR", help="the merged model's folder; default: OUT/merged")
    parser.add_argument("--served", metavar="URL#NAME", help="a chat-completions server that has the merged model")
    parser.add_argument("--base", metavar="NAME", help="where the base is now; default: where it was in training")
    parser.add_argument("--prompts", type=Path, metavar="FILE", help="requests to ask instead, as YAML")
    parser.add_argument("--max-new-tokens", type=int, default=48, metavar="N", help="length of a reply; default: 48")


def main(args: argparse.Namespace) -> int:
    """Print the findings; 1 where one is not as it must be."""
    quieten()
    from finetune.training.agreement import PROMPTS, read_prompts
    from finetune.training.checking import Check, check_merged_folder
    from finetune.training.finished import read_finished
    from taiyi.engine.remote import RemoteEngine

    merged = args.merged or args.stage / "merged"
    check_merged_folder(merged)
    stage = read_finished(args.stage, args.base)
    served = RemoteEngine(args.served) if args.served else None
    check = Check(stage, read_prompts(args.prompts or PROMPTS), args.max_new_tokens)
    right = True
    for finding in check.run(merged, served):
        print(f"{MARKS[finding.right]} {finding.what}: {finding.told}", flush=True)
        right = right and finding.right is not False
    return 0 if right else 1
