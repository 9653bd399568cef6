"""Reports: six headed sections in both languages, and reports in other shapes."""

import pytest

from taiyi.document import Document, Section
from taiyi.tasks.base import Request
from taiyi.tasks.report import ReportTask, section_names

TASK = ReportTask()
DIALOGUE = {"en": "Patient: I cough at night.", "zh": "患者：夜里咳嗽。"}


def request(lang: str) -> Request:
    return Request("report", DIALOGUE[lang], lang, lang)


def report(lang: str, *texts: str) -> Document:
    sections = tuple(Section(name, text) for name, text in zip(section_names(lang), texts, strict=False) if text)
    return Document("text", lang, DIALOGUE[lang], sections=sections)


@pytest.mark.parametrize(
    ("lang", "texts"),
    [
        (
            "en",
            ("Cough.", "At night: dry; for 3 days.", "X-ray (chest): clear.", "None.", "Bronchitis?", "Rest, 1. tea"),
        ),
        ("zh", ("咳嗽。", "夜间：干咳；3天。", "胸片(正位)：未见异常。", "无。", "支气管炎？", "休息，1. 多饮水。")),
        ("zh", ("咳嗽", "", "", "", "𠮷氏综合征", "")),
    ],
)
def test_what_is_rendered_parses_to_the_same_sections_and_the_grammar_accepts_it(lang, texts, accepts):
    gold = report(lang, *texts)
    reply = TASK.render(gold, request(lang))
    parsed = TASK.parse(reply, request(lang))
    assert parsed.document.sections == gold.sections
    assert [issue.detail for issue in parsed.issues] == [
        name for name, text in zip(section_names(lang), texts, strict=True) if not text
    ]
    assert accepts(TASK.grammar(request(lang)), reply)


def test_the_six_sections():
    assert section_names("zh") == ["主诉", "现病史", "辅助检查", "既往史", "诊断", "建议"]
    assert len(section_names("en")) == 6
    assert "主诉、现病史、辅助检查、既往史、诊断、建议" in TASK.prompt(request("zh")).messages[-1].content


def test_the_grammar_refuses_a_report_without_one_of_its_headings(accepts):
    assert not accepts(TASK.grammar(request("zh")), "主诉：咳嗽\n诊断：支气管炎")


TEXTS = ("咳嗽。", "干咳3天。", "无。", "体健。", "支气管炎。", "休息。")
SHAPES = {
    "one paragraph": ("上述问诊对话的诊疗报告如下：\n", "{name}：{text} "),
    "Markdown headings": ("", "## {name}: \n{text}\n"),
    "a numbered list": ("", "{n}. **{name}**：{text}\n"),
    "headings in brackets": ("", "【{name}】：{text}\n"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_reports_in_other_shapes_are_read(shape):
    before, section = SHAPES[shape]
    rows = enumerate(zip(section_names("zh"), TEXTS, strict=True), start=1)
    reply = before + "".join(section.format(n=n, name=name, text=text) for n, (name, text) in rows)
    parsed = TASK.parse(reply, request("zh"))
    assert tuple(section.text for section in parsed.document.sections) == TEXTS
    assert parsed.issues == ()


def test_a_heading_within_a_section_does_not_end_it():
    reply = "主诉：咳嗽\n现病史：无\n建议：复查以明确诊断：若加重则住院\n不适随诊"
    parsed = TASK.parse(reply, request("zh"))
    assert parsed.document.sections[-1] == Section("建议", "复查以明确诊断：若加重则住院\n不适随诊")


def test_a_reply_without_headings_keeps_its_text_and_says_what_is_missing():
    parsed = TASK.parse("The child coughs.", request("en"))
    assert parsed.document.answer == "The child coughs."
    assert [issue.kind for issue in parsed.issues] == ["unparsed", *["missing_section"] * 6]
