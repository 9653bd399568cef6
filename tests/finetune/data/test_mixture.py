"""Mixture files: the shipped ones, and what is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from finetune.data.mixture import SetAside, missing_of, read_mixture
from finetune.data.prepare import check_reported
from finetune.data.published import published_datasets
from taiyi.corpora import corpus_names
from taiyi.errors import InputError

CONFIGS = Path(__file__).parents[3] / "finetune" / "configs"
SHIPPED = ("mixture.yaml", "small/mixture.yaml")
BIORED = {"biored", "biored_relations"}


def written(path: Path, rows: str, head: str = "") -> Path:
    path.write_text(f"{head}\nrows:\n{rows}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_mixture_is_read_and_trains_on_nothing_reported(name: str) -> None:
    mixture = read_mixture(CONFIGS / name)
    check_reported(mixture)
    assert not BIORED & {row.corpus for row in mixture.rows}
    assert {row.type for row in mixture.rows} == {1, 2}


def test_the_mixture_has_every_corpus_of_the_paper_that_is_read_here() -> None:
    named = {row.corpus for row in read_mixture(CONFIGS / "mixture.yaml").rows}
    assert {row.corpus for row in published_datasets() if row.corpus} <= named
    assert named - {"moss"} <= set(corpus_names())


def test_a_row_has_its_table_from_its_task(tmp_path: Path) -> None:
    rows = "  - {corpus: rqe, task: entailment, type: 1}\n  - {corpus: rct_titles, task: title, type: 1}"
    mixture = read_mixture(written(tmp_path / "m.yaml", rows))
    assert [row.table for row in mixture.rows] == ["TP", "other"]


def test_what_is_set_aside_can_be_said_for_all_and_for_one(tmp_path: Path) -> None:
    rows = "  - {corpus: mqp, task: similarity, type: 1}\n"
    rows += "  - {corpus: hoc, task: classify, type: 1, set_aside: {held_out: []}}"
    mixture = read_mixture(written(tmp_path / "m.yaml", rows, "set_aside: {held_out: [report, tune], dev: []}"))
    first, second = mixture.rows
    assert mixture.aside(first) == SetAside(("report", "tune"), ())
    assert mixture.aside(second) == SetAside((), ("tune",))


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("{corpus: mqp, task: similarity, type: 1, weigth: 2}", "row 1 has the key 'weigth', which is not known"),
        ("{corpus: mqp, task: similarity}", "row 1 has no type"),
        ("mqp", "row 1 is no mapping"),
        ("{corpus: mpq, task: similarity, type: 1}", "'mpq': there is no such corpus"),
        ("{corpus: mqp, task: similar, type: 1}", "there is no task 'similar'; known are entities"),
        ("{corpus: mqp, task: similarity, type: 3}", "type is 3"),
        ("{corpus: mqp, task: similarity, type: 1, split: dev}", "it has no split 'dev'; it has train"),
        ("{corpus: mqp, task: similarity, type: 1, subtasks: few}", "there are no subtasks 'few'"),
        ("{corpus: mqp, task: similarity, type: 1, cap: 0}", "cap is 0"),
        ("{corpus: mqp, task: similarity, type: 1, negatives: 2}", "negatives is 2"),
        ("{corpus: mqp, task: similarity, type: 1, table: STS}", "there is no table row 'STS'"),
        ("{corpus: mqp, task: similarity, type: 1, set_aside: {dev: [test]}}", "set_aside names the part 'test'"),
        ("{corpus: own, task: title, type: 1, files: a.jsonl}", "files hold dialogues, whose task is chat"),
    ],
)
def test_what_a_row_may_not_say_is_told_with_the_file(row: str, told: str, tmp_path: Path) -> None:
    path = written(tmp_path / "m.yaml", f"  - {row}")
    with pytest.raises(InputError) as error:
        read_mixture(path)
    assert str(error.value).startswith(f"{path}: ")
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"rows: []", "rows is a list of corpora"),
        (b"- mqp", "the mixture is no mapping"),
        (b"seed: 1", "the mixture has the key 'seed'"),
        (b"near_duplicates: 0.5\nrows: [1]", "near_duplicates is 0.5; it is a similarity from 0.8 to 1"),
        (b"rows: {", "the mixture is no YAML"),
        (b"rows: \xff", "the mixture is no YAML in UTF-8"),
    ],
)
def test_a_file_that_is_no_mixture_is_told(content: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        read_mixture(path)
    assert told in str(error.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the mixture cannot be read"):
        read_mixture(tmp_path / "m.yaml")


def test_a_corpus_in_two_rows_is_told(tmp_path: Path) -> None:
    row = "  - {corpus: mqp, task: similarity, type: 1}"
    with pytest.raises(InputError, match="mqp stands in two rows"):
        read_mixture(written(tmp_path / "m.yaml", f"{row}\n{row}"))


def test_missing_files_are_told_with_the_row_s_address(tmp_path: Path) -> None:
    row = "  - {corpus: own, task: chat, type: 2, files: talks.jsonl, get: 'https://example.org'}"
    (missing,) = missing_of(read_mixture(written(tmp_path / "m.yaml", row)), tmp_path)
    assert str(missing) == f"own: There is no {tmp_path}/talks.jsonl. Where to get it: https://example.org"
