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

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from taiyi.errors import TaiyiError

VERBS = ("sets", "run", "score", "compare", "report", "oracle")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the verb that the arguments name; the exit code says how it went."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = argparse.ArgumentParser(
        prog="python -m eval", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("verb", choices=VERBS, metavar="VERB", help=", ".join(VERBS))
    verb = options.parse_args(given[:1]).verb
    module = import_module(f"eval.verbs.{verb}")
    own = argparse.ArgumentParser(
        prog=f"python -m eval {verb}", description=module.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
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
