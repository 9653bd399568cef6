"""PubTator: `ID|t|title`, `ID|a|abstract`, then tab-separated a mention a line, and relations between identifiers.

The text is the title, one line break, and the abstract; a text without a line break is a title alone. Kept: entities in
one piece with their identifiers, and relations whose both ends have one. Lost, as the format has no place for it:
scores, attributes, whether a mention was normalised, mentions in pieces, other relations, events, classes, answers and
sections; further line breaks become spaces, so that every place stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from taiyi.document import Document, Entity, Relation, Span
from taiyi.errors import FormatError
from taiyi.formats.concepts import between_mentions, joined, of_document, of_relation, parted
from taiyi.formats.txt import decode
from taiyi.language import detect_language

_TEXT = re.compile(r"([^|\t]*)\|([ta])\|(.*)", re.DOTALL)
_LINE_BREAK = re.compile(r"[\r\n]")


def read(path: Path) -> Iterator[Document]:
    """The documents of a file, parted by blank lines. Raises FormatError that names file and line."""
    block: list[tuple[int, str]] = []
    for n, line in enumerate([*decode(path.read_bytes(), path.name).split("\n"), ""], 1):
        line = line.rstrip("\r")
        if line.strip():
            block.append((n, line))
        elif block:
            yield _document(block, path.name)
            block = []


def _document(block: list[tuple[int, str]], file: str) -> Document:
    document_id, parts = "", {}
    rows: list[tuple[int, list[str]]] = []
    for n, line in block:
        match = _TEXT.fullmatch(line)
        if match and not rows:
            document_id, parts[match[2]] = match[1], match[3]
        else:
            rows.append((n, line.split("\t")))
    if "t" not in parts:
        raise _wrong(file, block[0][0], "a document begins with ID|t|title")
    text = parts["t"] + (f"\n{parts['a']}" if parts.get("a") else "")
    entities: list[Entity] = []
    related: list[tuple[str, str, str]] = []
    for n, cells in rows:
        if len(cells) >= 5 and cells[1].isdigit() and cells[2].isdigit():
            entities.append(_entity(cells, f"T{len(entities) + 1}", text, file, n))
        elif len(cells) >= 4:
            related.append((cells[1], cells[2], cells[3]))
        else:
            raise _wrong(file, n, "a line needs five cells (a mention) or four (a relation), parted by tabs")
    pairs = enumerate(between_mentions(related, entities), 1)
    relations = tuple(Relation(f"R{n}", label, head, tail) for n, (label, head, tail) in pairs)
    meta = {"concept_relations": tuple(related)} if related else {}
    return Document(document_id, detect_language(text), text, tuple(entities), relations, meta=meta)


def _entity(cells: list[str], name: str, text: str, file: str, line: int) -> Entity:
    start, end = int(cells[1]), int(cells[2])
    if not 0 <= start < end <= len(text) or text[start:end].split() != cells[3].split():
        found = text[start:end]
        raise _wrong(file, line, f"at {start}-{end} stands {found[:80]!r}, not {cells[3][:80]!r}")
    return Entity(name, cells[4], (Span(start, end),), concepts=parted(cells[5] if len(cells) > 5 else ""))


def write(document: Document) -> bytes:
    """The document's block with the blank line after it."""
    document_id = re.sub(r"[|\t\r\n]", "_", document.id)
    title, _, abstract = document.text.partition("\n")
    lines = [f"{document_id}|t|{_flat(title)}", f"{document_id}|a|{_flat(abstract)}"]
    for entity in document.entities:
        if len(entity.spans) == 1:
            surface = _flat(document.text_of(entity.spans))
            cells = (document_id, str(entity.start), str(entity.end), surface, entity.label, joined(entity.concepts))
            lines.append("\t".join(cells))
    lines += ["\t".join((document_id, *row)) for row in of_document(document)]
    return ("\n".join(lines) + "\n\n").encode("utf-8", errors="replace")


def write_all(documents: Iterable[Document]) -> bytes:
    """The documents' blocks, one after the other."""
    return b"".join(map(write, documents))


def _flat(text: str) -> str:
    return _LINE_BREAK.sub(" ", text).replace("\t", " ")


def lost(document: Document) -> dict[str, int]:
    """How many of each part PubTator can't carry."""
    title, _, abstract = document.text.partition("\n")
    entity_by_id = {entity.id: entity for entity in document.entities}
    scored: tuple[tuple[Entity | Relation, ...], ...] = (document.entities, document.relations)
    return {
        "entities": sum(len(entity.spans) > 1 for entity in document.entities),
        "relations": sum(not of_relation(relation, entity_by_id) for relation in document.relations),
        "events": len(document.events),
        "labels": len(document.labels),
        "sections": len(document.sections),
        "answer": int(document.answer is not None),
        "scores": sum(item.score is not None for items in scored for item in items),
        "attributes": sum(len(entity.attributes) for entity in document.entities),
        "normalised": sum(entity.match != "verbatim" for entity in document.entities),
        "line_breaks": len(_LINE_BREAK.findall(title + abstract)),
    }


def _wrong(file: str, line: int, reason: str) -> FormatError:
    return FormatError(f"{file}:{line}: {reason}.", code="bad_annotation", place=f"{file}:{line}", reason=reason)
