"""Our figures against the official scorers, written again from their published definitions in plain loops.

Each test makes random gold and predictions, scores them with `score_set`, and counts them a second time as the official
scorer of the set does, without any of our code.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

from eval.prediction import GivenMention, GivenTriple, Prediction
from eval.score import score_set
from eval.sets import eval_set
from taiyi.document import Document, Entity, Label, Relation, Span
from taiyi.tasks.base import Example, Request

N = 60
TEXT = "abc def ghi jkl mno pqr stu vwx yzä 患者咳嗽"


def f1(tp: float, n_predicted: float, n_gold: float) -> float:
    """From precision tp / n_predicted and recall tp / n_gold."""
    precision = tp / n_predicted if n_predicted else 0
    recall = tp / n_gold if n_gold else 0
    return 2 * precision * recall / (precision + recall) if precision + recall else 0


def figures(name: str, examples: Sequence[Example], predictions: Sequence[Prediction]) -> dict[str, Any]:
    return score_set(eval_set(name), examples, predictions, draws=2).to_dict()


def spans(rng: random.Random, types: Sequence[str]) -> set[tuple[str, int, int]]:
    """Up to six mentions: type, start, end."""
    starts = [rng.randrange(0, len(TEXT) - 4) for _ in range(rng.randrange(7))]
    return {(rng.choice(types), start, start + rng.randrange(1, 4)) for start in starts}


def noisy(rng: random.Random, gold: set[Any], other: set[Any]) -> set[Any]:
    """Some of the gold, and some that is not."""
    return {item for item in sorted(gold) if rng.random() < 0.7} | {i for i in sorted(other) if rng.random() < 0.4}


@pytest.mark.parametrize(
    ("name", "types"),
    [
        ("bc5cdr-chem", ["Chemical"]),
        ("chemdner", ["Chemical"]),
        ("ncbi-disease", ["Disease"]),
        ("cmeee", ["疾病", "药物", "身体"]),
        ("biored", ["Chemical", "Gene", "Disease"]),
    ],
)
def test_offset_f1_is_that_of_the_mention_scorers(name: str, types: list[str]) -> None:
    """BioCreative's and DNorm's mention evaluation and CBLUE's for CMeEE: a predicted (document, type, start, end) is
    right if the annotation has the very same; pooled over the documents. The paper compares (type, text) in its stead.
    """
    rng = random.Random(1)
    golds = [spans(rng, types) for _ in range(N)]
    saids = [noisy(rng, gold, spans(rng, types)) for gold in golds]
    examples = [entities(str(n), gold, types) for n, gold in enumerate(golds)]
    predictions = [
        Prediction(str(n), items=tuple(GivenMention(label, TEXT[a:b], a, b) for label, a, b in said))
        for n, said in enumerate(saids)
    ]
    right = sum(len([item for item in said if item in gold]) for gold, said in zip(golds, saids, strict=True))
    row = figures(name, examples, predictions)
    assert row["offset_f1"] == pytest.approx(f1(right, sum(map(len, saids)), sum(map(len, golds))))
    by_text = [[{(t, " ".join(TEXT[a:b].split())) for t, a, b in items} for items in side] for side in (golds, saids)]
    right = sum(len(gold & said) for gold, said in zip(*by_text, strict=True))
    assert row["f1"] == pytest.approx(f1(right, sum(map(len, by_text[1])), sum(map(len, by_text[0]))))


def entities(id: str, gold: set[tuple[str, int, int]], types: Sequence[str]) -> Example:
    marks = tuple(Entity(f"T{n}", label, (Span(a, b),)) for n, (label, a, b) in enumerate(sorted(gold)))
    request = Request("entities", TEXT, labels=tuple(types), template="identify", document_id=id)
    return Example(id, request, Document(id, "en", TEXT, marks))


CHEMICALS, DISEASES = ("abc", "def", "ghi", "jkl"), ("mno", "pqr", "stu")
CONCEPT_OF = {"abc": "C1", "def": "C1", "ghi": "C2", "jkl": "C3", "mno": "D1", "pqr": "D2", "stu": "D2"}


def test_concept_f1_is_that_of_the_chemical_disease_task() -> None:
    """BioCreative V, CID: the set of (document, chemical identifier, disease identifier) that was submitted against the
    annotated one. With one concept a name, the identifiers of a predicted triple are those of its names."""
    rng = random.Random(2)
    pairs = {(CONCEPT_OF[c], CONCEPT_OF[d]) for c in CHEMICALS for d in DISEASES}
    golds = [set(rng.sample(sorted(pairs), rng.randrange(4))) for _ in range(N)]
    saids = [{(rng.choice(CHEMICALS), rng.choice(DISEASES)) for _ in range(rng.randrange(5))} for _ in range(N)]
    examples = [chemical_disease(str(n), gold) for n, gold in enumerate(golds)]
    predictions = [
        Prediction(str(n), items=tuple(GivenTriple("induces", *pair) for pair in said)) for n, said in enumerate(saids)
    ]
    submitted = [{(CONCEPT_OF[c], CONCEPT_OF[d]) for c, d in said} for said in saids]
    right = sum(len(gold & said) for gold, said in zip(golds, submitted, strict=True))
    row = figures("bc5cdr-re", examples, predictions)
    assert row["concept_f1"] == pytest.approx(f1(right, sum(map(len, submitted)), sum(map(len, golds))))
    by_names = [
        {(c, d) for c in CHEMICALS for d in DISEASES if (CONCEPT_OF[c], CONCEPT_OF[d]) in gold} for gold in golds
    ]
    right = sum(len(gold & said) for gold, said in zip(by_names, saids, strict=True))
    assert row["f1"] == pytest.approx(f1(right, sum(map(len, saids)), sum(map(len, by_names))))


def chemical_disease(id: str, concepts: set[tuple[str, str]]) -> Example:
    """All pairs of the concepts' names as gold."""
    marks = tuple(
        Entity(name, "", (Span(TEXT.index(name), TEXT.index(name) + 3),), concepts=(CONCEPT_OF[name],))
        for name in (*CHEMICALS, *DISEASES)
    )
    pairs = [(c, d) for c in CHEMICALS for d in DISEASES if (CONCEPT_OF[c], CONCEPT_OF[d]) in concepts]
    relations = tuple(Relation(f"R{n}", "induces", c, d) for n, (c, d) in enumerate(pairs))
    meta = {"concept_relations": tuple(("induces", c, d) for c, d in concepts)}
    request = Request("relations", TEXT, labels=("induces",), template="triples", document_id=id)
    return Example(id, request, Document(id, "en", TEXT, marks, relations, meta=meta))


