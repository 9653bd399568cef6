"""The page as it is built: private, quiet, and with the endpoints that it promises."""

from __future__ import annotations

import pytest

from taiyi.assistant import Assistant
from taiyi.card import Card, Score
from taiyi.engine.scripted import ScriptedEngine
from taiyi.ui.api import NAMES
from taiyi.ui.build import create_ui, launch_options, restored
from taiyi.ui.quality import model_line, size, task_quality


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_only_the_endpoints_are_public(lang: str) -> None:
    page = create_ui(Assistant(ScriptedEngine(["x"])), lang=lang)
    public = {fn.api_name for fn in page.fns.values() if fn.api_visibility == "public" and fn.fn is not None}
    assert public == set(NAMES)


def test_nothing_is_recorded_or_sent() -> None:
    options = launch_options()
    assert options["run_history"] is False and options["enable_monitoring"] is False
    assert "share" not in options
    page = create_ui(Assistant(ScriptedEngine(["x"])))
    assert page.analytics_enabled is False
    assert page.delete_cache is not None


def test_a_third_language_is_refused() -> None:
    with pytest.raises(ValueError, match="fr"):
        create_ui(Assistant(ScriptedEngine(["x"])), lang="fr")


def test_the_restored_language_is_one_of_ours() -> None:
    assert restored("en", "")[0] == "en"
    assert restored("xx", "")[0] != "xx"


@pytest.mark.parametrize("n, said", [(None, ""), (8_000_000, "8M"), (7_615_616_512, "7.62B"), (900, "900")])
def test_sizes_are_said_as_people_write_them(n: int | None, said: str) -> None:
    assert size(n) == said


def test_measured_quality_and_what_cannot_be_done_stand_beside_the_task() -> None:
    score = Score("entities", "en", "BC5CDR", "test", "F1", 0.795, 500)
    assistant = Assistant(ScriptedEngine(["x"]), card=Card(scores=(score,), unable=("report",)))
    assert "<b>0.795</b> (n=500)" in task_quality(assistant, ("entities",), "en")
    assert "--model" in task_quality(assistant, ("report",), "zh")
    assert task_quality(assistant, ("title",), "en") == ""


@pytest.mark.parametrize("lang, own", [("en", "BC5CDR"), ("zh", "CMeEE")])
def test_the_figure_in_sight_is_of_texts_in_the_readers_language(lang: str, own: str) -> None:
    scores = (
        Score("entities", "zh", "CMeEE", "dev", "F1", 0.65, 9),
        Score("entities", "en", "BC5CDR", "dev", "F1", 0.8, 9),
    )
    said = task_quality(Assistant(ScriptedEngine(["x"]), card=Card(scores=scores)), ("entities",), lang)
    assert own in said.partition("</summary>")[0]


def test_a_figure_with_an_interval_is_shown_with_it() -> None:
    score = Score("entities", "en", "BC5CDR", "test", "F1", 0.795, 500, low=0.78, high=0.8104)
    assistant = Assistant(ScriptedEngine(["x"]), card=Card(scores=(score,)))
    assert "<b>0.795</b> (95 %: 0.780–0.810, n=500)" in task_quality(assistant, ("entities",), "zh")


def test_the_models_line_is_escaped() -> None:
    assistant = Assistant(ScriptedEngine(["x"]), card=Card(names={"en": "<b>nano"}))
    assert "&lt;b&gt;nano" in model_line(assistant, "en")
