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

from collections.abc import Sequence

from taiyi.commands import exit_with, run_verb

VERBS = ("prepare", "lint", "leaks", "fingerprints", "estimate", "train", "merge", "check")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the verb that the arguments name; the exit code says how it went."""
    return run_verb("finetune", __doc__, VERBS, arguments)


if __name__ == "__main__":
    exit_with(main)
