"""More questions from one annotated document: names swapped for others of their type, types asked for in any choice."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from taiyi.document import Document, Entity, Span

ALL_CLASSES_SHARE = 0.7

Lexicon = Mapping[str, Sequence[str]]
"""Names by label, sorted, as they stand in the training texts."""


def lexicon_of(documents: Iterable[Document]) -> Lexicon:
    """The names of the documents' one-piece mentions, by label."""
    names: dict[str, set[str]] = defaultdict(set)
    for document in documents:
        for entity in document.entities:
            if len(entity.spans) == 1:
                names[entity.label].add(document.text_of(entity.spans))
    return {label: sorted(found) for label, found in sorted(names.items())}


def swap_names(document: Document, lexicon: Lexicon, rng: random.Random) -> Document:
    """The document with every name replaced by another one of its type, the same name always by the same.

    What stays unchanged is the sentence: so a name must be copied, it can't be remembered. A document with mentions
    that nest, cross or have several pieces is returned as it is.
    """
    entities = sorted(document.entities, key=lambda entity: entity.start)
    ends = [0, *(entity.end for entity in entities)]
    if any(len(e.spans) > 1 or e.start < end for e, end in zip(entities, ends, strict=False)):
        return document
    chosen: dict[tuple[str, str], str] = {}
    pieces: list[str] = []
    moved: list[Entity] = []
    length = 0

    def add(text: str) -> None:
        nonlocal length
        pieces.append(text)
        length += len(text)

    for entity, before in zip(entities, ends, strict=False):
        add(document.text[before : entity.start])
        old = document.text_of(entity.spans)
        new = chosen.setdefault((entity.label, old), rng.choice(lexicon[entity.label]))
        moved.append(replace(entity, spans=(Span(length, length + len(new)),)))
        add(new)
    add(document.text[ends[-1] :])
    return Document(document.id, document.lang, "".join(pieces), tuple(moved))


def ask_for_some(labels: Sequence[str], present: set[str], rng: random.Random) -> tuple[str, ...]:
    """Types to ask for: now all, now some in any order, at least one of them `present` in most cases.

    Types that do not occur stay among them, so that an empty line is a usual answer.
    """
    if rng.random() < 0.4:
        return tuple(labels)
    chosen = rng.sample(list(labels), rng.randint(1, len(labels)))
    here = sorted(present & set(labels))
    if here and not present & set(chosen) and rng.random() < 0.85:
        chosen[rng.randrange(len(chosen))] = rng.choice(here)
    return tuple(dict.fromkeys(chosen))


def leave_out_some(labels: Sequence[str], present: set[str], rng: random.Random) -> tuple[str, ...]:
    """Classes to choose from, in the given order: mostly all, else those that hold and some of the others."""
    if rng.random() < ALL_CLASSES_SHARE:
        return tuple(labels)
    others = [label for label in labels if label not in present]
    kept = present | set(rng.sample(others, rng.randint(min(1, len(others)), len(others))))
    return tuple(label for label in labels if label in kept)
