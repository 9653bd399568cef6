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
            mentions = [
                Mention(number, "drug", drug["text"], (Span(drug["start"], drug["end"]),), str(drug["span_id"]))
                for drug in record["spans"]
            ]
            pairs = [
                ConceptRelation(number, found["class"], str(head), str(tail))
                for found in record["rels"]
                for head, tail in combinations(found["spans"], 2)
            ]
            example = linked(record["doc_id"], record["sentence"], mentions, pairs, row)
            surfaces = {drug["span_id"]: drug["text"] for drug in record["spans"]}
            whole = tuple(
                (row["labels"][found["class"]], tuple(surfaces[drug] for drug in found["spans"]))
                for found in record["rels"]
            )
        yield replace(example, gold=replace(example.gold, meta={"combinations": whole}))