def test_f1_of_triples_is_that_of_cmeie() -> None:
    """CBLUE, CMeIE: a predicted (subject, predicate, object) is right if the record has the very same strings, whether
    they stand in its text or not."""
    rng = random.Random(3)
    names, labels = ("肺炎", "发热", "咳嗽", "患者"), ("临床表现", "药物治疗")
    some = [{(rng.choice(labels), rng.choice(names), rng.choice(names)) for _ in range(4)} for _ in range(2 * N)]
    golds, saids = some[:N], [noisy(rng, gold, other) for gold, other in zip(some[:N], some[N:], strict=True)]
    request = Request("relations", TEXT, lang="zh", labels=labels, template="triples")
    examples = [
        Example(str(n), request, Document(str(n), "zh", TEXT, meta={"unplaced_relations": tuple(gold)}))
        for n, gold in enumerate(golds)
    ]
    predictions = [
        Prediction(str(n), items=tuple(GivenTriple(*triple) for triple in said)) for n, said in enumerate(saids)
    ]
    right = sum(len(gold & said) for gold, said in zip(golds, saids, strict=True))
    row = figures("cmeie", examples, predictions)
    assert row["f1"] == pytest.approx(f1(right, sum(map(len, saids)), sum(map(len, golds))))


@pytest.mark.parametrize("name", ["litcovid", "hoc"])
def test_micro_macro_and_instance_f1_are_those_of_the_topic_scorers(name: str) -> None:
    """BioCreative VII, track 5: scikit-learn's micro and macro averages over topic columns (BLURB scores HoC by the
    first), and the harmonic mean of mean precision and mean recall of single documents, both 1 where there is no topic
    on either side."""
    rng = random.Random(4)
    topics = ["a", "b", "c", "d"]
    golds = [{topic for topic in topics if rng.random() < 0.3} for _ in range(N)]
    saids = [noisy(rng, gold, set(topics)) for gold in golds]
    columns = [
        (
            sum(topic in gold and topic in said for gold, said in zip(golds, saids, strict=True)),
            sum(topic in said for said in saids),
            sum(topic in gold for gold in golds),
        )
        for topic in topics
    ]
    precisions, recalls = [], []
    for gold, said in zip(golds, saids, strict=True):
        both = len(gold & said)
        precisions.append(1 if not gold | said else both / len(said) if both else 0)
        recalls.append(1 if not gold | said else both / len(gold) if both else 0)
    row = figures(name, *classified(golds, saids, topics, multi=True))
    assert row["f1"] == pytest.approx(f1(*(sum(column) for column in zip(*columns, strict=True))))
    assert row["macro_f1"] == pytest.approx(sum(f1(*column) for column in columns) / len(topics))
    assert row["instance_f1"] == pytest.approx(f1(1, N / sum(precisions), N / sum(recalls)))


