"""Written texts: BLEU and chrF for translations, ROUGE for titles and for the six sections of a medical report.

BLEU and chrF are sacrebleu's, over the corpus, with its tokenizer for Chinese where the target is Chinese (its default
makes one word of a Chinese sentence). ROUGE is the F-measure of rouge-score, averaged over the texts; for Chinese it
counts characters (the package's own tokenizer drops everything but Latin letters and digits), and jieba's words beside.
A report is scored as CBLUE does: each of the six sections apart, then averaged; a section that is empty on both sides
is right, on one side wrong.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np

from eval.judging.base import Judgement
from eval.prediction import Prediction
from taiyi.tasks.base import Example
from taiyi.tasks.report import section_names

_TOKENIZER_BY_LANG = {"en": "13a", "zh": "zh"}
_N_BLEU = 10  # lengths of both sides, n-gram matches and totals of four orders
_KINDS = ("rouge1", "rouge2", "rougeL")


def written(prediction: Prediction) -> str:
    """The text of a prediction; empty where there is none."""
    return (prediction.document.answer or "").strip() if prediction.document else ""


class TranslationMetric:
    """Statistics: those of sacrebleu's BLEU and chrF, which add up over sentences."""

    name = "BLEU"
    headline = "bleu"
    headline_columns = slice(_N_BLEU)

    def __init__(self, id: str, target: str) -> None:
        self.id = id
        self.target = target

    @property
    def rule(self) -> str:
        """sacrebleu's own signature of BLEU."""
        signature = _sacrebleu(self.target)[0].get_signature().format()
        return f"corpus BLEU of sacrebleu ({signature.replace('|', ', ')})"

    def judge(self, example: Example, prediction: Prediction) -> Judgement:
        """One translation against one reference."""
        said, gold = written(prediction), example.gold.answer or ""
        # sacrebleu's own bootstrap goes through these two as well; it has no public way to a sentence's statistics.
        stats = [scorer._extract_corpus_statistics([said], [[gold]])[0] for scorer in _sacrebleu(self.target)]
        return Judgement(example.id, np.concatenate(stats).astype(float), unparsed=not said and not prediction.missing)

    def figures(self, total: np.ndarray) -> dict[str, float]:
        """BLEU and chrF2, both in [0, 100]."""
        bleu, chrf = _sacrebleu(self.target)
        counts = total.astype(int).tolist()
        return {
            "bleu": float(bleu._compute_score_from_stats(counts[:_N_BLEU]).score),
            "chrf": float(chrf._compute_score_from_stats(counts[_N_BLEU:]).score),
        }

    def per_type(self, total: np.ndarray, labels: Sequence[str]) -> dict[str, dict[str, float]]:
        """None."""
        return {}


class RougeMetric:
    """Statistics: 1; ROUGE-1, -2 and -L of the text; for Chinese also those over words."""

    name = "ROUGE-L"
    headline = "rouge_l"
    headline_columns = slice(None)

    def __init__(self, id: str, lang: str) -> None:
        self.id = id
        self.lang = lang

    @property
    def rule(self) -> str:
        """The unit and the library."""
        return f"mean ROUGE F-measure of rouge-score {version('rouge-score')} over {_unit(self.lang)}"

    def judge(self, example: Example, prediction: Prediction) -> Judgement:
        """One text against one reference."""
        said = written(prediction)
        stats = [1.0, *_rouge(example.gold.answer or "", said, self.lang)]
        return Judgement(example.id, np.array(stats), unparsed=not said and not prediction.missing)

    def figures(self, total: np.ndarray) -> dict[str, float]:
        """ROUGE-1, -2 and -L in [0, 1]; `rouge_l_words` over jieba's words for Chinese."""
        return _rouge_figures(total[1:] / total[0])

    def per_type(self, total: np.ndarray, labels: Sequence[str]) -> dict[str, dict[str, float]]:
        """None."""
        return {}


class ReportMetric(RougeMetric):
    """Statistics: 1; the columns of `RougeMetric` for each of the six sections."""

    @property
    def rule(self) -> str:
        """The unit, the library and the sections."""
        return f"{super().rule}, averaged over six sections"

    def judge(self, example: Example, prediction: Prediction) -> Judgement:
        """Each section against the reference's."""
        gold = {section.name: section.text for section in example.gold.sections}
        said = {section.name: section.text for section in prediction.document.sections} if prediction.document else {}
        columns = [_rouge(gold.get(name, ""), said.get(name, ""), self.lang) for name in section_names(self.lang)]
        stats = np.concatenate([[1.0], *columns])
        return Judgement(example.id, stats, unparsed=not said and not prediction.missing, n_written=len(said))

    def figures(self, total: np.ndarray) -> dict[str, float]:
        """Averages over the six sections."""
        return _rouge_figures(self._sections(total).mean(axis=0))

    def per_type(self, total: np.ndarray, labels: Sequence[str]) -> dict[str, dict[str, float]]:
        """The figures of each section."""
        rows = zip(section_names(self.lang), self._sections(total), strict=True)
        return {name: _rouge_figures(row) for name, row in rows}

    def _sections(self, total: np.ndarray) -> np.ndarray:
        """(6, figures) mean over the texts."""
        means: np.ndarray = total[1:].reshape(len(section_names(self.lang)), -1) / total[0]
        return means


def _unit(lang: str) -> str:
    return "characters" if lang == "zh" else "words"


def _rouge(gold: str, said: str, lang: str) -> list[float]:
    """ROUGE-1, -2, -L over characters and ROUGE-L over words for Chinese, over words otherwise."""
    scorers = _rouge_scorers(lang)
    if not gold.strip() or not said.strip():
        return [float(gold.strip() == said.strip())] * (len(_KINDS) + len(scorers) - 1)
    scores = scorers[0].score(gold, said)
    beside = [scorer.score(gold, said)["rougeL"].fmeasure for scorer in scorers[1:]]
    return [*(float(scores[kind].fmeasure) for kind in _KINDS), *map(float, beside)]


def _rouge_figures(means: np.ndarray) -> dict[str, float]:
    names = ("rouge_1", "rouge_2", "rouge_l", "rouge_l_words")
    return dict(zip(names, map(float, means), strict=False))


@cache
def _sacrebleu(target: str) -> tuple[Any, Any]:
    from sacrebleu.metrics import BLEU, CHRF

    # With a reference at construction its signature is known before anything is scored.
    return BLEU(tokenize=_TOKENIZER_BY_LANG[target], references=[[""]]), CHRF()


@cache
def _rouge_scorers(lang: str) -> tuple[Any, ...]:
    from rouge_score.rouge_scorer import RougeScorer

    if lang != "zh":
        return (RougeScorer(_KINDS),)
    return RougeScorer(_KINDS, tokenizer=_Characters()), RougeScorer(["rougeL"], tokenizer=_Words())


class _Characters:
    """rouge-score's tokenizer interface over characters."""

    def tokenize(self, text: str) -> list[str]:
        return [char for char in text.lower() if not char.isspace()]


class _Words:
    """rouge-score's tokenizer interface over jieba's words."""

    def __init__(self) -> None:
        import jieba

        jieba.setLogLevel(logging.WARNING)
        self._cut = jieba.lcut

    def tokenize(self, text: str) -> list[str]:
        return [word for word in self._cut(text.lower()) if not word.isspace()]
