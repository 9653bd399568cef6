"""BioC as XML. The keys of a row are those of `taiyi.corpora.formats.bioc_json`, whose documents it gives."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from typing import Any

from taiyi.corpora.formats.bioc_json import examples_of
from taiyi.tasks.base import Example


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a document. Raises CorruptError."""
    documents = ElementTree.fromstring(text.encode("utf-8")).iter("document")
    yield from examples_of(map(_document, documents), row)


def _document(element: ElementTree.Element) -> dict[str, Any]:
    """The JSON form of a document; one without relations has them in its passages (BioC allows both)."""
    return {
        "id": element.findtext("id", ""),
        "passages": [
            {
                "offset": passage.findtext("offset"),
                "text": passage.findtext("text", ""),
                "annotations": [_annotation(found) for found in passage.findall("annotation")],
            }
            for passage in element.findall("passage")
        ],
        "relations": [{"id": found.get("id"), "infons": _infons(found)} for found in element.iter("relation")],
    }


def _annotation(element: ElementTree.Element) -> dict[str, Any]:
    return {
        "id": element.get("id"),
        "infons": _infons(element),
        "text": element.findtext("text"),
        "locations": [dict(place.attrib) for place in element.findall("location")],
    }


def _infons(element: ElementTree.Element) -> dict[str | None, str]:
    return {infon.get("key"): infon.text or "" for infon in element.findall("infon")}
