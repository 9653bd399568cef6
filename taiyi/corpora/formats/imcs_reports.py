"""IMCS-V2-MRG: a JSON object from id to {"self-report", "dialogue": [{"speaker", "sentence"}], "report": [{...}, ...]}.

Each dialogue has two reports, an object from heading to text each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from taiyi.corpora.fields import iter_json_object, string_of
from taiyi.corpora.files import record_at
from taiyi.document import Document, Section
from taiyi.tasks.base import Example, Request


def read(text: str, row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a dialogue, under its id. The text is what the patient reports and every turn after it, a line each;
    the first report is the answer."""
    lang = row["lang"]
    for place, id, record in iter_json_object(text):
        with record_at(place):
            turns = [f"{string_of(turn, 'speaker')}：{string_of(turn, 'sentence')}" for turn in record["dialogue"]]
            body = "\n".join([f"患者：{string_of(record, 'self-report')}", *turns])
            report = record["report"][0]
            sections = tuple(Section(heading, string_of(report, heading).strip()) for heading in report)
        request = Request("report", body, lang, lang, document_id=id)
        yield Example(id, request, Document(id, lang, body, sections=sections), row["name"])
