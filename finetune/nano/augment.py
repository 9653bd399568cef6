"""From one annotated document to many questions: passages, sub-tasks, other templates, swapped names."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from finetune.data.passages import passages
from taiyi.document import Document, Entity, Span
from taiyi.prompts import templates
from taiyi.tasks.base import Example, Request

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


def any_template(request: Request, rng: random.Random) -> Request:
    """The request in one of its task's templates; the first, which the app uses, in half of the cases."""
    known = templates(request.task, request.lang)
    chosen = known[0] if rng.random() < 0.5 else rng.choice(known)
    return replace(request, template=chosen.id)


def entity_variants(
    example: Example, lexicon: Lexicon, rng: random.Random, *, max_chars: int, swap: float
) -> Iterator[Example]:
    """One question for each passage of the example's document, with swapped names in a share `swap` of them."""
    for passage in passages(example.gold, max_chars):
        gold = swap_names(passage, lexicon, rng) if rng.random() < swap else passage
        labels = ask_for_some(example.request.labels, {entity.label for entity in gold.entities}, rng)
        gold = replace(gold, entities=tuple(entity for entity in gold.entities if entity.label in labels))
        request = any_template(replace(example.request, text=gold.text, labels=labels), rng)
        yield Example(gold.id, request, gold, example.source)
