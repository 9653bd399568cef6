"""What the Chinese entity specialist learns from: CMeEE in its two annotations, raw text, and names of other sources.

Which sources there are stands in `chinese_entities.yaml`; nothing here is in the parts set aside or in a test set.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from finetune.overlap import RAW_SHARE, Fingerprints, segment_hashes
from taiyi.corpora import find_file, read_corpus, read_text
from taiyi.corpora.files import read_members
from taiyi.corpora.parts import Part, normal_form, part_of
from taiyi.document import Document
from taiyi.labels import concept_of

Mention = tuple[str, int, int]  # label, start, end (exclusive), code points


@dataclass(frozen=True, slots=True)
class Annotated:
    """A text of CMeEE, the part it belongs to, and its mentions in the annotations V1 and V2."""

    part: Part
    text: str
    mentions: tuple[Mention, ...]
    mentions_v2: tuple[Mention, ...]


def _mentions(document: Document) -> tuple[Mention, ...]:
    """The mentions of a document, their labels as concept ids."""
    concepts = {e.label: found.id for e in document.entities if (found := concept_of(e.label)) is not None}
    return tuple(sorted((concepts[e.label], e.start, e.end) for e in document.entities if e.label in concepts))


def read_cmeee(data_dir: Path) -> list[Annotated]:
    """CMeEE's training file: every text once, without training texts that stand in a test set."""
    fingerprints = Fingerprints.of_tests(data_dir)
    v2 = {example.gold.text: _mentions(example.gold) for example in read_corpus("cmeee_v2", "train", data_dir)}
    seen: set[str] = set()
    out = []
    for example in read_corpus("cmeee", "train", data_dir):
        text, part = example.gold.text, part_of(example.gold.text)
        if normal_form(text) in seen or (part == "train" and fingerprints.leaked(text)):
            continue
        seen.add(normal_form(text))
        out.append(Annotated(part, text, _mentions(example.gold), v2.get(text, ())))
    return out


def fingerprints_of(data_dir: Path, aside: Iterable[str]) -> Fingerprints:
    """Those of the test sets, and of the texts set aside here."""
    known = dict(Fingerprints.of_tests(data_dir).sets_by_hash)
    for text in aside:
        known |= {digest: frozenset({"aside"}) for digest in segment_hashes(text)}
    return Fingerprints(known)


def read_source(source: Mapping[str, Any], data_dir: Path) -> Iterator[str]:
    """The texts of one row of `texts`."""
    if "corpus" in source:
        yield from (example.gold.text for example in read_corpus(source["corpus"], "train", data_dir))
    elif "archive" in source:
        files = read_archive(find_file(data_dir, source["archive"]))
        yield from (files[name].replace("\n", "") for name in sorted(files) if name.endswith(".txt"))
    else:
        text = read_text(find_file(data_dir, source["file"]))
        for record in _records(text, source["file"]):
            if all(record.get(key) in allowed for key, allowed in source.get("only", {}).items()):
                yield "\n".join(_prose(record))


def _records(text: str, name: str) -> Iterator[Mapping[str, Any]]:
    if name.endswith(".json"):
        yield from json.loads(text)
    elif name.endswith(".jsonl"):
        yield from (json.loads(line) for line in text.split("\n") if line.strip())
    elif name.endswith(".csv"):
        yield from csv.DictReader(io.StringIO(text))
    else:
        yield from ({"text": line} for line in text.split("\n") if line.strip())


def _prose(value: object) -> Iterator[str]:
    """The strings in a record that are longer than an id or a mark."""
    if isinstance(value, str):
        if len(value) > 6 and not value.startswith(("ChinaXiv-", "Huatuo-")):
            yield value.replace("[详细]", "")
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _prose(item)
    elif isinstance(value, list):
        for item in value:
            yield from _prose(item)


def read_texts(
    sources: Sequence[Mapping[str, Any]], data_dir: Path, known: Fingerprints, limit: int | None = None
) -> Iterator[tuple[int, float, str]]:
    """(weight, share, text) of the texts to pretrain on, `limit` of each source, without leaks; of CMeEE only those of
    its training part."""
    for source in sources:
        texts = read_source(source, data_dir)
        if source.get("corpus") == "cmeee":
            texts = (text for text in texts if part_of(text) == "train")
        clean = (text for text in texts if known.leaked(text, RAW_SHARE) is None)
        for text in islice(clean, limit):
            yield source.get("weight", 1), source.get("share", 1.0), text


def read_archive(path: Path) -> dict[str, str]:
    """The .txt and .ann files in a tar or zip archive, by name."""
    return {name: text for pattern in ("*.txt", "*.ann") for name, text in read_members(path, pattern)}


def read_names(sources: Sequence[Mapping[str, Any]], data_dir: Path, known: Fingerprints) -> Iterator[tuple[str, str]]:
    """(kind, name) for every name that the sources list, or mark in texts that are no leaks."""
    for source in sources:
        read = next(READERS[key] for key in READERS if key in source)
        for label, name in read(source, data_dir, known):
            if label in source["kinds"] and name:
                yield source["kinds"][label], name


def _marked(source: Mapping[str, Any], data_dir: Path, known: Fingerprints) -> Iterator[tuple[str, str]]:
    for example in read_corpus(source["corpus"], "train", data_dir):
        if known.leaked(example.gold.text, RAW_SHARE) is None:
            yield from ((entity.label, example.gold.text_of(entity.spans)) for entity in example.gold.entities)


def _archived(source: Mapping[str, Any], data_dir: Path, known: Fingerprints) -> Iterator[tuple[str, str]]:
    """Mentions of brat files; their line breaks, which stand as spaces there, are no part of a name."""
    files = read_archive(find_file(data_dir, source["archive"]))
    for name in sorted(files):
        text = files.get(name.removesuffix(".ann") + ".txt")
        if name.endswith(".ann") and text is not None and known.leaked(text.replace("\n", ""), RAW_SHARE) is None:
            for label, surface in re.findall(r"^T\d+\t(\S+) [\d; ]+\t(.*)$", files[name], re.M):
                yield label, surface.replace(" ", "")


def _table(source: Mapping[str, Any], data_dir: Path, known: Fingerprints) -> Iterator[tuple[str, str]]:
    """Cells hold several names; those that the table cuts short are left out."""
    for row in csv.DictReader(io.StringIO(read_text(find_file(data_dir, source["table"])))):
        for column in source["kinds"]:
            for name in re.split(r"[,，、;；\s]+", (row[column] or "").replace("[详细]", "")):
                if not name.endswith("..."):
                    yield column, name


READERS = {"corpus": _marked, "archive": _archived, "table": _table}
