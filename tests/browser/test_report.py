"""The pages of a report in a real Chromium: nothing scrolls sideways, and single cases can be chosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eval.report.cases import cases_page
from eval.report.html import report_page
from eval.report.runs import read_runs
from eval.report.write import make_report
from taiyi.document import Document
from tests.eval.report.conftest import record, row, run_folder  # noqa: F401

pytestmark = pytest.mark.browser

MISSED = {"kind": "missing", "gold": "Chemical: lithium", "predicted": ""}


@pytest.fixture
def pages(run_folder: Any, tmp_path: Path) -> Path:  # noqa: F811
    """A folder with the pages of two sets of two cases each, one of them with an error."""
    rows = [row("bc5cdr-chem", 0.6, signature="x" * 300), row("hoc", 0.5)]
    lines = [record(Document(str(n), "en", "Lithium."), None, errors) for n, errors in enumerate([[MISSED], []])]
    runs = read_runs([run_folder("mine", rows, {"bc5cdr-chem": lines, "hoc": lines})])
    (tmp_path / "report.html").write_text(report_page(make_report(runs)), encoding="utf-8")
    (tmp_path / "cases.html").write_text(cases_page(runs, 50), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["report.html", "cases.html"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_fits_a_telephone_and_breaks_no_rule_of_its_policy(
    pages: Path, chromium: Any, name: str, scheme: str
) -> None:
    said: list[str] = []
    page = chromium.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto((pages / name).as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert said == []
    page.close()


def test_cases_are_chosen_by_set_and_kind(pages: Path, chromium: Any) -> None:
    page = chromium.new_page()
    page.goto((pages / "cases.html").as_uri())
    assert page.inner_text("output") == "4 of 4 shown"
    page.select_option("select[name=set]", "hoc")
    assert page.inner_text("output") == "2 of 4 shown"
    page.select_option("select[name=kinds]", "missing")
    assert page.inner_text("output") == "1 of 4 shown"
    assert page.locator(".case:visible").count() == 1
    assert page.locator("h2:visible").count() == 1
    page.close()
