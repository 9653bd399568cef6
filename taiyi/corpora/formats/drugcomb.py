"""DrugComb (drug combinations for N-ary relation extraction): a JSON line a sentence, with the drugs as `spans` and
combinations of two or more of them as `rels`.

For the keys of a row see `taiyi.corpora.annotations`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

from taiyi.corpora.annotations import ConceptRelation, Mention, linked
from taiyi.corpora.files import iter_json_lines, record_at
from taiyi.document import Span
from taiyi.tasks.base import Example


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a sentence, under its `doc_id`. A combination is there as every pair of its drugs, in the order of
    the file, and whole in `meta["combinations"]`: (our label, surfaces). Raises CorruptError."""
    for number, record in iter_json_lines(text):
        with record_at(number):
            id, body, drugs = record["doc_id"], record["sentence"], record["spans"]
            mentions = [_mention(drug, number) for drug in drugs]
            surfaces = {drug["span_id"]: drug["text"] for drug in drugs}
            found = [(combination["class"], combination["spans"]) for combination in record["rels"]]
        pairs = [
            ConceptRelation(number, label, str(head), str(tail))
            for label, members in found
            for head, tail in combinations(members, 2)
        ]
        example = linked(id, body, mentions, pairs, row)
        whole = tuple((row["labels"][label], tuple(surfaces[drug] for drug in members)) for label, members in found)
        yield replace(example, gold=replace(example.gold, meta={"combinations": whole}))


def _mention(drug: Mapping[str, Any], number: int) -> Mention:
    return Mention(number, "drug", drug["text"], (Span(drug["start"], drug["end"]),), str(drug["span_id"]))
