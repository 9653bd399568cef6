"""LitCovid: the official CSV and the TSV, told from its namesakes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from taiyi.corpora import read_corpus
from taiyi.errors import FormatError
from taiyi.tasks.base import Example

Put = Callable[..., Path]

COLUMNS = ["pmid", "journal", "title", "abstract", "keywords", "pub_type", "authors", "date1", "doi", "date2", "label"]
ROWS = [
    ["30000001", "J", "Masks, and why", 'They said "wear them".\nMany did.', "a;b", "", "", "", "", "", "Prevention"],
    ["30000002", "J", "Does it help?", "A case.", "", "", "", "", "", "", "Treatment;Case Report"],
]
TEXTS = ['Masks, and why. They said "wear them".\nMany did.', "Does it help? A case."]
HOC = f"labels\tsentence\tindex\n{','.join(f'{n}_0' for n in range(10))}\tA sentence .\t91_s0\n"


def table(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([COLUMNS, *rows])
    return out.getvalue()


def seen(examples: list[Example]) -> list[tuple[str, str, list[str]]]:
    return [(e.id, e.gold.text, [label.name for label in e.gold.labels]) for e in examples]


EXPECTED = [("30000001", TEXTS[0], ["Prevention"]), ("30000002", TEXTS[1], ["Treatment", "Case Report"])]


@pytest.mark.parametrize(("split", "file"), [("dev", "BC7-LitCovid-Dev.csv"), ("test", "BC7-LitCovid-Test-GS.csv")])
def test_the_official_table_gives_title_and_abstract_with_all_topics(put: Put, split: str, file: str) -> None:
    examples = list(read_corpus("litcovid", split, put(file, table(ROWS))))
    assert seen(examples) == EXPECTED
    assert all(example.request.multi and len(example.request.labels) == 7 for example in examples)


@pytest.mark.parametrize("head", ["pmid\ttext\tlabels\n", ""])
def test_the_tsv_beside_that_of_another_corpus_is_found_by_what_it_holds(put: Put, head: str) -> None:
    body = f'30000001\tMasks. They said "wear them.\tPrevention\n30000002\t{TEXTS[1]}\tTreatment;Case Report\n'
    put("a/test.tsv", HOC)
    folder = put("deeper/down/test.tsv", head + body)
    first, second = seen(list(read_corpus("litcovid", "test", folder)))
    assert first == ("30000001", 'Masks. They said "wear them.', ["Prevention"])
    assert second == EXPECTED[1]
    assert [example.id for example in read_corpus("hoc", "test", folder)] == ["91_s0"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (["3", "J", "T", "A", "", "", "", "", "", "", "Vaccine"], "the label 'Vaccine' is not known; known are Treatm"),
        (["3", "J", "T", "A", "", "", "", "", "", "", ""], "the article has no labels"),
        (["3", "J", "", "", "", "", "", "", "", "", "Treatment"], "the article has no title and abstract"),
        (["3", "J", "T"], "11 columns are due, but there are 3"),
    ],
)
def test_a_corrupt_row_is_named_with_the_line_on_which_it_ends(put: Put, row: list[str], said: str) -> None:
    """The first article ends on the third line of the file, its abstract has two."""
    folder = put("BC7-LitCovid-Dev.csv", table([ROWS[0], row]))
    with pytest.raises(FormatError, match=r"BC7-LitCovid-Dev\.csv:4: ") as raised:
        list(read_corpus("litcovid", "dev", folder))
    assert said in str(raised.value)


def test_half_a_file_is_named_where_it_ends(put: Put) -> None:
    """Cut inside the quoted abstract, which begins on line 2 and goes on on line 3."""
    whole = table(ROWS)
    folder = put("BC7-LitCovid-Dev.csv", whole[: whole.index("Many")])
    with pytest.raises(FormatError, match=r"BC7-LitCovid-Dev\.csv:2: this is no CSV"):
        list(read_corpus("litcovid", "dev", folder))


def test_articles_that_an_edition_took_the_text_from_are_left_out_of_that_one_alone(put: Put) -> None:
    bare = ["30000003", "J", " ", " ", "", "", "", "", "", "", "Treatment"]
    folder = put("nid989_Intro_rem_data_VAL.csv", table([*ROWS, bare]))
    assert seen(list(read_corpus("litcovid_no_punctuation", "train", folder))) == EXPECTED


@pytest.mark.data
def test_the_substitute_for_the_training_part_is_read(data_dir: Path) -> None:
    """3,826 scraped articles; `Treatment` stands at 1,037 of them."""
    examples = list(read_corpus("litcovid", "train", data_dir))
    assert len(examples) == 3826
    assert sum(label.name == "Treatment" for example in examples for label in example.gold.labels) == 1037
