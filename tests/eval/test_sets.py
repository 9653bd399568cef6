"""The rows of the sets, and how their examples are read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from eval.judging import METRICS
from eval.sets import Source, eval_set, find_source, label_names, load_sets, read_set, source_note
from taiyi.config import BUNDLED_SPECIALISTS
from taiyi.corpora import corpus_names, corpus_splits
from taiyi.errors import FormatError, InputError
from taiyi.predictors.specialist import load_specialists
from taiyi.prompts import choose
from taiyi.tasks import TASKS

OFFICIAL_SIZES = {
    "bc5cdr-chem": 500,
    "bc5cdr-dise": 500,
    "chemdner": 3000,
    "ncbi-disease": 100,
    "cmeee": 5000,
    "bc5cdr-re": 500,
    "cmeie": 3585,
    "litcovid": 6239,
    "hoc": 3547,
    "kuake-qic": 1955,
    "pubmedqa": 500,
    "medqa-usmle": 1273,
    "medqa-mcmle": 3426,
    "biored": 100,
}
"""The paper's supplementary table S3."""


def test_the_fourteen_sets_of_the_paper_have_their_official_sizes() -> None:
    assert {row.name: row.size for row in load_sets().values() if not row.extra} == OFFICIAL_SIZES


@pytest.mark.parametrize("name", load_sets())
def test_a_row_names_what_exists(name: str) -> None:
    row = load_sets()[name]
    assert row.task in TASKS and row.metric in METRICS
    assert choose(row.task, row.lang, row.template).id == row.template
    for source in (*row.test, *row.dev):
        assert source.corpus in corpus_names()
        assert source.split in corpus_splits(source.corpus)
        assert source.part in (None, "report")


@pytest.mark.parametrize("name", OFFICIAL_SIZES)
def test_a_set_is_read_with_its_own_labels_and_its_pinned_template(name: str, sets_dir: Path) -> None:
    row = eval_set(name)
    examples = read_set(row, "test", sets_dir)
    assert examples
    for example in examples:
        request, gold = example.request, example.gold
        assert (request.task, request.template, example.source) == (row.task, row.template, name)
        named = {e.label for e in gold.entities} if row.task == "entities" else {r.label for r in gold.relations}
        assert named <= set(request.labels)
        assert len({example.request.labels for example in examples}) == 1


def test_chemicals_and_diseases_of_one_corpus_are_two_sets(sets_dir: Path) -> None:
    """Of the first abstract: Lithium, Lithium chloride, aspirin; tremor twice, thirst."""
    chemicals, diseases = (read_set(eval_set(name), "test", sets_dir)[0] for name in ("bc5cdr-chem", "bc5cdr-dise"))
    assert chemicals.request.labels == ("Chemical",)
    assert [chemicals.gold.text_of(e.spans) for e in chemicals.gold.entities] == [
        "Lithium",
        "Lithium chloride",
        "aspirin",
    ]
    assert [diseases.gold.text_of(e.spans) for e in diseases.gold.entities] == ["tremor", "tremor", "thirst"]


def test_an_unknown_set_or_split_is_named_with_the_known_ones(sets_dir: Path) -> None:
    with pytest.raises(InputError, match="There is no set 'bc5cdr'; known are bc5cdr-chem"):
        eval_set("bc5cdr")
    with pytest.raises(InputError, match="There is no split 'train'; use one of test, dev"):
        read_set(eval_set("hoc"), "train", sets_dir)


def test_a_missing_file_is_named_with_where_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"CDR_TestSet.PubTator.txt.*Where to get it: BioCreative V") as error:
        read_set(eval_set("bc5cdr-chem"), "test", tmp_path)
    assert error.value.code == "corpus_missing"
    with pytest.raises(InputError, match="There is no folder"):
        read_set(eval_set("bc5cdr-chem"), "test", tmp_path / "none")


def test_a_corrupt_file_is_an_error_with_its_line_and_not_a_missing_one(tmp_path: Path) -> None:
    path = tmp_path / "CDR_TestSet.PubTator.txt"
    path.write_text("1|t|Rash.\n1|a|None.\n1\t0\t4\tRush\tDisease\tD1\n", encoding="utf-8")
    with pytest.raises(FormatError, match=r"CDR_TestSet\.PubTator\.txt:3: ") as error:
        read_set(eval_set("bc5cdr-dise"), "test", tmp_path)
    assert error.value.code != "corpus_missing"


