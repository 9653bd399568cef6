"""Hallmarks of Cancer as its authors release it: `text/PMID.txt`, a sentence a line, and `labels/PMID.txt`.

In a file of labels, `<` comes before those of each sentence, ` AND` parts them, `--` the levels of the taxonomy, of
which the first is the hallmark; `NULL` or nothing stands for none. Where `*_pmid.txt` (a PMID a line, as BLUE and BLURB
split the corpus) comes with the release, it says which abstracts are read. Key of a row: `labels`.
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
    lang, names = row["lang"], {name.casefold(): name for name in row["labels"]}
    by_folder = {
        folder: {PurePath(file).stem: file for file in texts if PurePath(file).parent.name == folder}
        for folder in ("text", "labels")
    }
    for pmid in _listed(texts) or by_folder["text"]:
        files = [by_folder[folder].get(pmid) for folder in ("text", "labels")]
        if None in files:
            raise CorruptError(f"abstract {pmid}", "its text or its labels are missing; get the corpus again.")
        text_file, labels_file = map(str, files)
        sentences = texts[text_file].rstrip("\n").split("\n")
        labels = _labels_by_sentence(texts[labels_file], names, labels_file)
        if len(sentences) != len(labels):
            problem = f"there are {len(labels)} sentences with labels, but {len(sentences)} in {text_file}."
            raise CorruptError(1, problem, file=labels_file)
        for n, (sentence, held) in enumerate(zip(sentences, labels, strict=True)):
            id = f"{pmid}_s{n}"
            request = Request(
                "classify", sentence.rstrip("\r"), lang, lang, tuple(names.values()), multi=True, document_id=id
            )
            gold = Document(id, lang, request.text, labels=tuple(map(Label, held)))
            yield Example(id, request, gold, row["name"])


def _listed(texts: Mapping[str, str]) -> list[str]:
    return [pmid for file, text in texts.items() if "_pmid.txt" in PurePath(file).name for pmid in text.split()]


def _labels_by_sentence(text: str, names: Mapping[str, str], file: str) -> list[list[str]]:
    """The hallmarks of each sentence, in the order of `names` (folded name: name), none twice."""
    rows = []
    for n, piece in enumerate(text.split("<")[1:]):
        said = (path.split("--")[0].strip().casefold() for path in piece.split(" AND"))
        found = {known_label(name, names, f"sentence {n}", file=file) for name in said if name not in ("", "null")}
        rows.append([name for folded, name in names.items() if folded in found])
    return rows
