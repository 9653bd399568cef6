"""Long documents in pieces."""

from __future__ import annotations

from finetune.data.passages import passages
from taiyi.document import Document, Entity, Span

TEXT = "Aspirin relieved the headache. Metformin did not.\nNausea after aspirin was rare."
NAMES = {"Aspirin": "Chemical", "headache": "Disease", "Metformin": "Chemical", "Nausea": "Disease"}


def _document() -> Document:
    entities = tuple(
        Entity(f"T{n}", label, (Span(TEXT.index(name), TEXT.index(name) + len(name)),))
        for n, (name, label) in enumerate(NAMES.items())
    )
    return Document("d1", "en", TEXT, entities)


def test_passages_hold_every_mention_once_at_its_place() -> None:
    pieces = list(passages(_document(), 40))
    assert [piece.text for piece in pieces] == [
        "Aspirin relieved the headache.",
        "Metformin did not.",
        "Nausea after aspirin was rare.",
    ]
    assert [piece.text_of(e.spans) for piece in pieces for e in piece.entities] == list(NAMES)


def test_a_short_document_is_one_passage() -> None:
    assert [piece.text for piece in passages(_document(), 900)] == [TEXT]
