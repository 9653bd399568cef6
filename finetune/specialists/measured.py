"""What a run of the evaluation measured of one specialist on one set: figures, errors, scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from eval.bootstrap import Figure as FigureOf
from eval.bootstrap import interval
from eval.judging import METRICS, Metric
from eval.judging.base import ErrorKind
from eval.judging.counting import surface
from eval.judging.relations import triples_of
from eval.metrics import ReliabilityRow, calibration_error, reliability
from eval.report.errors import Tally
from eval.report.runs import Case, Run
from eval.score import DRAWS
from eval.sets import Source, eval_set
from taiyi.document import Document

PER_TYPE = "entities"  # the task whose types have rows of their own
SHOWN = {"offset_f1": "micro-F1, place and type", "concept_f1": "micro-F1 of concepts", "macro_f1": "macro-F1"}
HEADLINES = {"entities": "micro-F1, text and type", "relations": "micro-F1, spellings of head and tail"}
CALIBRATION_ERROR = "expected calibration error"

Judged = tuple[float, bool]
"""The score of an item and whether the item is right."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value with the ends of its 95 % interval; `headline` is the one that counts."""

    metric: str
    value: float
    low: float
    high: float
    headline: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """One set as one specialist answered it. `part` is what was read of the corpus, `n` the number of texts, `judged`
    a row for each item that came with a score; `corpora` are those that the set may be read from."""

    set: str
    task: str
    lang: str
    part: str
    n: int
    note: str
    signature: str
    command: str
    corpora: frozenset[str]
    figures: tuple[Figure, ...]
    n_errors: Mapping[ErrorKind, int]
    judged: tuple[Judged, ...]


def measured(run: Run, name: str) -> Measured:
    """Everything that a card says of a set of a run. Raises FormatError where a record can't be read."""
    row, known = run.rows[name], eval_set(name)
    cases = list(run.cases(name))
    errors = Tally(run, name, Counter(error for case in cases for error in case.judgement.errors)).by_kind()
    split = run.split(name)
    return Measured(
        set=name,
        task=known.task,
        lang=known.lang,
        part=_part(_source(known.sources(split), row), run, row["n"]),
        n=row["n"],
        note=row.get("note", ""),
        signature=row["signature"],
        command=_command(run),
        corpora=frozenset(source.corpus for source in known.sources(split)),
        figures=tuple(figures_of(known.metric, known.task, row, np.stack([case.judgement.stats for case in cases]))),
        n_errors=errors,
        judged=tuple(judged for case in cases for judged in judged_items(case, known.task)),
    )


def ranges_of(judged: Sequence[Judged]) -> list[ReliabilityRow]:
    """How often items of each range of scores are right."""
    return reliability([score for score, _ in judged], [right for _, right in judged])


def calibration_error_of(judged: Sequence[Judged]) -> float:
    """The expected calibration error of items with scores."""
    return calibration_error([score for score, _ in judged], [right for _, right in judged])


def _source(sources: Sequence[Source], row: Mapping[str, Any]) -> Source:
    """The alternative that was read: the one whose note the row repeats, else the one without any."""
    told = row.get("note", "")
    noted = (source for source in sources if source.note and source.note in told)
    plain = (source for source in sources if not source.note)
    return next(noted, None) or next(plain, sources[0])


def _part(source: Source, run: Run, n: int) -> str:
    chosen = run.settings.get("sample") or run.settings.get("limit")
    part = source.part or source.split
    return f"{part}, {n} of it" if chosen else part


def _command(run: Run) -> str:
    """The command that makes the run, with names in the place of folders."""
    given = {
        "split": run.settings.get("split"),
        "predictor": run.settings.get("predictor"),
        "sample": run.settings.get("sample"),
        "limit": run.settings.get("limit"),
        "specialists": "WORK" if run.settings.get("specialists_dir") else None,
    }
    options = "".join(f" --{name} {value}" for name, value in given.items() if value)
    return f"python -m eval run --data DIR --out RUN{options}"


def figures_of(metric_id: str, task: str, row: Mapping[str, Any], stats: np.ndarray) -> Iterator[Figure]:
    """The headline as the run has it; then the others, with intervals over the same resamples of `stats` (n, k)."""
    metric = METRICS[metric_id]
    yield Figure(HEADLINES.get(task, metric.name), row[metric.headline], row["low"], row["high"], headline=True)
    keys = [key for key in ("precision", "recall", *SHOWN) if key in row and row[key] != row[metric.headline]]
    others: dict[str, FigureOf] = {SHOWN.get(key, key): partial(_figure, metric, key) for key in keys}
    labels = tuple(row.get("per_type", ())) if task == PER_TYPE else ()
    for label in labels if len(labels) > 1 else ():
        others[f"micro-F1 {label}, text and type"] = partial(_type_f1, metric, labels, label)
    for name, figure in others.items():
        yield Figure(name, figure(stats.sum(axis=0)), *interval(stats, figure, DRAWS, seed=0))


def _figure(metric: Metric, key: str, total: np.ndarray) -> float:
    return metric.figures(total)[key]


def _type_f1(metric: Metric, labels: Sequence[str], label: str, total: np.ndarray) -> float:
    return metric.per_type(total, labels)[label]["f1"]


def judged_items(case: Case, task: str) -> Iterator[Judged]:
    """What was predicted with a score, and whether it is right as the set's metric compares it: mentions by type and
    text, relations by type and spellings (each once, with its highest score), classes by name."""
    if case.predicted is None:
        return
    if task == "entities":
        gold = set(_mentions(case.gold))
        for item, score in zip(_mentions(case.predicted), (e.score for e in case.predicted.entities), strict=True):
            if score is not None:
                yield score, item in gold
    elif task == "relations":
        triples = triples_of(case.gold)
        yield from ((score, triple in triples) for triple, score in _scored_triples(case.predicted).items())
    else:
        names = {label.name for label in case.gold.labels}
        yield from ((label.score, label.name in names) for label in case.predicted.labels if label.score is not None)


def _mentions(document: Document) -> list[tuple[str, str]]:
    return [(entity.label, surface(document.text_of(entity.spans))) for entity in document.entities]


def _scored_triples(document: Document) -> dict[tuple[str, str, str], float]:
    text_by_id = {entity.id: surface(document.text_of(entity.spans)) for entity in document.entities}
    best: dict[tuple[str, str, str], float] = {}
    for relation in document.relations:
        if relation.score is not None:
            triple = relation.label, text_by_id[relation.head], text_by_id[relation.tail]
            best[triple] = max(relation.score, best.get(triple, 0.0))
    return best
