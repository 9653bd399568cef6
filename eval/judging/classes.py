"""Classes of a text: several that may hold (LitCovid, HoC) and one that does (KUAKE-QIC).

Several: micro-F1 over (text, class). It is the `micro avg` of the label-based measures of BioCreative VII's LitCovid
scorer (scikit-learn's classification_report) and HoC's score in BLURB; `macro_f1` over the classes and `instance_f1`
stand beside. The last is LitCovid's instance-based measure, also BLUE's for HoC: the harmonic mean of the mean
precision and mean recall of single texts, both 1 for a text that has no class and gets none. BLUE first joins the
sentences of an abstract, which is not done here: the paper counts 3,547 sentences.

One: every query has one class and gets one or none, and one without an answer is a wrong one, so micro-F1 is accuracy;
CBLUE reports the macro-F1 of KUAKE-QIC, which stands beside.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eval.judging.base import CaseError, Judgement
from eval.judging.counting import (
    columns,
    counts_of,
    is_unreadable,
    label_columns,
    label_figures,
    macro_f1,
    prf,
)
from eval.metrics import compare
from eval.prediction import Prediction
from taiyi.tasks.base import Example

_N, _PRECISION, _RECALL, _LABELS = 3, 4, 5, 6


def named(prediction: Prediction) -> list[str]:
    """The classes of a prediction, in its order."""
    if prediction.items is not None:
        return [item for item in prediction.items if isinstance(item, str)]
    return [label.name for label in prediction.document.labels] if prediction.document else []


def one_answer(example: Example, prediction: Prediction) -> tuple[list[str], list[str]]:
    """The right answer where one is due, and the first that was given; each a list of one, or of none."""
    return [label.name for label in example.gold.labels[:1]], named(prediction)[:1]


def judged_one(example: Example, prediction: Prediction, stats: np.ndarray) -> Judgement:
    """The judgement of an answer where one is due. None is unreadable, unless it is missing."""
    gold, found = one_answer(example, prediction)
    errors = () if gold == found else (CaseError("type" if found else "missing", *gold, *found),)
    unparsed = not found and not prediction.missing
    return Judgement(example.id, stats, unparsed=unparsed, n_written=len(found), errors=errors)


class MultiClassMetric:
    """Statistics: tp, fp, fn of classes; 1; the text's own precision and recall; tp, fp, fn of each class."""

    id = "classes"
    name = "micro-F1"
    headline = "f1"
    headline_columns = slice(4)
    rule = "micro-F1 over the set of classes of each text"

    def judge(self, example: Example, prediction: Prediction) -> Judgement:
        """Any number of classes against any number."""
        labels = example.request.labels
        gold, found = {label.name for label in example.gold.labels}, set(named(prediction))
        counts = compare(gold, found)
        own = [(label,) for label in gold], [(label,) for label in found]
        nothing_due = not gold and not found
        stats = np.concatenate(
            [
                columns(counts),
                [1, counts.precision or nothing_due, counts.recall or nothing_due],
                label_columns(*own, labels),
            ]
        )
        missing = [CaseError("missing", gold=label) for label in sorted(gold - found)]
        invented = [CaseError("invented", predicted=label) for label in sorted(found - gold)]
        return Judgement(
            example.id,
            stats,
            unparsed=is_unreadable(prediction, len(found)),
            n_written=len(found),
            errors=(*missing, *invented),
        )

    def figures(self, total: np.ndarray) -> dict[str, float]:
        """Micro-averaged precision, recall and F1; macro-F1 over the classes; F1 over the texts."""
        mean_precision, mean_recall = total[_PRECISION] / total[_N], total[_RECALL] / total[_N]
        both = mean_precision + mean_recall
        return {
            **prf(counts_of(total[:3])),
            "macro_f1": macro_f1(total[_LABELS:]),
            "instance_f1": float(2 * mean_precision * mean_recall / both) if both else 0.0,
        }

    def per_type(self, total: np.ndarray, labels: Sequence[str]) -> dict[str, dict[str, float]]:
        """Precision, recall and F1 of each class."""
        return label_figures(total[_LABELS:], labels)


class SingleClassMetric:
    """Statistics: 1 where the class is right; 1; tp, fp, fn of each class."""

    id = "single-class"
    name = "micro-F1"
    headline = "f1"
    headline_columns = slice(2)
    rule = "micro-F1 over one class a text (accuracy; no answer is a wrong one)"

    def judge(self, example: Example, prediction: Prediction) -> Judgement:
        """The first class that was named against the gold one."""
        gold, found = one_answer(example, prediction)
        own = [(label,) for label in gold], [(label,) for label in found]
        stats = np.concatenate([[gold == found, 1], label_columns(*own, example.request.labels)])
        return judged_one(example, prediction, stats)

    def figures(self, total: np.ndarray) -> dict[str, float]:
        """With one class due and one counted a text, precision, recall, F1 and accuracy are one number."""
        accuracy = float(total[0] / total[1])
        figures = dict.fromkeys(("precision", "recall", "f1", "accuracy"), accuracy)
        return {**figures, "macro_f1": macro_f1(total[2:])}

    def per_type(self, total: np.ndarray, labels: Sequence[str]) -> dict[str, dict[str, float]]:
        """Precision, recall and F1 of each class."""
        return label_figures(total[2:], labels)
