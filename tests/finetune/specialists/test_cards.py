"""The figures of a run reach both cards of the specialist that answered, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from finetune.specialists.__main__ import main
from finetune.specialists.cards import update, with_scores
from finetune.specialists.model_card import write_cards
from taiyi.card import Score, read_card
from taiyi.errors import InputError
from tests.finetune.specialists.conftest import NAME, WriteRun, chemicals

OLD = {"task": "entities", "lang": "en", "metric": "micro-F1", "value": 0.3, "n": 7}
CURVES = [{"set": "bc5cdr", "part": "dev", "labels": ["Chemical"], "n": 1, "points": []}]


def specialist(folder: Path, name: str = NAME, **more: object) -> Path:
    """A folder as training leaves it, with scores of a corpus that `eval` has and of one that it has not."""
    card = {
        "name": {"en": name, "zh": "化学物质识别器"},
        "kind": "token_tagger",
        "task": "entities",
        "lang": "en",
        "labels": {"Chemical": "Chemical"},
        "scores": [{**OLD, "set": "bc5cdr", "part": "dev"}, {**OLD, "set": "anatem", "part": "dev"}],
        "settings": {"seed": 1},
        "curves": CURVES,
        **more,
    }
    texts = dict.fromkeys(("command", "what", "data", "raw", "recipe", "calibration", "limits"), "As it was.")
    write_cards(folder, card, texts)
    return folder


def section(readme: str, heading: str) -> str:
    return readme.partition(f"## {heading}\n")[2].partition("\n## ")[0]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    specialist(tmp_path / "models" / "chemicals")
    return tmp_path / "models"


def test_scores_of_the_run_take_the_place_of_those_of_its_corpora(write_run: WriteRun, models: Path) -> None:
    assert update([write_run("run", "bc5cdr-chem", chemicals())], models) == ["chemicals"]
    card = read_card(models / "chemicals")
    assert {score.set for score in card.scores} == {"bc5cdr-chem", "anatem"}
    first = card.scores[0]
    assert (first.metric, first.value, first.n) == ("micro-F1, text and type", 0.5, 3)
    assert first.low is not None and first.high is not None
    assert first.low <= 0.5 <= first.high
    assert Score("entities", "en", "anatem", "dev", "micro-F1", 0.3, 7) in card.scores
    error = next(score for score in card.scores if score.metric == "expected calibration error")
    assert (error.value, error.n) == (0.325, 4)


def test_scores_of_another_part_stay_and_those_of_fewer_texts_of_the_part_do_not(
    write_run: WriteRun, tmp_path: Path
) -> None:
    rows = [{**OLD, "set": "bc5cdr", "part": part} for part in ("dev", "tune")]
    folder = specialist(tmp_path / "models" / "chemicals", scores=rows)
    update([write_run("few", "bc5cdr-chem", chemicals(), limit=3)], folder.parent)
    update([write_run("all", "bc5cdr-chem", chemicals())], folder.parent)
    assert {(score.set, score.part) for score in read_card(folder).scores} == {
        ("bc5cdr-chem", "dev"),
        ("bc5cdr", "tune"),
    }


def test_what_else_the_card_holds_stays_as_it_is_written(write_run: WriteRun, models: Path) -> None:
    path = models / "chemicals" / "taiyi.yaml"
    before = path.read_text(encoding="utf-8")
    update([write_run("run", "bc5cdr-chem", chemicals())], models)
    after = path.read_text(encoding="utf-8")
    assert after.partition("scores:\n")[0] == before.partition("scores:\n")[0]
    assert after.partition("settings:\n")[2] == before.partition("settings:\n")[2]


def test_the_readme_has_figures_errors_and_calibration(write_run: WriteRun, models: Path) -> None:
    run = write_run("run", "bc5cdr-chem", chemicals())
    update([run], models)
    readme = (models / "chemicals" / "README.md").read_text(encoding="utf-8")
    scores = section(readme, "Scores")
    assert "| bc5cdr-chem | dev | micro-F1, text and type | 0.500 | " in scores
    assert "| anatem | dev | micro-F1 | 0.300 |  | 7 |" in scores
    assert "As it was" not in scores
    assert "rule:micro-F1 over the set of (type, text) of each document" in scores
    assert "python -m eval run --data DIR --out RUN --split dev --predictor specialist\n" in scores
    assert "| bc5cdr-chem | 1 | 1 | 1 | 0 |" in section(readme, "Kinds of error")
    calibration = section(readme, "Calibration")
    assert "| bc5cdr-chem | 0.325 | 4 |" in calibration
    assert "| 0.9-1.0 | 1 | 0.900 | 1.000 |" in calibration
    assert "(reliability.svg)" in calibration
    assert (models / "chemicals" / "reliability.svg").is_file()


def test_the_rest_of_the_readme_stays(write_run: WriteRun, models: Path) -> None:
    update([write_run("run", "bc5cdr-chem", chemicals())], models)
    readme = (models / "chemicals" / "README.md").read_text(encoding="utf-8")
    assert yaml.safe_load(readme.split("---\n")[1])["library_name"] == "taiyi"
    assert section(readme, "Limits").strip() == section(readme, "Recipe").strip() == "As it was."
    assert "medical device" in section(readme, "What it must not be used for")


def test_cards_that_are_written_twice_are_the_same(write_run: WriteRun, models: Path) -> None:
    run = write_run("run", "bc5cdr-chem", chemicals())
    update([run], models)
    first = {path.name: path.read_bytes() for path in (models / "chemicals").iterdir()}
    update([run], models)
    assert {path.name: path.read_bytes() for path in (models / "chemicals").iterdir()} == first


def test_a_specialist_without_answers_keeps_its_cards(write_run: WriteRun, models: Path) -> None:
    other = specialist(models / "other", "Another reader")
    before = {path.name: path.read_bytes() for path in other.iterdir()}
    assert update([write_run("run", "bc5cdr-chem", chemicals())], models) == ["chemicals"]
    assert {path.name: path.read_bytes() for path in other.iterdir()} == before


def test_a_score_on_what_the_weights_have_seen_is_left_out(write_run: WriteRun, models: Path) -> None:
    run = write_run("run", "bc5cdr-chem", chemicals(), row={"seen": True})
    with pytest.raises(InputError, match="No specialist"):
        update([run], models)
    assert read_card(models / "chemicals").scores[0].set == "bc5cdr"


def test_a_card_of_weights_that_went_on_says_that_their_earlier_state_was_measured(
    write_run: WriteRun, tmp_path: Path
) -> None:
    folder = specialist(tmp_path / "models" / "chemicals", seen={"bc5cdr": ["dev"]})
    update([write_run("run", "bc5cdr-chem", chemicals(), specialists_dir="out/specialists")], folder.parent)
    scores = section((folder / "README.md").read_text(encoding="utf-8"), "Scores")
    assert "what was measured is their state before" in scores
    assert "--specialists WORK" in scores


def test_two_runs_of_different_sets_go_into_one_card(write_run: WriteRun, models: Path) -> None:
    runs = [write_run(name, name, chemicals()) for name in ("bc5cdr-chem", "chemdner")]
    update(runs, models)
    assert {score.set for score in read_card(models / "chemicals").scores} == {"bc5cdr-chem", "chemdner", "anatem"}


def test_two_runs_of_one_set_are_refused(write_run: WriteRun, models: Path) -> None:
    runs = [write_run(name, "bc5cdr-chem", chemicals()) for name in ("a", "b")]
    with pytest.raises(InputError, match="Two runs have answers"):
        update(runs, models)


def test_a_card_without_scores_gets_them() -> None:
    rows = [{**OLD, "set": "anatem", "part": "dev"}]
    assert yaml.safe_load(with_scores("kind: token_tagger\n", rows)) == {"kind": "token_tagger", "scores": rows}


def test_the_command_says_in_a_sentence_what_is_wrong(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cards", "--run", str(models), "--folder", str(models)]) == 2
    assert "name the folder of a finished `python -m eval run`" in capsys.readouterr().err


def test_the_command_names_the_cards_that_it_wrote(
    write_run: WriteRun, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = write_run("run", "bc5cdr-chem", chemicals())
    assert main(["cards", "--run", str(run), "--folder", str(models)]) == 0
    assert capsys.readouterr().out == "chemicals\n"
