"""Hallmarks of Cancer as its authors release it: `text/PMID.txt`, a sentence a line, and `labels/PMID.txt`.

In a file of labels, `<` comes before those of each sentence, ` AND` parts them, `--` the levels of the taxonomy, of
which the first is the hallmark; `NULL` or nothing stands for none. Where `*_pmid.txt` (a PMID a line, as BLUE and BLURB
split the corpus) comes with the release, it says which abstracts are read. Key of a row: `labels` (theirs: ours).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from taiyi.corpora.fields import known_label
from taiyi.corpora.files import CorruptError
from taiyi.document import Document, Label
from taiyi.tasks.base import Example, Request


def read_together(texts: Mapping[str, str], row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a sentence, under `PMID_s12`, abstracts in the order of the list of PMIDs or else of their names."""
    lang, names = row["lang"], tuple(row["labels"].values())
    for pmid, text_file, labels_file in _abstracts(texts):
        sentences = texts[text_file].rstrip("\n").split("\n")
        labels = _labels_by_sentence(texts[labels_file], row["labels"], labels_file)
        if len(sentences) != len(labels):
            problem = f"there are {len(labels)} sentences with labels, but {len(sentences)} in {text_file}."
            raise CorruptError(1, problem, file=labels_file)
        for n, (line, held) in enumerate(zip(sentences, labels, strict=True)):
            id, sentence = f"{pmid}_s{n}", line.rstrip("\r")
            request = Request("classify", sentence, lang, lang, names, multi=True, document_id=id)
            yield Example(id, request, Document(id, lang, sentence, labels=tuple(map(Label, held))), row["name"])


def _abstracts(texts: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """PMID, file of the text and file of the labels of each abstract that is to be read."""
    file_by_place = {(PurePath(file).parent.name, PurePath(file).stem): file for file in texts}
    for pmid in _listed(texts) or [pmid for folder, pmid in file_by_place if folder == "text"]:
        if not {("text", pmid), ("labels", pmid)} <= file_by_place.keys():
            raise CorruptError(f"abstract {pmid}", "its text or its labels are missing; get the corpus again.")
        yield pmid, file_by_place["text", pmid], file_by_place["labels", pmid]


def _listed(texts: Mapping[str, str]) -> list[str]:
    return [pmid for file, text in texts.items() if "_pmid.txt" in PurePath(file).name for pmid in text.split()]


def _labels_by_sentence(text: str, names: Mapping[str, str], file: str) -> list[list[str]]:
    """The hallmarks of each sentence, in the order of `names` (theirs: ours), none twice."""
    rows = []
    for n, piece in enumerate(text.split("<")[1:]):
        said = (path.split("--")[0].strip() for path in piece.split(" AND"))
        found = {known_label(name, names, f"sentence {n}", file=file) for name in said if name not in ("", "NULL")}
        rows.append([ours for theirs, ours in names.items() if theirs in found])
    return rows
