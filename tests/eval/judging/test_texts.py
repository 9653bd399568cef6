"""Written texts against the libraries' own corpus scores and values worked out by hand."""

from __future__ import annotations

import pytest
import sacrebleu

from eval.judging import METRICS
from eval.prediction import Prediction, parse_reply
from taiyi.document import Document, Section
from taiyi.tasks.base import Example, Request


def example(task: str, answer: str, text_lang: str = "en", sections: tuple[Section, ...] = ()) -> Example:
    document = Document("d", text_lang, "x", answer=answer, sections=sections)
    return Example("d", Request(task, "x", lang=text_lang, text_lang=text_lang, document_id="d"), document)


def said(answer: str, sections: tuple[Section, ...] = ()) -> Prediction:
    return Prediction("d", Document("d", "zh", "x", answer=answer, sections=sections))


REFERENCES = ["阿司匹林可以退烧，也能止痛。", "患者咳嗽三天，没有发热。"]
TRANSLATIONS = ["阿司匹林能够退烧，也可以止痛。", "患者已经咳嗽三天，无发热。"]


def test_sentences_add_up_to_the_bleu_and_chrf_that_sacrebleu_gives_the_corpus() -> None:
    metric = METRICS["translation-zh"]
    total = sum(
        metric.judge(example("translate", reference), said(translation)).stats
        for reference, translation in zip(REFERENCES, TRANSLATIONS, strict=True)
    )
    figures = metric.figures(total)
    assert figures["bleu"] == pytest.approx(sacrebleu.corpus_bleu(TRANSLATIONS, [REFERENCES], tokenize="zh").score)
    assert figures["chrf"] == pytest.approx(sacrebleu.corpus_chrf(TRANSLATIONS, [REFERENCES]).score)
    assert 0 < figures["bleu"] < 100


def test_a_good_chinese_sentence_is_not_one_word() -> None:
    """With the tokenizer for Western languages nothing but the whole sentence could match."""
    stats = METRICS["translation-zh"].judge(example("translate", "患者咳嗽三天"), said("患者咳嗽四天")).stats
    assert stats[0] == 6
    assert stats[2] == 5


def test_rouge_counts_chinese_characters() -> None:
    """咳嗽三天 against 咳嗽两天: three of four characters, of three pairs one, and a common sequence of three."""
    figures = METRICS["rouge-zh"].figures(
        METRICS["rouge-zh"].judge(example("title", "咳嗽三天", "zh"), said("咳嗽两天")).stats
    )
    assert figures["rouge_1"] == pytest.approx(0.75)
    assert figures["rouge_2"] == pytest.approx(1 / 3)
    assert figures["rouge_l"] == pytest.approx(0.75)
    assert 0 < figures["rouge_l_words"] < 1


def test_rouge_counts_english_words() -> None:
    """Two of three words of each side, in order."""
    figures = METRICS["rouge-en"].figures(
        METRICS["rouge-en"].judge(example("title", "Tea for sleep"), said("tea and sleep")).stats
    )
    assert figures["rouge_l"] == pytest.approx(2 / 3)
    assert "rouge_l_words" not in figures


def test_a_report_is_the_mean_of_its_six_sections() -> None:
    """One section is right, one has half of its characters (P 1/1, R 1/2: F 2/3), one is missing, one is invented, two
    are empty on both sides: (1 + 2/3 + 0 + 0 + 1 + 1) / 6."""
    gold = (Section("主诉", "咳嗽"), Section("现病史", "三天"), Section("诊断", "感冒"))
    answer = (Section("主诉", "咳嗽"), Section("现病史", "三"), Section("建议", "休息"))
    metric = METRICS["report-zh"]
    judgement = metric.judge(example("report", "", "zh", gold), said("", answer))
    assert metric.figures(judgement.stats)["rouge_1"] == pytest.approx((3 + 2 / 3) / 6)
    assert metric.per_type(judgement.stats, ())["现病史"]["rouge_1"] == pytest.approx(2 / 3)
    assert metric.per_type(judgement.stats, ())["诊断"]["rouge_l"] == 0.0


def test_an_empty_text_scores_nothing_and_is_counted_as_unparsed() -> None:
    title = example("title", "咳嗽三天", "zh")
    judgement = METRICS["rouge-zh"].judge(title, parse_reply(title, "  "))
    assert judgement.unparsed
    assert METRICS["rouge-zh"].figures(judgement.stats)["rouge_l"] == 0.0
    missing = METRICS["translation-en"].judge(example("translate", "It rains.", "zh"), Prediction("d", missing=True))
    assert not missing.unparsed
    assert METRICS["translation-en"].figures(missing.stats)["bleu"] == 0.0


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("translation-zh", "tok:zh, smooth:exp, version:"),
        ("translation-en", "tok:13a, smooth:exp, version:"),
        ("rouge-zh", "over characters"),
        ("report-zh", "over characters, averaged over six sections"),
    ],
)
def test_a_rule_names_the_tokenizer_and_the_version_of_its_library(metric: str, said: str) -> None:
    assert said in METRICS[metric].rule
    assert any(char.isdigit() for char in METRICS[metric].rule)
    assert "|" not in METRICS[metric].rule
