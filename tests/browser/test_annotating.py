"""An annotator's path on the real page: what a mention is said to be, the threshold, the second opinion, the files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from taiyi.formats import read_document
from tests.browser.conftest import Window

pytestmark = pytest.mark.browser

NOTE = "患者无发热，咳嗽三天，考虑肺炎可能。"


def rows(page: Any) -> Any:
    return page.locator("#entities-body .ty-table").first.locator("tbody tr")


def downloaded(page: Any, name: str, folder: Path) -> Path:
    with page.expect_download() as download:
        page.locator("#entities-tools").get_by_role("button", name=name, exact=True).click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def test_the_threshold_hides_what_scores_less_and_the_curve_says_what_it_trades(
    window: Window, bundled: str, tmp_path: Path
) -> None:
    page = window.open(bundled).page
    window.speak("en")
    window.example("entities", "Adverse reaction")
    scores = sorted(entity["score"] for entity in window.result("entities")["entities"])
    between = round((scores[len(scores) // 2 - 1] + scores[len(scores) // 2]) / 2, 2)
    kept = sum(score >= between for score in scores)
    assert 0 < kept < len(scores)
    slider = page.locator("#entities-tools input[type=number]")
    slider.fill(str(between))
    slider.press("Enter")
    page.wait_for_function("n => document.querySelectorAll('#entities-body .ty-table tbody tr').length === n", arg=kept)
    assert f"At {between:.2f} and above" in page.locator("#entities-curve figcaption").inner_text()
    assert page.locator("#entities-body .ty-doc").text_content() == window.result("entities")["text"]
    row = json.loads(downloaded(page, "JSON", tmp_path).read_text(encoding="utf-8"))
    assert len(row["entities"]) == kept


def test_the_threshold_can_be_moved_by_keyboard(window: Window, bundled: str) -> None:
    page = window.open(bundled).page
    window.example("entities", "嵌套与重复")
    slider = page.locator("#entities-tools input[type=range]")
    slider.focus()
    slider.press("End")
    page.wait_for_function("document.querySelectorAll('#entities-body .ty-table tbody tr').length === 0")
    assert "1.00" in page.locator("#entities-curve figcaption").inner_text()
    slider.press("Home")
    page.wait_for_function("document.querySelectorAll('#entities-body .ty-table tbody tr').length > 0")


def test_a_negated_mention_is_marked_in_words_in_the_text_the_table_and_the_files(
    window: Window, bundled: str, tmp_path: Path
) -> None:
    page = window.open(bundled).page
    panel = window.tab("entities")
    panel.locator("textarea").first.fill(NOTE)
    page.locator("#entities-run").click()
    window.finished("entities")
    marked = page.locator("#entities-body mark.ty-negated")
    assert marked.all_text_contents() == ["发热"]
    assert page.locator('#entities-body .ty-tag[data-said="否定"]').count() == 1
    assert page.locator("#entities-body .ty-said-negated").inner_text() == "否定"
    file = downloaded(page, "brat", tmp_path)
    found = read_document(file)
    assert found.text == NOTE
    assert {found.text_of(e.spans): e.attributes for e in found.entities}["发热"] == ("negated",)


def test_a_format_that_cannot_carry_everything_says_so(window: Window, bundled: str, tmp_path: Path) -> None:
    page = window.open(bundled).page
    window.speak("en")
    window.example("entities", "Adverse reaction")
    file = downloaded(page, "PubTator", tmp_path)
    n = len(window.result("entities")["entities"])
    page.locator("#entities-said .ty-note").wait_for()
    assert f"scores: {n}" in page.locator("#entities-said").inner_text()
    assert len(read_document(file).entities) == n


def test_a_second_opinion_lists_the_differences_and_saves_them(window: Window, bundled: str, tmp_path: Path) -> None:
    page = window.open(bundled).page
    window.speak("en")
    window.example("entities", "Adverse reaction")
    panel = window.tab("entities")
    assert not panel.get_by_role("button", name="Differences (CSV)").is_visible()
    panel.locator("button.label-wrap").first.click()
    panel.get_by_text("Both, compared").click()
    page.locator("#entities-run").click()
    page.locator("#entities-body .ty-opinion").wait_for()
    agreement = window.result("entities")["agreement"]
    shown = page.locator("#entities-body .ty-opinion .ty-kind")
    assert shown.count() == len(agreement["differences"])
    lines = downloaded(page, "Differences (CSV)", tmp_path).read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 1 + len(agreement["differences"])


def test_a_file_of_annotations_is_loaded_as_its_text(window: Window, scripted: str, tmp_path: Path) -> None:
    file = tmp_path / "x.pubtator"
    file.write_text("7|t|Tremor.\n7|a|After lithium.\n7\t0\t6\tTremor\tDisease\tD1\n", encoding="utf-8")
    page = window.open(scripted).page
    panel = window.tab("entities")
    panel.locator("input[type=file]").first.set_input_files(file)
    page.wait_for_function(
        "() => [...document.querySelectorAll('textarea')].some(box => box.value === 'Tremor.\\nAfter lithium.')"
    )


def test_of_a_file_with_several_documents_one_is_chosen(window: Window, scripted: str, tmp_path: Path) -> None:
    file = tmp_path / "two.jsonl"
    file.write_text('{"id": "x", "text": "Fever."}\n{"id": "y", "text": "Cough."}\n', encoding="utf-8")
    page = window.open(scripted).page
    panel = window.tab("entities")
    panel.locator("input[type=file]").first.set_input_files(file)
    panel.locator(".ty-documents input").click()
    page.get_by_role("option", name="2. y").click()
    page.wait_for_function("() => [...document.querySelectorAll('textarea')].some(box => box.value === 'Cough.')")
