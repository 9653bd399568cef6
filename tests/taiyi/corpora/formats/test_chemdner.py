"""CHEMDNER: two files that belong together."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from taiyi.corpora import find_corpus, read_corpus
from taiyi.errors import FormatError

FIXTURES = Path(__file__).parents[3] / "data" / "corpora"
ANNOTATIONS = "training.annotations.txt"


def test_offsets_count_in_title_and_abstract_apart_and_every_class_is_a_chemical() -> None:
    first, second = (example.gold for example in read_corpus("chemdner", "train", FIXTURES))
    assert first.text == "Zinc in 𠮷 rats\nNaCl and 1,2-dichloroethane were given."
    assert [first.text_of(entity.spans) for entity in first.entities] == ["Zinc", "NaCl", "1,2-dichloroethane"]
    assert {entity.label for entity in first.entities} == {"Chemical"}
    assert (second.id, second.entities) == ("4002", ())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("4001\tT\t0\t4\tIron\tTRIVIAL", ":4: the place 0-4 reads 'Zinc', the annotation says 'Iron'"),
        ("4009\tT\t0\t4\tZinc\tTRIVIAL", ":4: there is no abstract '4009'"),
        ("4001\tX\t0\t4\tZinc\tTRIVIAL", ":4: after the PMID stand T or A, then the two offsets; here are X, 0, 4"),
        ("4001\tT\t0\t4\tZinc", ":4: 5 columns, where 6 are due"),
        ("4001\tT\t0\t4\tZinc\tCOMMON", ":4: the type 'COMMON' is not one of chemdner"),
    ],
)
def test_a_wrong_line_is_named_in_the_file_that_has_it(line: str, said: str, tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "chemdner_corpus", tmp_path, dirs_exist_ok=True)
    with (tmp_path / ANNOTATIONS).open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(FormatError) as raised:
        list(read_corpus("chemdner", "train", tmp_path))
    assert f"{tmp_path / ANNOTATIONS}{said}" in str(raised.value)


def test_an_abstract_that_comes_twice_is_named_in_the_file_of_abstracts(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "chemdner_corpus", tmp_path, dirs_exist_ok=True)
    with (tmp_path / "training.abstracts.txt").open("a", encoding="utf-8") as file:
        file.write("4002\tAnother title\tAnother abstract\n")
    with pytest.raises(FormatError, match=r"training\.abstracts\.txt:3: the abstract 4002 comes twice"):
        list(read_corpus("chemdner", "train", tmp_path))


def test_abstracts_without_annotations_are_half_a_corpus(tmp_path: Path) -> None:
    shutil.copy(FIXTURES / "chemdner_corpus" / "training.abstracts.txt", tmp_path)
    with pytest.raises(FormatError, match=r"There is no training\.annotations\.txt"):
        find_corpus("chemdner", "train", tmp_path)


def test_the_iob_form_is_read_where_the_official_files_are_not(tmp_path: Path) -> None:
    (tmp_path / "BC4CHEMD-IOB").mkdir()
    (tmp_path / "BC4CHEMD-IOB" / "test.tsv").write_text("Zinc\tB-Chemical\nhelps\tO\n", encoding="utf-8")
    (example,) = read_corpus("chemdner", "test", tmp_path)
    assert [example.gold.text_of(entity.spans) for entity in example.gold.entities] == ["Zinc"]
