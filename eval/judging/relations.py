"""Relations: micro-F1 over the set of (head, tail, type) of each document, by surfaces; by concepts beside it.

Paper, "Biomedical Relation Extraction": the triple is compared by its texts. Where a corpus annotates a relation
between concepts (BC5CDR: a chemical and a disease by MeSH identifier), every pair of surfaces of the two is gold, which
is what the models were trained to write; one that is named by a single pair of surfaces then misses the others.
CMeIE's triples are surfaces already, and its own scorer (CBLUE) compares subject, predicate and object as strings.

BioCreative V's own CID scorer compares pairs of identifiers instead: that is `concept_f1`. Here a predicted surface
stands for the concepts that the gold mentions of the same document give to it, so it asks for no identifiers and its
numbers are above those of systems that must find the identifiers too.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eval.judging.base import CaseError, Judgement
from eval.judging.counting import Item, columns, counts_of, is_unreadable, label_columns, label_figures, prf, surface
from eval.judging.pairing import paired_errors
from eval.metrics import Counts, compare, micro_f1
from eval.prediction import GivenTriple, Prediction
from taiyi.document import Document
from taiyi.tasks.base import Example

_CONCEPTS, _LABELS = slice(3, 6), 6


class RelationMetric:
    """Statistics: tp, fp, fn of (type, head, tail); the same of concepts (noughts where not `by_concept`); the same of
    each label."""

    name = "micro-F1"
    headline = "f1"
    headline_columns = slice(3)
    rule = "micro-F1 over the set of (head, tail, type) of each document, all surface pairs as gold"

    def __init__(self, id: str, by_concept: bool) -> None:
        self.id = id
        self.by_concept = by_concept

    def judge(self, example: Example, prediction: Prediction) -> Judgement:
        """A triple whose head or tail is not in the text is a false positive like any other."""
        labels = example.request.labels
        gold = {triple for triple in triples_of(example.gold) if triple[0] in labels}
        found = {triple for triple in _predicted(prediction) if triple[0] in labels}
        text = surface(example.gold.text)
        by_concept = concept_counts(example.gold, found, labels) if self.by_concept else Counts()
        stats = np.concatenate([columns(compare(gold, found)), columns(by_concept), label_columns(gold, found, labels)])
        return Judgement(
            example.id,
            stats,
            unparsed=is_unreadable(prediction, len(found)),
            n_written=len(found),
            n_ungrounded=sum(head not in text or tail not in text for _, head, tail in found),
            errors=_errors(gold, found),
        )

    def figures(self, total: np.ndarray) -> dict[str, float]:
        """Precision, recall and F1; `concept_f1` where relations are annotated between concepts."""
        figures = prf(counts_of(total[:3]))
        if self.by_concept:
            figures["concept_f1"] = micro_f1(counts_of(total[_CONCEPTS]))
        return figures

    def per_type(self, total: np.ndarray, labels: Sequence[str]) -> dict[str, dict[str, float]]:
        """Precision, recall and F1 of each type; empty where there is one type only."""
        return label_figures(total[_LABELS:], labels) if len(labels) > 1 else {}


def triples_of(document: Document) -> set[Item]:
    """(type, head, tail) of a document's relations and of those that its `meta` holds without a place."""
    text_by_id = {entity.id: surface(document.text_of(entity.spans)) for entity in document.entities}
    placed = {(r.label, text_by_id[r.head], text_by_id[r.tail]) for r in document.relations}
    unplaced = document.meta.get("unplaced_relations", ())
    return placed | {(label, surface(head), surface(tail)) for label, head, tail in unplaced}


def _predicted(prediction: Prediction) -> set[Item]:
    if prediction.items is not None:
        given = (item for item in prediction.items if isinstance(item, GivenTriple))
        return {(item.label, surface(item.head), surface(item.tail)) for item in given}
    return triples_of(prediction.document) if prediction.document else set()


def concept_counts(gold: Document, found: set[Item], labels: Sequence[str]) -> Counts:
    """Counts over the set of (type, head concept, tail concept) of a document.

    A surface may stand for several concepts (a composite mention, a name with two meanings): a triple finds the gold
    relations among all their pairs, and is one false positive where there is none. Triples of the same concepts count
    once; a surface that no gold mention has stands for itself.
    """
    concepts_by_surface: dict[str, set[str]] = {}
    for entity in gold.entities:
        concepts_by_surface.setdefault(surface(gold.text_of(entity.spans)), set()).update(entity.concepts)

    def concepts(mention: str) -> frozenset[str]:
        return frozenset(concepts_by_surface.get(mention) or {mention})

    wanted = {relation for relation in gold.meta.get("concept_relations", ()) if relation[0] in labels}
    hits: set[Item] = set()
    wrong: set[tuple[str, frozenset[str], frozenset[str]]] = set()
    for label, head, tail in found:
        heads, tails = concepts(head), concepts(tail)
        right = {(label, h, t) for h in heads for t in tails} & wanted
        hits |= right
        if not right:
            wrong.add((label, heads, tails))
    return Counts(len(hits), len(wrong), len(wanted) - len(hits))


def _errors(gold: set[Item], found: set[Item]) -> tuple[CaseError, ...]:
    return tuple(paired_errors(gold - found, found - gold, _difference, _shown))


def _difference(missed: Item, said: Item) -> int | None:
    """Names differ in borders where one holds the other."""
    if missed[1:] == said[1:]:
        return 0
    pairs = list(zip(missed[1:], said[1:], strict=True))
    if missed[0] != said[0] or not all(one in other or other in one for one, other in pairs):
        return None
    return sum(abs(len(one) - len(other)) for one, other in pairs)


def _shown(triple: Item) -> str:
    label, head, tail = triple
    return f"({head}, {tail}, {label})"
