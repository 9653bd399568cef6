"""Multiple choice: the share of questions with the right option; what can't be read as an option is counted apart.

Accuracy is what MedQA and PubMedQA report; PubMedQA's own scorer gives the macro-F1 over yes, no and maybe beside it
(scikit-learn's `macro`). An answer that can't be read counts as wrong in both, so they are lower bounds; `precision`
is the share right of the answers that could be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase

import numpy as np

from eval.judging.base import Judgement
from eval.judging.classes import judged_one, one_answer
from eval.judging.counting import label_columns, label_figures, macro_f1
from eval.prediction import Prediction
from taiyi.tasks.base import Example


class ChoiceMetric:
    """Statistics: 1 where the letter is right; 1 where one was read; 1; with `by_option`, tp, fp, fn of each option."""

    name = "accuracy"
    headline = "accuracy"
    headline_columns = slice(3)
    rule = "accuracy of the chosen option (an answer that can't be read is a wrong one)"

    def __init__(self, id: str, by_option: bool) -> None:
        self.id = id
        self.by_option = by_option

    def judge(self, example: Example, prediction: Prediction) -> Judgement:
        """The letter of the answer against the gold one."""
        gold, found = one_answer(example, prediction)
        letters = ascii_uppercase[: len(example.request.options)] if self.by_option else ""
        own = ([(letter,) for letter in gold], [(letter,) for letter in found]) if self.by_option else ([], [])
        stats = np.concatenate([[gold == found, len(found), 1], label_columns(*own, letters)])
        return judged_one(example, prediction, stats)

    def figures(self, total: np.ndarray) -> dict[str, float]:
        """Accuracy, also as recall; precision over what was answered; macro-F1 where every question has the same
        options."""
        right, answered, n = total[:3]
        accuracy = float(right / n)
        figures = {"accuracy": accuracy, "precision": float(right / answered) if answered else 0.0, "recall": accuracy}
        return {**figures, "macro_f1": macro_f1(total[3:])} if self.by_option else figures

    def per_type(self, total: np.ndarray, labels: Sequence[str]) -> dict[str, dict[str, float]]:
        """Precision, recall and F1 of each option where every question has the same ones."""
        return label_figures(total[3:], labels) if self.by_option else {}
