"""BioC in its XML form (BioC.dtd); see `bioc`.

XML can't hold control characters: they are written as U+FFFD, which keeps every place. A carriage return is written as
a reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from taiyi.document import Document
from taiyi.errors import FormatError
from taiyi.formats import bioc, bioc_json

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# The DTD is named and not asked for; entities of the file's own are refused with it.
_HEADER = b"<?xml version='1.0' encoding='UTF-8'?>\n<!DOCTYPE collection SYSTEM \"BioC.dtd\">\n"


def read(path: Path) -> Iterator[Document]:
    """The documents of a collection. Raises FormatError where the file is none, or an annotation doesn't fit."""
    content = path.read_bytes()
    if b"<!ENTITY" in content:
        raise _not_bioc(path.name, "it defines entities of its own")
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise _not_bioc(path.name, str(error)) from error
    if root.tag != "collection":
        raise _not_bioc(path.name, f"its root is <{root.tag}>, not <collection>")
    yield from bioc_json.documents_of({"documents": [_document(row) for row in root.iter("document")]}, path.name)


def _not_bioc(file: str, reason: str) -> FormatError:
    return FormatError(
        f"{file} can't be read as a BioC collection: {reason}.", code="not_bioc", file=file, reason=reason
    )


def _document(row: Element) -> dict[str, Any]:
    passages = [_passage(passage) for passage in row.iter("passage")]
    return {"id": row.findtext("id", ""), "infons": _infons(row), "passages": passages, **_annotated(row)}


def _passage(row: Element) -> dict[str, Any]:
    return {**_piece(row), "sentences": [_piece(sentence) for sentence in row.iter("sentence")]}


def _piece(row: Element) -> dict[str, Any]:
    return {"offset": row.findtext("offset", "0"), "text": row.findtext("text", ""), **_annotated(row)}


def _annotated(row: Element) -> dict[str, Any]:
    annotations = [
        {
            "id": a.get("id", ""),
            "infons": _infons(a),
            "text": a.findtext("text", ""),
            "locations": [dict(location.attrib) for location in a.iter("location")],
        }
        for a in row.findall("annotation")
    ]
    relations = [
        {"id": r.get("id", ""), "infons": _infons(r), "nodes": [dict(node.attrib) for node in r.iter("node")]}
        for r in row.findall("relation")
    ]
    return {"annotations": annotations, "relations": relations}


def _infons(row: Element) -> dict[str, str]:
    return {infon.get("key", ""): infon.text or "" for infon in row.findall("infon")}


def write(document: Document) -> bytes:
    """A collection of one document."""
    return write_all([document])


def write_all(documents: Iterable[Document]) -> bytes:
    """A collection of documents."""
    collection = bioc.collection_of(documents)
    root = Element("collection")
    for key in ("source", "date", "key"):
        _text(root, key, collection[key])
    for row in collection["documents"]:
        document = SubElement(root, "document")
        _text(document, "id", row["id"])
        _add_infons(document, row)
        for passage in row["passages"]:
            place = SubElement(document, "passage")
            _add_infons(place, passage)
            _text(place, "offset", str(passage["offset"]))
            _text(place, "text", passage["text"])
            for annotation in passage["annotations"]:
                _add_annotation(place, annotation)
        for relation in row["relations"]:
            _add_relation(document, relation)
    body = ElementTree.tostring(root, encoding="unicode")
    return _HEADER + body.replace("\r", "&#13;").encode("utf-8") + b"\n"


def _text(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = _NOT_IN_XML.sub("\ufffd", text)


def _add_infons(parent: Element, row: Mapping[str, Any]) -> None:
    for key, value in row["infons"].items():
        SubElement(parent, "infon", key=key).text = _NOT_IN_XML.sub("\ufffd", value)


def _add_annotation(parent: Element, row: Mapping[str, Any]) -> None:
    annotation = SubElement(parent, "annotation", id=row["id"])
    _add_infons(annotation, row)
    for location in row["locations"]:
        SubElement(annotation, "location", offset=str(location["offset"]), length=str(location["length"]))
    _text(annotation, "text", row["text"])


def _add_relation(parent: Element, row: Mapping[str, Any]) -> None:
    relation = SubElement(parent, "relation", id=row["id"])
    _add_infons(relation, row)
    for node in row["nodes"]:
        SubElement(relation, "node", refid=node["refid"], role=node["role"])