def test_the_first_of_several_sources_that_is_at_hand_counts(sets_dir: Path, tmp_path: Path) -> None:
    """LitCovid: the official test part; where only the development part is there, that, which the paper scored."""
    row = eval_set("litcovid")
    assert find_source(row, "test", sets_dir).source.split == "test"
    official = sets_dir / "litcovid" / "BC7-LitCovid-Test-GS.csv"
    (tmp_path / "BC7-LitCovid-Dev.csv").write_bytes(official.read_bytes())
    assert find_source(row, "test", tmp_path).source.split == "dev"
    assert len(read_set(row, "test", tmp_path)) == 3


def test_a_form_that_has_lost_its_documents_says_so(tmp_path: Path) -> None:
    """The tagged form of the NCBI corpus has a sentence where the original has an abstract."""
    (tmp_path / "NCBI-disease-IOB").mkdir()
    (tmp_path / "NCBI-disease-IOB" / "test.tsv").write_text("Rash\tB-Disease\n.\tO\n\nNone\tO\n", encoding="utf-8")
    row = eval_set("ncbi-disease")
    source = find_source(row, "test", tmp_path).source
    assert len(read_set(row, "test", tmp_path)) == 2
    assert "this form counts sentences" in (source_note(row, "test", source, 2) or "")
    assert not row.test[0].note


@pytest.mark.parametrize(
    ("name", "n", "note"),
    [
        ("hoc", 3547, None),
        ("hoc", 3000, "hoc (test) has 3,000 sentences here, officially 3,547."),
        (
            "litcovid",
            2500,
            "litcovid (test) has 2,500 abstracts here: BioCreative's test part; the paper scored the 6,239 abstracts "
            "of its development part.",
        ),
    ],
)
def test_a_size_that_is_not_the_official_one_is_told_with_both_numbers(name: str, n: int, note: str | None) -> None:
    row = eval_set(name)
    assert source_note(row, "test", row.test[0], n) == note


def test_a_part_that_was_set_aside_says_so() -> None:
    row = eval_set("cmeee")
    note = source_note(row, "dev", row.dev[0], 1530)
    assert note == "cmeee (dev) has 1,530 sentences here: a tenth of the training file, set aside by text."
    assert source_note(row, "dev", Source("cmeee", "dev"), 1530) is None


def test_labels_are_known_by_their_official_names_and_by_ours() -> None:
    names = label_names(eval_set("biored"), eval_set("biored").labels)
    assert names["OrganismTaxon"] == names["Species"] == "Species"
    chemicals = label_names(eval_set("bc5cdr-chem"), ("Chemical",))
    assert chemicals == {"Chemical": "Chemical"}


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "n"), [("bc5cdr-chem", 500), ("bc5cdr-re", 500), ("ncbi-disease", 100), ("biored", 100), ("hoc", 1798)]
)
def test_the_development_parts_at_hand_have_their_official_sizes(name: str, n: int, data_dir: Path) -> None:
    assert len(read_set(eval_set(name), "dev", data_dir)) == n


@pytest.mark.data
def test_what_is_set_aside_of_a_training_file_is_no_part_of_the_rest(data_dir: Path) -> None:
    row = eval_set("kuake-qic")
    aside = {example.id for example in read_set(row, "dev", data_dir)}
    rest = replace(row, dev=(Source("kuake_qic", "train", part="train"),))
    assert aside and not aside & {example.id for example in read_set(rest, "dev", data_dir)}


def test_a_set_is_asked_for_in_its_own_annotation_scheme(sets_dir: Path) -> None:
    """The bundled specialist has a layer for each corpus named; BC5CDR's would read NCBI's texts otherwise."""
    known = {s.folder.name: s for s in load_specialists(BUNDLED_SPECIALISTS)}["entities-en"]
    rows = [row for row in load_sets().values() if row.scheme]
    assert [row.name for row in rows] == ["bc5cdr-chem", "bc5cdr-dise", "ncbi-disease", "biored"]
    for row in rows:
        assert all(example.request.scheme == row.scheme for example in read_set(row, "test", sets_dir))
        assert row.scheme in known.schemes(row.labels)
