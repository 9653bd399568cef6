"""The annotator's path on real text: a file in, two readings compared, a threshold, files out and back without loss."""

from __future__ import annotations

import csv
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from taiyi.assistant import load_assistant
from taiyi.config import Settings
from taiyi.corpora import read_corpus
from taiyi.corpora.parts import part_of
from taiyi.document import Document
from taiyi.formats import differences, iter_documents, losses, write_documents
from taiyi.formats.csv import annotated
from taiyi.predictors.base import Result
from taiyi.predictors.comparing import second_opinion
from taiyi.predictors.threshold import above
from taiyi.tasks.request import make_request

ABSTRACTS, SENTENCES = 20, 50
EVERY_TENTH = 10  # is read by the language model, too
TYPES = {"en": ["Chemical", "Disease"], "zh": ["疾病", "临床表现", "药物", "身体"]}


@pytest.fixture(scope="module")
def documents(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Document]:
    """Abstracts of BC5CDR and sentences of CMeEE that no model here was trained on, read from a file."""
    abstracts = read_corpus("bc5cdr", "dev", data_dir)
    sentences = (e for e in read_corpus("cmeee", "train", data_dir) if part_of(e.gold.text) == "report")
    texts = [e.gold for e in (*islice(abstracts, ABSTRACTS), *islice(sentences, SENTENCES))]
    file = tmp_path_factory.mktemp("in") / "texts.jsonl"
    file.write_bytes(write_documents([Document(d.id, d.lang, d.text) for d in texts], ".jsonl"))
    return list(iter_documents(file))


@pytest.fixture(scope="module")
def results(documents: list[Document]) -> list[Result]:
    """What the bundled specialist says of each, and the bundled language model of some."""
    assistant = load_assistant(Settings())
    found = []
    for n, d in enumerate(documents):
        request = make_request("entities", d.text, labels=TYPES[d.lang], text_lang=d.lang, document_id=d.id)
        found.append(assistant.answer(request, choice="specialist" if n % EVERY_TENTH else "both"))
    assistant.close()
    return found


@pytest.mark.data
def test_every_difference_is_listed_and_adds_up(results: list[Result]) -> None:
    compared = second_opinion(results)
    assert compared is not None
    kinds = compared.agreement.n_by_kind
    pairs = [result.alternatives for result in results if result.alternatives]
    n_first = sum(len(first.document.entities) for first, _ in pairs)
    n_second = sum(len(second.document.entities) for _, second in pairs)
    paired = kinds["same"] + kinds["type"] + kinds["border"]
    assert (n_first, n_second) == (paired + kinds["first"], paired + kinds["second"])
    assert n_first > len(pairs)
    rows = list(csv.DictReader(differences.write_csv([compared]).decode("utf-8-sig").splitlines()))
    assert len(rows) == len(compared.agreement.differences)


@pytest.mark.data
@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".csv", ".zip", ".pubtator", ".xml", ".bioc.json"])
def test_what_is_left_above_a_threshold_comes_back_from_every_format(
    results: list[Result], suffix: str, tmp_path: Path
) -> None:
    """PubTator has no place for scores and attributes, and counts them; a CSV none for the texts."""
    kept = [above(result, 0.5).document for result in results]
    assert 0 < sum(len(d.entities) for d in kept) < sum(len(r.document.entities) for r in results)
    kept = [Document.from_dict(d.to_dict()) for d in kept]
    file = tmp_path / f"found{suffix}"
    file.write_bytes(write_documents(kept, suffix))
    texts = [Document(d.id, d.lang, d.text) for d in kept]
    back = {d.id: d for d in (annotated(file, texts) if suffix == ".csv" else iter_documents(file))}
    if suffix == ".pubtator":
        (lost,) = losses(kept, suffix)
        assert f"scores: {sum(e.score is not None for d in kept for e in d.entities)}" in lost.detail
        kept = [_as_in_pubtator(d) for d in kept]
    assert [(back[d.id].text, back[d.id].entities) for d in kept] == [(d.text, d.entities) for d in kept]


def _as_in_pubtator(document: Document) -> Document:
    entities = (
        replace(e, id=f"T{n}", score=None, attributes=(), match="verbatim") for n, e in enumerate(document.entities, 1)
    )
    return replace(document, entities=tuple(entities))
