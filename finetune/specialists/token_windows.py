"""Documents as the tagger learns them: windows of whole sentences with a tag for each token."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from taiyi.document import Document
from taiyi.predictors.readers.token_input import TokenReader, Tokens
from taiyi.predictors.readers.token_tagger import windows_of

LANG = "en"


@dataclass(frozen=True, slots=True)
class Window:
    """Some sentences of a document with the tag of each token, in the tags of the scheme `head`."""

    tokens: Tokens
    tags: NDArray[np.int64]
    head: str


def tags_of(document: Document, tokens: Tokens, labels: Sequence[str]) -> tuple[NDArray[np.int64], int]:
    """The tags of a document's tokens (0, or 1 + 4 * label + begin, inside, end or single), and how many mentions
    could not be told in tags: those that cut a token or lie in or across a longer one, which stays."""
    tags = np.zeros(len(tokens), np.int64)
    first = {start: n for n, (start, _) in enumerate(tokens.places)}
    last = {end: n for n, (_, end) in enumerate(tokens.places)}
    lost = 0
    for entity in sorted(document.entities, key=lambda e: (e.start - e.end, e.start)):
        begin, end = first.get(entity.start), last.get(entity.end)
        if begin is None or end is None or tags[begin : end + 1].any():
            lost += 1
            continue
        base = 1 + 4 * labels.index(entity.label)
        tags[begin : end + 1] = base + 1
        tags[begin], tags[end] = base, base + 2
        if begin == end:
            tags[begin] = base + 3
    return tags, lost


def tagged_windows(
    documents: Sequence[Document], head: Mapping[str, Any], read: TokenReader, limit: int
) -> list[Window]:
    """The documents in windows of whole sentences, as the reader sees them."""
    windows = []
    lost = 0
    for document in documents:
        tokens = read(document.text)
        tags, n_lost = tags_of(document, tokens, head["labels"])
        lost += n_lost
        for begin, end in windows_of(document.text, tokens, limit, LANG):
            windows.append(Window(tokens.part(begin, end), tags[begin:end], head["name"]))
    n_mentions = sum(len(document.entities) for document in documents)
    print(f"{head['name']}: {n_mentions} mentions, {lost} can't be told in tags", file=sys.stderr, flush=True)
    return windows
