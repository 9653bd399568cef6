"""BioC in XML and JSON: the same documents as PubTator."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from taiyi.corpora import read_corpus
from taiyi.errors import FormatError
from taiyi.tasks.base import Example

FIXTURES = Path(__file__).parents[3] / "data" / "corpora"


def read_alone(name: str, file: str, folder: Path) -> list[Example]:
    """The corpus where only that file is at hand."""
    shutil.copy(FIXTURES / file, folder)
    return list(read_corpus(name, "train", folder))


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("bc5cdr", "bc5cdr/CDR_TrainingSet.BioC.xml"),
        ("bc5cdr_cid", "bc5cdr/CDR_TrainingSet.BioC.xml"),
        ("biored", "biored/Train.BioC.XML"),
        ("biored", "biored/Train.BioC.JSON"),
        ("biored_relations", "biored/Train.BioC.XML"),
        ("biored_relations", "biored/Train.BioC.JSON"),
    ],
)
def test_each_form_gives_the_same_examples(name: str, file: str, tmp_path: Path) -> None:
    in_pubtator = list(read_corpus(name, "train", FIXTURES))
    read = read_alone(name, file, tmp_path)
    assert read == in_pubtator
    assert [example.gold.meta for example in read] == [example.gold.meta for example in in_pubtator]


@pytest.mark.data
@pytest.mark.parametrize("name", ["bc5cdr_cid", "biored_relations"])
def test_the_real_forms_give_the_same_examples(name: str, data_dir: Path, tmp_path: Path) -> None:
    file = {"bc5cdr_cid": "CDR_DevelopmentSet.BioC.xml.xz", "biored_relations": "Dev.BioC.JSON.xz"}[name]
    shutil.copy(next(data_dir.rglob(file)), tmp_path)
    assert list(read_corpus(name, "dev", tmp_path)) == list(read_corpus(name, "dev", data_dir))


def spoiled(folder: Path, change: Any) -> None:
    """BioRED's JSON with a change to its one document."""
    collection = json.loads((FIXTURES / "biored" / "Train.BioC.JSON").read_text(encoding="utf-8"))
    change(collection["documents"][0])
    (folder / "Train.BioC.JSON").write_text(json.dumps(collection), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d["passages"][0]["annotations"][0].pop("locations"), "document 1: the record has no 'locations'"),
        (lambda d: d["passages"][1].update(offset=3), "a passage begins at 3, inside the one before it"),
        (
            lambda d: d["passages"][0]["annotations"][0].update(text="TNFX"),
            "document 3001, annotation 0: the place 0-4",
        ),
        (lambda d: d["relations"][0]["infons"].update(type="Causes"), "relation R0: the type 'Causes' is not one of"),
    ],
)
def test_what_is_wrong_is_named_with_its_document(change: Any, said: str, tmp_path: Path) -> None:
    spoiled(tmp_path, change)
    with pytest.raises(FormatError) as raised:
        list(read_corpus("biored_relations", "train", tmp_path))
    assert said in str(raised.value)
    assert str(tmp_path / "Train.BioC.JSON") in str(raised.value)


def test_a_file_cut_short_is_named_with_the_line_where_it_ends(tmp_path: Path) -> None:
    whole = (FIXTURES / "bc5cdr" / "CDR_TrainingSet.BioC.xml").read_text(encoding="utf-8").splitlines()
    (tmp_path / "CDR_TrainingSet.BioC.xml").write_text("\n".join(whole[:20]), encoding="utf-8")
    with pytest.raises(FormatError, match=r"CDR_TrainingSet\.BioC\.xml:20: this is no XML"):
        list(read_corpus("bc5cdr", "train", tmp_path))
