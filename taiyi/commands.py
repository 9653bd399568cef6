"""What our command lines share: verbs that are imported when they are asked for, errors as one sentence, quiet ends."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NoReturn

from taiyi.errors import TaiyiError


def run_verb(package: str, description: str | None, verbs: Sequence[str], arguments: Sequence[str] | None) -> int:
    """Run the verb that `arguments` (or the command line's) begin with; the exit code says how it went.

    A verb is a module `PACKAGE.verbs.VERB` with `add_arguments(parser)` and `main(options) -> int`; its docstring is
    its help. A TaiyiError becomes its sentence on standard error and the code 2.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser(f"python -m {package}", description)
    options.add_argument("verb", choices=verbs, metavar="VERB", help=", ".join(verbs))
    verb = options.parse_args(given[:1]).verb
    module = import_module(f"{package}.verbs.{verb}")
    own = _parser(f"python -m {package} {verb}", module.__doc__)
    module.add_arguments(own)
    try:
        code: int = module.main(own.parse_args(given[1:]))
    except TaiyiError as error:
        print(error, file=sys.stderr)
        return 2
    return code


def exit_with(main: Callable[[], int]) -> NoReturn:
    """Run `main` and leave with its exit code; without a trace where the reader goes or Ctrl-C comes."""
    try:
        sys.exit(main())
    except BrokenPipeError:
        # The reader has gone (head, less): say nothing, and leave nothing to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _parser(prog: str, description: str | None) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog=prog, description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
