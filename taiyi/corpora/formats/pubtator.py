"""PubTator: `PMID|t|title`, `PMID|a|abstract`, then a mention a line, tab-separated; documents parted by blank lines.

Key of a row: `labels` (their type: ours; types that are not named are left out).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from taiyi.document import Document, Entity, Span
from taiyi.tasks.base import Example, Request

_TEXT = re.compile(r"([^|\t]+)\|([ta])\|(.*)")


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a document; a text that stood before is passed over (NCBI has PMID 8528200 twice).

    Offsets count from the title, with one character between it and the abstract. A mention whose characters do not
    stand at its place (a few dozen in GNormPlus, tmVar3 and NLM-Gene, white space aside) is left out.
    """
    labels = tuple(dict.fromkeys(row["labels"].values()))
    seen: set[str] = set()
    for block in re.split(r"\r?\n[ \t]*\r?\n", text.strip()):
        parts: dict[str, str] = {}
        document_id = ""
        found: dict[tuple[int, int, str], str] = {}
        for line in block.splitlines():
            match = _TEXT.fullmatch(line)
            if match:
                document_id, parts[match[2]] = match[1], match[3]
                continue
            cells = line.split("\t")
            if len(cells) >= 5 and cells[1].isdigit() and cells[4] in row["labels"]:
                found[(int(cells[1]), int(cells[2]), row["labels"][cells[4]])] = cells[3]
        body = "\n".join(parts.get(key, "") for key in ("t", "a"))
        if not document_id or body in seen:
            continue
        seen.add(body)
        places = sorted(place for place, surface in found.items() if _stands(body, place, surface))
        entities = tuple(Entity(f"T{n}", label, (Span(start, end),)) for n, (start, end, label) in enumerate(places, 1))
        request = Request("entities", body, row["lang"], row["lang"], labels, document_id=document_id)
        yield Example(document_id, request, Document(document_id, row["lang"], body, entities), row["name"])


def _stands(body: str, place: tuple[int, int, str], surface: str) -> bool:
    start, end, _ = place
    return 0 <= start < end <= len(body) and body[start:end].split() == surface.split()
