"""The words of the page: complete and alike in both languages."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
import yaml

from taiyi.errors import InputError, Issue
from taiyi.ui.locale import FOLDER, issue_sentence, sentence, t, table

PACKAGE = Path(__file__).parents[3] / "taiyi"
SAYS_TO_READERS = ("engine", "tasks", "predictors", "formats")


def fields_of(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name}


def test_both_languages_have_the_same_keys_with_the_same_fields() -> None:
    english, chinese = table("en"), table("zh")
    assert english.keys() == chinese.keys()
    assert {key for key in english if fields_of(english[key]) != fields_of(chinese[key])} == set()


def test_no_chinese_words_are_left_in_the_english_table() -> None:
    han = {key for key, words in table("en").items() if any("一" <= char <= "鿿" for char in words)}
    assert han == {"language.zh"}


@pytest.mark.parametrize("group, pattern", [("issue", r'Issue\(\s*"(\w+)"'), ("error", r'code="(\w+)"')])
def test_every_error_and_issue_that_can_reach_a_reader_has_a_sentence(group: str, pattern: str) -> None:
    said = {
        name
        for folder in SAYS_TO_READERS
        for path in (PACKAGE / folder).rglob("*.py")
        for name in re.findall(pattern, path.read_text(encoding="utf-8"))
    }
    assert {name for name in said if f"{group}.{name}" not in table("zh")} == set()


def test_every_key_that_the_page_names_is_in_the_table() -> None:
    """Keys stand in the code as plain strings: t("a.b", ...) and {"label": "a.b"}."""
    named = {
        key
        for path in (PACKAGE / "ui").rglob("*.py")
        for key in re.findall(
            r'(?:\bt\(|"(?:label|placeholder|info|value)": )"([a-z_.]+)"', path.read_text(encoding="utf-8")
        )
    }
    assert len(named) > 50
    assert {key for key in named if key not in table("en")} == set()


def test_an_error_is_said_in_the_readers_language_with_its_fields() -> None:
    error = InputError("English.", code="too_many_labels", count=501, limit=500)
    assert "501" in sentence(error, "zh") and "500" in sentence(error, "zh")
    assert sentence(error, "zh") != sentence(error, "en")


def test_an_error_that_no_table_knows_is_said_in_its_own_words() -> None:
    assert sentence(InputError("Mend the thing.", code="never_heard"), "zh") == "Mend the thing."
    assert sentence(InputError("Field missing.", code="too_many_labels"), "zh") == "Field missing."


def test_braces_in_a_detail_are_left_alone() -> None:
    assert "{x}" in issue_sentence(Issue("absent", "{x}"), "en")
    assert issue_sentence(Issue("unheard", "{x}"), "en") == "unheard: {x}"


def test_a_missing_key_is_our_bug() -> None:
    with pytest.raises(KeyError):
        t("no.such.key", "en")


def test_no_sentence_is_defined_twice() -> None:
    places: dict[str, list[str]] = {}
    for path in sorted((FOLDER / "parts").glob("*.yaml")):
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))
        for group in ("error", "issue"):
            for name in rows.get(group, {}):
                places.setdefault(f"{group}.{name}", []).append(path.name)
    assert {key: files for key, files in places.items() if len(files) > 1} == {}
