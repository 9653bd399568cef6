"""DrugProt: a file of abstracts and a file of entities that belong together."""

from __future__ import annotations

from pathlib import Path

import pytest

from taiyi.corpora import read_corpus
from taiyi.errors import FormatError

ABSTRACTS = "drugprot_development_abstracs.tsv"
ENTITIES = "drugprot_development_entities.tsv"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Offsets count from the title: `NaCl` stands behind it and a line end."""
    abstracts = "71\tZinc in 𠮷 rats\tNaCl binds IL-2.\n72\tNothing\tat all\n"
    (tmp_path / ABSTRACTS).write_text(abstracts, encoding="utf-8")
    rows = [
        ("T1", "CHEMICAL", "0", "4", "Zinc"),
        ("T2", "CHEMICAL", "15", "19", "NaCl"),
        ("T3", "GENE", "26", "30", "IL-2"),
    ]
    (tmp_path / ENTITIES).write_text("".join("\t".join(("71", *row)) + "\n" for row in rows), encoding="utf-8")
    return tmp_path


def test_entities_stand_in_title_and_abstract(folder: Path) -> None:
    first, second = (example.gold for example in read_corpus("drugprot", "dev", folder))
    assert [(e.label, first.text_of(e.spans)) for e in first.entities] == [
        ("Chemical", "Zinc"),
        ("Chemical", "NaCl"),
        ("Gene", "IL-2"),
    ]
    assert (second.id, second.entities) == ("72", ())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("71\tT4\tGENE\t0\t4\tIron", ":4: the place 0-4 reads 'Zinc', the annotation says 'Iron'"),
        ("79\tT4\tGENE\t0\t4\tZinc", ":4: there is no abstract '79'"),
        ("71\tT4\tGENE\tat\t4\tZinc", ":4: two offsets are due after the type, here are at, 4"),
        ("71\tT4\tGENE\t0\t4", ":4: 5 columns, where 6 are due"),
    ],
)
def test_a_wrong_line_is_named_in_the_file_that_has_it(line: str, said: str, folder: Path) -> None:
    with (folder / ENTITIES).open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(FormatError) as raised:
        list(read_corpus("drugprot", "dev", folder))
    assert f"{folder / ENTITIES}{said}" in str(raised.value)


def test_an_abstract_that_comes_twice_is_named(folder: Path) -> None:
    with (folder / ABSTRACTS).open("a", encoding="utf-8") as file:
        file.write("71\tZinc\tAgain.\n")
    with pytest.raises(FormatError, match=r":3: the abstract 71 comes twice"):
        list(read_corpus("drugprot", "dev", folder))
