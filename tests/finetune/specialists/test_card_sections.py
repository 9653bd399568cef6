"""Sections are put where they belong, and only these."""

from __future__ import annotations

from finetune.specialists.card_sections import with_sections

README = "# A reader\n\nWhat it reads.\n\n## Recipe\nTraining.\n\n## Limits\nMany.\n"


def test_a_section_that_is_there_is_replaced() -> None:
    made = with_sections(README, {"Recipe": "Another."})
    assert made == README.replace("Training.", "Another.")


def test_new_sections_stand_in_their_order_before_the_limits() -> None:
    made = with_sections(README, {"Scores": "High.", "Calibration": "Good."})
    assert made == README.replace("## Limits", "## Scores\nHigh.\n\n## Calibration\nGood.\n\n## Limits")


def test_without_limits_a_new_section_comes_last() -> None:
    assert with_sections("# A reader\n", {"Scores": "High."}) == "# A reader\n\n## Scores\nHigh.\n"


def test_a_heading_of_a_lower_rank_belongs_to_its_section() -> None:
    readme = "# A reader\n\n## Scores\nOld.\n\n### By type\nOld.\n\n## Limits\nMany.\n"
    assert with_sections(readme, {"Scores": "New."}) == "# A reader\n\n## Scores\nNew.\n\n## Limits\nMany.\n"
