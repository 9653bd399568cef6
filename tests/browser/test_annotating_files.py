"""An annotator's path through a file of many documents on the real page, with real texts and the bundled models."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from taiyi.corpora import read_corpus
from taiyi.corpora.parts import part_of
from taiyi.document import Document
from taiyi.formats import csv, iter_documents, write_documents
from tests.browser.conftest import Window
from tests.browser.test_annotating import downloaded

pytestmark = pytest.mark.browser

N_ABSTRACTS, N_SENTENCES, N_BY_BOTH = 20, 50, 3
SMALL = [
    {"id": "x", "text": "Tremor after lithium.", "entities": [{"id": "T1", "type": "疾病", "start": 0, "end": 6}]},
    {"id": "y", "text": "Fever was seen."},
]


@pytest.fixture(scope="module")
def documents(data_dir: Path) -> list[Document]:
    """Abstracts of BC5CDR and sentences of CMeEE that no model here was trained on, with their annotations."""
    abstracts = read_corpus("bc5cdr", "dev", data_dir)
    sentences = (e for e in read_corpus("cmeee", "train", data_dir) if part_of(e.gold.text) == "report")
    return [e.gold for e in (*islice(abstracts, N_ABSTRACTS), *islice(sentences, N_SENTENCES))]


def loaded(window: Window, file: Path) -> Any:
    panel = window.tab("entities")
    panel.locator("input[type=file]").first.set_input_files(file)
    window.page.locator("#entities-read-all").wait_for(timeout=120_000)
    return panel


def ask_for(page: Any, *types: str) -> None:
    """These types in place of those chosen."""
    box = page.locator("#entities-labels input")
    box.focus()
    while page.locator("#entities-labels .token").count():
        box.press("Backspace")
    for name in types:
        box.fill(name)
        box.press("Enter")


def read_to_the_end(window: Window) -> None:
    window.page.locator("#entities-read-all").click()
    window.page.locator("#entities-overview .ty-summary").wait_for(timeout=120_000)
    window.page.locator("#entities-stop").wait_for(state="hidden")


def readings(page: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.locator("#entities-readings textarea").input_value())
    return found


@pytest.mark.data
def test_twenty_abstracts_and_fifty_sentences_are_read_compared_cut_and_saved(
    window: Window, bundled: str, documents: list[Document], tmp_path: Path
) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_bytes(write_documents(documents, ".jsonl"))
    page = window.open(bundled).page
    window.speak("en")
    panel = loaded(window, file)
    assert f"{len(documents)} documents" in panel.locator(".ty-file").inner_text()
    ask_for(page, "Disease", "Body")
    read_to_the_end(window)
    assert len(readings(page)) == len(documents)
    assert "Annotations of the file against" in page.locator("#entities-overview h3").first.inner_text()

    panel.locator("button.label-wrap").first.click()
    panel.get_by_text("Both, compared").click()
    for n in range(N_BY_BOTH):
        page.locator("#entities-run").click()
        page.wait_for_function(
            "([at, n]) => JSON.parse(document.querySelector('#entities-readings textarea').value)[at]"
            ".alternatives.length === n",
            arg=[str(n), 2],
        )
        page.locator("#entities-run:enabled").wait_for()
        panel.get_by_role("button", name="Next").click()
        page.wait_for_function(
            "text => document.querySelector('[role=tabpanel]:not([style*=none]) .ty-text textarea').value === text",
            arg=documents[n + 1].text,
        )
    kinds = page.locator("#entities-overview h3").all_inner_texts()
    assert len(kinds) == 3, "the two answers with each other, and the annotations with either"

    slider = page.locator("#entities-tools input[type=number]")
    slider.fill("0.6")
    slider.press("Enter")
    kept = {
        n: [e for e in row.get("entities", ()) if e.get("score") is None or round(e["score"], 4) >= 0.6]
        for n, row in readings(page).items()
    }
    total = sum(map(len, kept.values()))
    page.wait_for_function(
        "n => document.querySelector('#entities-overview').innerText.includes(`found: ${n}`)", arg=f"{total:,}"
    )
    saved = list(iter_documents(downloaded(page, "JSON", tmp_path)))
    assert [len(document.entities) for document in saved] == [len(kept[str(n)]) for n in range(len(documents))]
    assert [(d.id, d.text) for d in saved] == [(d.id, d.text) for d in documents]
    texts = [Document(d.id, d.lang, d.text) for d in documents]
    assert list(csv.annotated(downloaded(page, "CSV", tmp_path), texts)) == saved
    by_id = {document.id: document for document in iter_documents(downloaded(page, "brat", tmp_path))}
    assert [by_id[document.id].entities for document in saved] == [document.entities for document in saved]
    places = [[(e.label, e.spans) for e in d.entities] for d in iter_documents(downloaded(page, "PubTator", tmp_path))]
    assert places == [[(e.label, e.spans) for e in d.entities] for d in saved]
    assert "scores" in page.locator("#entities-said").inner_text()
    differences = downloaded(page, "Differences (CSV)", tmp_path).read_text(encoding="utf-8-sig").splitlines()
    assert len(differences) > N_BY_BOTH


def test_what_was_read_stays_with_its_document_and_follows_the_language(
    window: Window, scripted: str, tmp_path: Path
) -> None:
    file = tmp_path / "two.json"
    file.write_text(json.dumps(SMALL, ensure_ascii=False), encoding="utf-8")
    page = window.open(scripted).page
    panel = loaded(window, file)
    assert page.locator("#entities-body mark").all_text_contents() == ["Tremor"], "as the file annotates it"
    panel.get_by_role("button", name="下一篇").click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('textarea')].some(box => box.value === 'Fever was seen.')"
    )
    page.locator("#entities-run").click()
    window.finished("entities")
    page.locator("#entities-overview .ty-summary").wait_for()
    assert "1 / 2" in page.locator("#entities-overview .ty-summary").inner_text()
    read_to_the_end(window)
    page.wait_for_function("document.querySelector('#entities-overview').innerText.includes('2 / 2')")
    window.speak("en")
    page.wait_for_function("document.querySelector('#entities-overview').innerText.includes('Read: 2 of 2')")
    assert sorted(readings(page)) == ["0", "1"]


def test_a_stopped_reading_keeps_what_is_done(window: Window, scripted: str, tmp_path: Path) -> None:
    rows = [{"id": str(n), "text": "slow lithium" if n == 1 else f"Text {n}."} for n in range(3)]
    file = tmp_path / "three.json"
    file.write_text(json.dumps(rows), encoding="utf-8")
    page = window.open(scripted).page
    window.speak("en")
    loaded(window, file)
    page.locator("#entities-read-all").click()
    page.wait_for_function("document.querySelector('#entities-status').innerText.includes('1 of 3')")
    page.locator("#entities-stop").click()
    page.wait_for_function("document.querySelector('#entities-status').innerText.includes('Stopped after 1 of 3')")
    assert sorted(readings(page)) == ["0"]


def test_the_scheme_is_offered_where_there_is_a_choice(window: Window, bundled: str) -> None:
    page = window.open(bundled).page
    window.speak("en")
    window.example("entities", "Adverse reaction")
    panel = window.tab("entities")
    panel.locator("button.label-wrap").first.click()
    scheme = page.locator("#entities-scheme")
    scheme.locator("input").click()
    page.get_by_role("option", name="biored").click()
    page.locator("#entities-run").click()
    window.finished("entities")
    page.wait_for_function(
        "JSON.parse(document.querySelector('#entities-packed textarea').value || '{}').scheme === 'biored'"
    )
