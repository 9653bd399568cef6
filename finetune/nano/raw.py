"""Raw text for base training: reads the sources that the configuration names, without texts of the test sets."""

from __future__ import annotations

import json
import lzma
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from finetune.nano.template import dialogue_text
from taiyi.errors import InputError

RAW_SHARE = 0.05  # of a text's segments found in test documents: one in twenty drops raw text (data README)


def record_text(record: dict[str, Any]) -> str:
    """The text of one line of a raw file, whatever its kind: dialogues in the chat template, bilingual pairs on two
    lines, articles with their title above."""
    if "messages" in record:
        return dialogue_text(record["messages"])
    if "zh" in record and "en" in record:
        return f"{record['zh']}\n{record['en']}"
    if "plain" in record:
        return f"{record['abstract']}\n{record['plain']}"
    return "\n".join(record[key] for key in ("title", "abstract", "text") if record.get(key))


def iter_raw(path: Path) -> Iterator[str]:
    """The texts of an xz-packed JSON-lines file, in its order, empty ones left out."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            text = record_text(json.loads(line)).strip()
            if text:
                yield text


def read_source(path: Path, max_chars: int, seed: int, leaked: Callable[[str], bool]) -> tuple[list[str], int]:
    """Texts of one source, `max_chars` characters in an order fixed by `seed`, and how many leaked ones fell out.

    Raises InputError where the file is not there or broken.
    """
    try:
        texts = sorted(set(iter_raw(path)))
    except (OSError, EOFError, ValueError, lzma.LZMAError) as error:
        raise InputError(
            f"The raw text {path} cannot be read ({error}). Put it there, or take it out of `raw` in the configuration."
        ) from error
    random.Random(seed).shuffle(texts)
    kept: list[str] = []
    n_leaked = n_chars = 0
    for text in texts:
        if n_chars >= max_chars:
            break
        if leaked(text):
            n_leaked += 1
            continue
        kept.append(text)
        n_chars += len(text)
    return kept, n_leaked
