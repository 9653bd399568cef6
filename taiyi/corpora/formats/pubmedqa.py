"""PubMedQA's labelled questions: a JSON object from PMID to {"QUESTION", "CONTEXTS", "final_decision", ...}.

The answer is the letter of one of the options yes, no and maybe. LONG_ANSWER is the conclusion of the abstract, which
gives the answer away: it is never shown. Key of a row: `listed`, where `test_ground_truth.json` comes with all 1,000
questions: whether those that it lists (the official test part) are read, or the others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from taiyi.corpora.fields import Place, iter_json_object, known_label, string_of
from taiyi.corpora.files import CorruptError, record_at
from taiyi.document import Document, Label
from taiyi.tasks.base import Example, Request

OPTIONS = {"yes": "A", "no": "B", "maybe": "C"}


def read_together(texts: Mapping[str, str], row: Mapping[str, Any]) -> Iterator[Example]:
    """One example a question, under the PMID of its abstract; the contexts, one a line, are the text.

    Raises CorruptError where the list of the test part has another answer than the question, or one that is not there.
    """
    file, *lists = texts
    truth = _truth(texts[lists[0]], lists[0]) if lists else {}
    seen = set()
    for place, pmid, record in iter_json_object(texts[file]):
        with record_at(place):
            example = _example(pmid, record, row, place)
            _check(record["final_decision"], truth.get(pmid), place)
        seen.add(pmid)
        if not lists or (pmid in truth) == row["listed"]:
            yield example
    lost = [pmid for pmid in truth if pmid not in seen]
    if lost:
        problem = f"{len(lost)} PMIDs are not in {file} ({lost[0]}); get both files from one release."
        raise CorruptError("the list of the test part", problem, file=lists[0])


def _truth(text: str, file: str) -> dict[str, str]:
    """Answer by PMID."""
    try:
        return {pmid: known_label(answer, OPTIONS, place) for place, pmid, answer in iter_json_object(text)}
    except json.JSONDecodeError as error:
        raise CorruptError(error.lineno, f"this is no JSON: {error.msg}.", file=file) from error
    except CorruptError as error:
        raise error.in_file(file) from error


def _check(decision: str, listed: str | None, place: Place) -> None:
    if listed not in (None, decision):
        raise CorruptError(place, f"the answer is {decision!r}, but the list of the test part says {listed!r}.")


def _example(pmid: str, record: Mapping[str, Any], row: Mapping[str, Any], place: Place) -> Example:
    lang, question, contexts = row["lang"], string_of(record, "QUESTION"), "\n".join(record["CONTEXTS"])
    letter = OPTIONS[known_label(record["final_decision"], OPTIONS, place)]
    request = Request(
        "choose", contexts, lang, lang, options=tuple(OPTIONS), question=question.strip(), document_id=pmid
    )
    return Example(pmid, request, Document(pmid, lang, contexts, labels=(Label(letter),)), row["name"])
