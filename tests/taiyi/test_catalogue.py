"""The catalogue of datasets: complete, and honest about what is read."""

from __future__ import annotations

import json

import pytest

from taiyi.__main__ import main
from taiyi.catalogue import load_catalogue
from taiyi.corpora import corpus_names, corpus_row


@pytest.mark.parametrize(("lang", "n"), [("zh", 38), ("en", 102)])
def test_each_language_has_its_datasets_numbered_from_one(lang: str, n: int) -> None:
    assert [dataset.number for dataset in load_catalogue() if dataset.lang == lang] == list(range(1, n + 1))


def test_every_dataset_has_name_task_size_and_addresses() -> None:
    for dataset in load_catalogue():
        assert dataset.name
        assert dataset.tasks
        assert dataset.sizes
        assert all(size > 0 for size in dataset.sizes.values())
        assert all(address.startswith("http") for address in (*dataset.url.split(), dataset.paper)), dataset.name


def test_every_corpus_that_is_named_has_a_row_in_the_language_of_its_dataset() -> None:
    for dataset in load_catalogue():
        for name in dataset.corpora:
            assert name in corpus_names()
            assert corpus_row(name)["lang"] == dataset.lang


def test_sizes_are_numbers_by_part() -> None:
    """The paper's list, Chinese number 24: 14,339 and 3,585."""
    (cmeie,) = (dataset for dataset in load_catalogue() if dataset.name == "CMeIE-V2")
    assert cmeie.sizes == {"train": 14339, "dev": 3585}


def test_a_task_is_found_by_its_name_or_its_group() -> None:
    (pubmedqa,) = (dataset for dataset in load_catalogue() if dataset.name == "pubmed_qa")
    assert pubmedqa.is_for("qa")
    assert pubmedqa.is_for("QA-yesno")
    assert not pubmedqa.is_for("QA-sqa")


def test_the_shell_lists_all_140(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["datasets"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + 140 + 1
    assert lines[-1].startswith("140 datasets")


def test_the_shell_lists_a_part_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Chinese datasets with a relation task: DiaKG and CMeIE-V2."""
    assert main(["datasets", "--lang", "zh", "--task", "re", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["name"] for row in rows] == ["DiaKG", "CMeIE-V2"]
    assert rows[0]["sizes"] == {"train": 2292}


def test_a_task_that_no_dataset_is_for_is_told_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["datasets", "--task", "parsing"]) == 2
    assert "QA-yesno" in capsys.readouterr().err
