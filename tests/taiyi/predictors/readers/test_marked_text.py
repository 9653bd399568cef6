"""What is told of two names of a passage, in English and Chinese."""

from __future__ import annotations

from taiyi.predictors.readers.marked_text import MarkedText
from taiyi.predictors.readers.pair_features import names_of

ENGLISH = "Zinc, iron and lead raise aspirin levels."
DRUGS = [(0, 4, "Drug"), (6, 10, "Drug"), (15, 19, "Drug"), (26, 33, "Drug")]


def features(text: str, mentions: list[tuple[int, int, str]], head: int, tail: int) -> set[str]:
    names = names_of(text, mentions)
    found = MarkedText(text, names).features(names[head], names[tail])
    assert len(set(found)) == len(found)
    return set(found)


def test_other_names_between_are_marks_and_a_list_of_them_is_told_without() -> None:
    """Between zinc and aspirin: `, <Drug> and <Drug> raise`."""
    near = features(ENGLISH, DRUGS, 0, 3)
    assert {">path , <Drug> and <Drug> raise", ">plain path raise", ">names between 2 Drug Drug"} <= near
    assert not any("iron" in feature for feature in near)


def test_the_order_of_the_two_and_what_stands_beside_them_are_told() -> None:
    assert {">right <2> levels", ">left1 Drug Drug "} <= features(ENGLISH, DRUGS, 0, 3)
    assert {"<path , <Drug> and <Drug> raise", "<right <1> levels"} <= features(ENGLISH, DRUGS, 3, 0)


def test_chinese_is_read_by_characters() -> None:
    text = "肺炎可用青霉素治疗"
    found = features(text, [(0, 2, "Disease"), (4, 7, "Drug")], 0, 1)
    assert {">path 可 用", ">right <2> 治", "tail ends 霉素 of Disease Drug"} <= found


def test_a_name_that_fills_the_other_has_nothing_between() -> None:
    """Both names are the one token; the mark of the second covers that of the first."""
    assert "nested Disease Body" in features("flu", [(0, 3, "Disease"), (1, 3, "Body")], 0, 1)
