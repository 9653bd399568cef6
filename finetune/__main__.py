"""Fine-tuning: `python -m finetune VERB`, from corpora to a merged model, in two stages as in the paper.

    python -m finetune prepare --data DIR --mixture finetune/configs/mixture.yaml --out DIR    corpora as instructions
    python -m finetune lint DIR                                     what is wrong in instruction files, by file and line
    python -m finetune leaks --data DIR                             which corpora hold documents of test sets
    python -m finetune fingerprints FILE --set NAME                 hashes of a test set of your own
    python -m finetune estimate finetune/configs/stage1.yaml        memory and operations of a stage
    python -m finetune train finetune/configs/stage1.yaml           a stage; several GPUs with accelerate launch -m
    python -m finetune merge OUT                                    the best adapter merged into its bf16 base
    python -m finetune check OUT                                    whether adapter, merged and served model agree

Results go to standard output, everything else to standard error. The exit code is 0 when all went well and 2, with one
sentence of reason, when something must be mended first. `python -m finetune VERB --help` lists a verb's options. The
bundled models have recipes of their own: `python -m finetune.specialists` and `python -m finetune.nano`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from taiyi.errors import TaiyiError

VERBS = ("prepare", "lint", "leaks", "fingerprints", "estimate", "train", "merge", "check")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the verb that the arguments name; the exit code says how it went."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = argparse.ArgumentParser(
        prog="python -m finetune", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("verb", choices=VERBS, metavar="VERB", help=", ".join(VERBS))
    verb = options.parse_args(given[:1]).verb
    module = import_module(f"finetune.verbs.{verb}")
    own = argparse.ArgumentParser(
        prog=f"python -m finetune {verb}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(own)
    try:
        code: int = module.main(own.parse_args(given[1:]))
    except TaiyiError as error:
        print(error, file=sys.stderr)
        return 2
    return code


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        # The reader has gone (head, less): say nothing, and leave nothing to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
