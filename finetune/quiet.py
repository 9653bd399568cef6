"""Libraries' notes on what is meant to be so are not shown: they would bury what is ours."""

from __future__ import annotations

import logging
import warnings


def quieten() -> None:
    """Errors only from the libraries of training, and no bars while a model is loaded."""
    from transformers.utils import logging as transformers_logging

    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    for library in ("accelerate", "bitsandbytes"):
        logging.getLogger(library).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="transformers|torch|peft|bitsandbytes|accelerate")
