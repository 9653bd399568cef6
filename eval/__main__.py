"""Evaluation: `python -m eval VERB`, which scores predictors and files of predictions on the paper's test sets.

    python -m eval sets --data DIR                                          what is at hand, what is missing
    python -m eval run --data DIR --out DIR [--model NAME] [--sets a,b]     answer every example and score
    python -m eval score --set NAME --predictions FILE --data DIR [--json]  score predictions made elsewhere
    python -m eval compare RUN_A RUN_B                                      paired differences of two runs
    python -m eval report DIR                                               the paper's tables with our column
    python -m eval oracle --data DIR                                        gold through prompt form and score

Results go to standard output, everything else to standard error. The exit code is 0 when all went well and 2, with one
sentence of reason, when something must be mended first. `python -m eval VERB --help` lists a verb's options.
"""

from __future__ import annotations

from collections.abc import Sequence

from taiyi.commands import exit_with, run_verb

VERBS = ("sets", "run", "score", "compare", "report", "oracle")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the verb that the arguments name; the exit code says how it went."""
    return run_verb("eval", __doc__, VERBS, arguments)


if __name__ == "__main__":
    exit_with(main)
