"""MEDIQA-RQE: pairs of consumer question and frequent question, as XML, with whether one entails the other.

Key of a row: `labels` (`"true"` and `"false"`: ours).
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from typing import Any

from taiyi.document import Document, Label
from taiyi.tasks.base import Example, Request


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a pair; white space is that of running text."""
    names = row["labels"]
    for pair in ElementTree.fromstring(text.encode("utf-8")).iter("pair"):
        first, second = (" ".join((pair.findtext(tag) or "").split()) for tag in ("chq", "faq"))
        label = names.get(pair.get("value"))
        if not first or not second or label is None:
            continue
        id = pair.get("pid", "")
        request = Request(
            "entailment", first, row["lang"], row["lang"], tuple(names.values()), text_b=second, document_id=id
        )
        yield Example(id, request, Document(id, row["lang"], first, labels=(Label(label),)), row["name"])
