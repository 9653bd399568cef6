"""What the tabs do with their values: plain functions, called without a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from taiyi.errors import InputError
from taiyi.ui.samples import samples
from taiyi.ui.tabs import (
    chat,
    choose,
    classify,
    compare,
    entities,
    events,
    passage,
    relations,
    report,
    title,
    translate,
)

AUTO = ("auto", "auto")


def test_entities_are_asked_for_as_chosen() -> None:
    asked = entities.ask("患者头痛。", ["临床表现", "临床表现", " "], "both", "first", "", "en", "zh")
    assert (asked.choice, asked.request.occurrences) == ("both", "first")
    assert (asked.request.labels, asked.request.lang, asked.request.text_lang) == (("临床表现",), "en", "zh")


@pytest.mark.parametrize("sample", samples("choose"), ids=lambda sample: sample.lang)
def test_options_are_lines(sample: Any) -> None:
    assert len(choose.ask(sample.values["text"], sample.values["options"], *AUTO).request.options) == 4


def test_each_tab_makes_a_request_of_its_task() -> None:
    made = [
        relations.ask("x", ["r"], *AUTO),
        events.ask("x", ["e"], ["Theme"], *AUTO),
        classify.ask("x", ["a"], True, "auto", *AUTO),
        compare.ask("entailment", "x", "y", ["a"], *AUTO),
        passage.ask("x", "why?", *AUTO),
        translate.ask("x", *AUTO),
        report.ask("x", *AUTO),
        title.ask("summary", "x", *AUTO),
    ]
    tasks = ["relations", "events", "classify", "entailment", "passage", "translate", "report", "summary"]
    assert [asked.request.task for asked in made] == tasks


def test_a_set_of_events_brings_its_roles_and_ones_own_keeps_them() -> None:
    assert events.roles_of(["临床发现"], ["x"]) == ["发生状态", "描述词", "解剖部位"]
    assert events.roles_of(["mine"], ["x"]) == ["x"]


def test_a_chat_message_goes_with_its_history_and_settings() -> None:
    before = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    asked = chat.ask("c", before, " Be brief. ", 100, 0.3, 0.9, 0, 1.0, "7")
    assert [message.content for message in asked.request.history] == ["a", "b"]
    assert asked.request.system == "Be brief."
    assert asked.params is not None and (asked.params.max_new_tokens, asked.params.seed) == (100, 7)
    with pytest.raises(InputError):
        chat.ask(" ", before, "", 100, 0.3, 0.9, 0, 1.0, "")


def test_a_chat_file_that_is_none_changes_only_the_note(tmp_path: Path) -> None:
    file = tmp_path / "x.md"
    file.write_text("just text", encoding="utf-8")
    history, system, said, *settings = chat.load_chat(str(file), "zh")
    assert history == system == gr.skip() and all(value == gr.skip() for value in settings)
    assert "alert" in said and not file.exists()
