"""Relations named by their surfaces alone: the head and tail of each triple, without places.

`records` says how a line tells them: `rexdrug` (entity pairs by name) or `sentences` (a written answer,
`具有…关系的头尾实体对如下：头实体为…，尾实体为…。`). Each name is placed where it first stands in the text; a triple
with a name that does not stand there is left out. Keys of a row: `records`, `labels` (theirs: ours; without it every
label stays as it is).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from taiyi.corpora.files import iter_json_lines, record_at
from taiyi.document import Document, Entity, Relation, Span
from taiyi.tasks.base import Example, Request

Triple = tuple[str, str, str]
"""Label, head, tail."""

_OF_ONE_LABEL = re.compile(r"具有(.+?)关系的头尾实体对如下：(.+)")
_PAIR = re.compile(r"头实体为(.+?)，尾实体为(.+?)。(?=头实体为|\s*$)")


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a line; the relations asked for are the row's, or the record's own where the row names none."""
    read_record = _READERS[row["records"]]
    names: Mapping[str, str] | None = row.get("labels")
    for number, record in iter_json_lines(text):
        with record_at(number):
            body, triples, asked = read_record(record)
        if not body:
            continue
        if names is not None:
            triples = [(names[label], head, tail) for label, head, tail in triples if label in names]
            asked = tuple(dict.fromkeys(names.values()))
        if asked:
            request = Request("relations", body, row["lang"], row["lang"], asked)
            yield Example("", request, _document(row["lang"], body, triples), row["name"])


def _document(lang: str, text: str, triples: list[Triple]) -> Document:
    entities: dict[str, Entity] = {}
    relations: dict[Triple, Relation] = {}
    for label, head, tail in triples:
        places = [text.find(surface) for surface in (head, tail)]
        if min(places) < 0 or not head or not tail:
            continue
        for surface, start in zip((head, tail), places, strict=True):
            entities.setdefault(
                surface, Entity(f"T{len(entities) + 1}", "entity", (Span(start, start + len(surface)),))
            )
        relation = Relation(f"R{len(relations) + 1}", label, entities[head].id, entities[tail].id)
        relations.setdefault((label, head, tail), relation)
    return Document("", lang, text, tuple(entities.values()), tuple(relations.values()))


def _rexdrug(record: Mapping[str, Any]) -> tuple[str, list[Triple], tuple[str, ...]]:
    triples = [(pair["type"], *pair["ent_sets"]) for pair in record["relations"] if len(pair["ent_sets"]) == 2]
    return record["context"], triples, ()


def _sentences(record: Mapping[str, Any]) -> tuple[str, list[Triple], tuple[str, ...]]:
    triples = [
        (label, head, tail)
        for label, pairs in _OF_ONE_LABEL.findall(record["target"])
        for head, tail in _PAIR.findall(pairs)
    ]
    found = max(record["input"].split("\n"), key=len)
    return found, triples, tuple(record["answer_choices"])


_READERS: Mapping[str, Callable[[Mapping[str, Any]], tuple[str, list[Triple], tuple[str, ...]]]] = {
    "rexdrug": _rexdrug,
    "sentences": _sentences,
}
