"""The authors' list against the paper's Table 1."""

from __future__ import annotations

from finetune.data.mixture import TABLES
from finetune.data.published import instances_of, listed_sums, place_of, published_datasets, published_table
from taiyi.corpora import corpus_names


def test_the_list_sums_to_table_1_but_for_entities_classes_and_what_it_does_not_list() -> None:
    """Paper, Table 1: the list has 28,603 Chinese entities, which the table prints as English."""
    sums, table = listed_sums(), published_table()
    differing = {place for place in table if sums.get(place) != table[place]}
    assert differing == {("NER", "en"), ("NER", "zh"), ("TC", "en"), ("general", "both")}
    assert sums["NER", "zh"] == table["NER", "en"] == 28603
    assert sums["NER", "en"] + 1017 == table["NER", "zh"] == 44667
    assert sums["TC", "en"] + 193 == table["TC", "en"]


def test_table_1_sums_to_its_total() -> None:
    assert sum(published_table().values()) == 1_114_315


def test_rows_and_corpora_are_known_here() -> None:
    assert {table for table, _ in published_table()} == set(TABLES)
    assert {row.corpus for row in published_datasets()} - {""} <= set(corpus_names())


def test_languages_are_told_apart_where_the_table_does() -> None:
    assert place_of("NER", "zh") == ("NER", "zh")
    assert place_of("MT", "zh") == ("MT", "both")


def test_a_corpus_has_the_instances_of_the_datasets_it_reads() -> None:
    assert instances_of("bc5cdr") == 650
    assert instances_of("biored") is None
