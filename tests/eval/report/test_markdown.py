"""A report in Markdown: what is said, tables, pictures as files, and nothing of a text read as a mark."""

from __future__ import annotations

from eval.report.content import Picture, Report, Section, Table
from eval.report.markdown import markdown


def test_a_report_is_written_with_aligned_numbers_and_pictures_by_name() -> None:
    table = Table("Scores", ("set", "task", "f1"), (("hoc", "TC", "0.585"),), n_words=2)
    section = Section("First", ("Said.",), (table, Picture("a.png", "Bars", b"png")))
    assert markdown(Report("Title", (section,), (("cases.html", "Cases"),))) == (
        "# Title\n\n## First\n\nSaid.\n\n**Scores**\n\n"
        "| set | task | f1 |\n|---|---|---:|\n| hoc | TC | 0.585 |\n\n![Bars](a.png)\n\n- [Cases](cases.html)\n"
    )


def test_marks_bars_and_line_breaks_of_a_text_stay_text() -> None:
    table = Table("Errors", ("set", "n"), (("a|b *c*\n<b>_d_</b> [e]", "1"),))
    assert r"| a\|b \*c\* \<b\>\_d\_\</b\> \[e\] | 1 |" in markdown(Report("T", (Section("S", (), (table,)),)))
