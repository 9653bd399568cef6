"""Cards are read strictly: a misspelt key is refused, a missing file is an empty card."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from taiyi.card import Card, read_card
from taiyi.config import BUNDLED_MODEL, BUNDLED_SPECIALISTS
from taiyi.errors import ModelError
from taiyi.tasks import TASKS


def test_a_folder_without_a_card_has_an_empty_one(tmp_path: Path) -> None:
    assert read_card(tmp_path) == Card()


def test_a_misspelt_key_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "taiyi.yaml").write_text("name: x\nscroes: []\n", encoding="utf-8")
    with pytest.raises(ModelError, match="'scroes'"):
        read_card(tmp_path)


@pytest.mark.parametrize("folder", [BUNDLED_MODEL, *sorted(p for p in BUNDLED_SPECIALISTS.glob("*") if p.is_dir())])
def test_a_bundled_card_names_the_model_in_both_languages_and_its_scores(folder: Path) -> None:
    card = read_card(folder)
    assert card.name("en")
    assert card.name("zh")
    assert card.scores, f"{folder.name} publishes no score"
    for score in card.scores:
        assert 0 <= score.value <= 1
        assert score.n > 0


@pytest.mark.parametrize("folder", sorted(p for p in BUNDLED_SPECIALISTS.glob("*") if p.is_dir()), ids=lambda p: p.name)
def test_a_bundled_readme_tells_what_people_must_know(folder: Path) -> None:
    readme = (folder / "README.md").read_text(encoding="utf-8")
    front = yaml.safe_load(readme.split("---\n")[1])
    assert front["language"] == read_card(folder).lang
    assert front["license"]
    headings = re.findall(r"^## (.*)", readme, re.MULTILINE)
    assert {"Data", "Recipe", "Scores", "Limits", "What it must not be used for"} <= set(headings)
    assert len(headings) == len(set(headings))
    assert "licence" in readme.partition("## Data\n")[2].partition("\n## ")[0].lower()


def test_a_bundled_curve_begins_among_the_scores_that_the_card_states() -> None:
    """The micro-F1 of several types lies between those of its types, which may be stated one by one."""
    for folder in sorted(path for path in BUNDLED_SPECIALISTS.glob("*") if path.is_dir()):
        card = read_card(folder)
        for curve in card.curves:
            assert [p.threshold for p in curve.points] == sorted({p.threshold for p in curve.points})
            recalls = [point.recall for point in curve.points]
            assert recalls == sorted(recalls, reverse=True)
            own = [s for s in card.scores if s.set.startswith(curve.set) and s.part == curve.part]
            stated = [s.value for s in own if "text and type" in s.metric]
            assert min(stated) - 0.002 <= curve.points[0].f1 <= max(stated) + 0.002, (folder.name, curve.set)


def test_the_bundled_language_model_is_able_to_do_what_it_was_trained_for_and_nothing_else() -> None:
    assert set(TASKS) - set(read_card(BUNDLED_MODEL).unable) == {"entities", "classify", "question", "chat"}


def test_bundled_weights_come_in_files_under_ten_megabytes_and_sixty_in_all() -> None:
    files = [path for path in BUNDLED_MODEL.parent.rglob("*") if path.is_file()]
    assert files
    assert max(path.stat().st_size for path in files) < 10_000_000
    assert sum(path.stat().st_size for path in BUNDLED_SPECIALISTS.rglob("*") if path.is_file()) <= 60_000_000
    assert sum(path.stat().st_size for path in BUNDLED_MODEL.rglob("*") if path.is_file()) <= 60_000_000
