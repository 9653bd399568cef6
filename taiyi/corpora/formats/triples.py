"""Relations named by their surfaces alone: the head and tail of each triple, without places.

`records` says how a line tells them: `rexdrug` (entity pairs by name) or `sentences` (a prompt in one of four wordings,
of which the text is a part, and a written answer, `具有…关系的头尾实体对如下：头实体为…，尾实体为…。`). Each name
is placed where it first stands in the text; a triple with a name that does not stand there is left out. Keys of a row:
`records`, `labels` (theirs: ours; without it every label stays as it is), `schemas` (see `_merged`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from taiyi.corpora.files import iter_json_lines, record_at
from taiyi.corpora.formats.cmeie import load_schemas
from taiyi.document import Document, Entity, Relation, Span
from taiyi.tasks.base import Example, Request

Triple = tuple[str, str, str]
"""Label, head, tail."""
Record = tuple[str, list[Triple], tuple[str, ...]]
"""Text, triples, and the relations that are asked for."""

_OF_ONE_LABEL = re.compile(r"具有(.+?)关系的头尾实体对如下：(.+)")
_PROMPTS = tuple(
    re.compile(wording, re.DOTALL)
    for wording in (
        r"给出句子中的.*?关系类型的实体对：(.+)",
        r"找出指定的三元组：\n(.+)\n实体间关系：.*",
        r"根据给定的实体间的关系，抽取具有这些关系的实体对：\n(.+)\n实体间关系标签：.*",
        r"(.+)\n这个句子里面具有一定医学关系的实体组有哪些？\n三元组关系选项：.*",
    )
)
"""The wordings of the prompts that `sentences` answer; the group is the text."""
_PAIR = re.compile(r"头实体为(.+?)，尾实体为(.+?)。(?=头实体为|\s*$)")


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a line; the relations asked for are the row's, or the record's own where the row names none."""
    records = _records(text, row)
    if "schemas" in row:
        labels = dict.fromkeys(schema.predicate for schema in load_schemas(row["schemas"]))
        records = _merged(records, tuple(labels))
    for body, triples, asked in records:
        request = Request("relations", body, row["lang"], row["lang"], asked)
        yield Example("", request, _document(row["lang"], body, triples), row["name"])


def _records(text: str, row: Mapping[str, Any]) -> Iterator[Record]:
    """Every record with a text that is asked about."""
    read_record = _READERS[row["records"]]
    names: Mapping[str, str] | None = row.get("labels")
    for number, record in iter_json_lines(text):
        with record_at(number):
            body, triples, asked = read_record(record)
        if names is not None:
            triples = [(names[label], head, tail) for label, head, tail in triples if label in names]
            asked = tuple(dict.fromkeys(names.values()))
        if body and asked:
            yield body, triples, asked


def _merged(records: Iterable[Record], labels: tuple[str, ...]) -> Iterator[Record]:
    """Every text once, asked about all predicates of the schemas, with the triples of all its records.

    A record asks for some of the predicates, often for three that don't hold: only together do those of a text tell its
    relations. A text that has none is left out, since others may not have been asked for.
    """
    triples_by_text: dict[str, list[Triple]] = {}
    for body, triples, _ in records:
        triples_by_text.setdefault(body, []).extend(triples)
    yield from ((body, triples, labels) for body, triples in triples_by_text.items() if triples)


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


def _rexdrug(record: Mapping[str, Any]) -> Record:
    triples = [(pair["type"], *pair["ent_sets"]) for pair in record["relations"] if len(pair["ent_sets"]) == 2]
    return record["context"], triples, ()


def _sentences(record: Mapping[str, Any]) -> Record:
    triples = [
        (label, head, tail)
        for label, pairs in _OF_ONE_LABEL.findall(record["target"])
        for head, tail in _PAIR.findall(pairs)
    ]
    return _prompted_text(record["input"]), triples, tuple(record["answer_choices"])


def _prompted_text(prompt: str) -> str:
    """The text that a prompt asks about. The rest names the relations that are asked for, and is no part of it."""
    for wording in _PROMPTS:
        if found := wording.fullmatch(prompt):
            return found[1]
    raise ValueError(f"no known wording of a prompt: {prompt[:40]!r}")


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Record]] = {
    "rexdrug": _rexdrug,
    "sentences": _sentences,
}