def classified(
    golds: Sequence[set[str]], saids: Sequence[set[str]], labels: Sequence[str], multi: bool
) -> tuple[list[Example], list[Prediction]]:
    request = Request("classify", TEXT, labels=tuple(labels), multi=multi, template="classify")
    examples = [
        Example(str(n), request, Document(str(n), "en", TEXT, labels=tuple(map(Label, sorted(gold)))))
        for n, gold in enumerate(golds)
    ]
    return examples, [Prediction(str(n), items=tuple(sorted(said))) for n, said in enumerate(saids)]


def one_of_each(rng: random.Random, classes: Sequence[str]) -> tuple[list[str], list[str]]:
    """Gold and predicted classes, of which two of three agree."""
    golds = [rng.choice(classes) for _ in range(N)]
    return golds, [gold if rng.random() < 0.67 else rng.choice(classes) for gold in golds]


def accuracy_and_macro(golds: Sequence[str], saids: Sequence[str], classes: Sequence[str]) -> tuple[float, float]:
    pairs = list(zip(golds, saids, strict=True))
    scores = [f1(pairs.count((c, c)), saids.count(c), golds.count(c)) for c in classes]
    return sum(gold == said for gold, said in pairs) / len(pairs), sum(scores) / len(classes)


def test_accuracy_and_macro_f1_are_those_of_pubmedqa() -> None:
    """PubMedQA's evaluation script: scikit-learn's accuracy and macro-F1 over yes, no and maybe."""
    golds, saids = one_of_each(random.Random(5), ["A", "B", "C"])
    request = Request("choose", TEXT, options=("yes", "no", "maybe"), question="?", template="choose")
    examples = [
        Example(str(n), request, Document(str(n), "en", TEXT, labels=(Label(gold),))) for n, gold in enumerate(golds)
    ]
    row = figures("pubmedqa", examples, [Prediction(str(n), items=(said,)) for n, said in enumerate(saids)])
    accuracy, macro = accuracy_and_macro(golds, saids, ["A", "B", "C"])
    assert (row["accuracy"], row["macro_f1"]) == (pytest.approx(accuracy), pytest.approx(macro))


def test_f1_and_macro_f1_are_those_of_kuake_qic() -> None:
    """The paper's micro-F1 of one class a query is accuracy; CBLUE's figure is the macro-F1 over the classes."""
    classes = ["a", "b", "c", "d"]
    golds, saids = one_of_each(random.Random(6), classes)
    row = figures("kuake-qic", *classified([{g} for g in golds], [{s} for s in saids], classes, multi=False))
    accuracy, macro = accuracy_and_macro(golds, saids, classes)
    assert (row["f1"], row["macro_f1"]) == (pytest.approx(accuracy), pytest.approx(macro))
