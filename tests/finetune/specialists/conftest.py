"""A specialist's folder and runs of the evaluation on sentences of our own, judged and scored by the real metrics."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from eval.judging import METRICS
from eval.prediction import Prediction
from eval.score import score_set
from eval.sets import eval_set
from taiyi.document import Document, Entity, Span
from taiyi.tasks.base import Example, Request

NAME = "A reader of chemicals"
WriteRun = Callable[..., Path]


def marked(id: str, text: str, *mentions: tuple[str, str] | tuple[str, str, float]) -> Document:
    """A text with (surface, label) or (surface, label, score) where each first stands."""
    entities = []
    for n, (surface, label, *score) in enumerate(mentions):
        start = text.index(surface)
        entities.append(Entity(f"T{n}", label, (Span(start, start + len(surface)),), score[0] if score else None))
    return Document(id, "en", text, tuple(entities))


CHEMICALS = (
    ("Aspirin and zinc.", [("Aspirin", 0.9), ("zinc", 0.8)], ["Aspirin", "zinc"]),
    ("Iron helped; gold did not.", [("gold", 0.6)], ["Iron"]),
    ("Lithium carbonate was given.", [("Lithium", 0.4)], ["Lithium carbonate"]),
)
"""Text, what the reader finds, what is annotated: two right, one missed, one invented, one with other borders."""


def chemicals() -> list[tuple[Document, Document]]:
    """(gold, predicted) of each text."""
    return [
        (
            marked(str(n), text, *((surface, "Chemical") for surface in gold)),
            marked(str(n), text, *((surface, "Chemical", score) for surface, score in found)),
        )
        for n, (text, found, gold) in enumerate(CHEMICALS)
    ]


@pytest.fixture
def write_run(tmp_path: Path) -> WriteRun:
    """A function that writes the folder of a run in which `by` answered one set with these (gold, predicted)."""

    def write(
        name: str,
        set_name: str,
        documents: Sequence[tuple[Document, Document]],
        by: str = NAME,
        row: dict[str, Any] | None = None,
        labels: tuple[str, ...] = (),
        **settings: Any,
    ) -> Path:
        known = eval_set(set_name)
        examples = [
            Example(gold.id, Request(known.task, gold.text, labels=labels or known.labels), gold)
            for gold, _ in documents
        ]
        predictions = [Prediction(predicted.id, predicted) for _, predicted in documents]
        score = score_set(known, examples, predictions, split="dev", draws=100)
        records = [
            {
                "id": example.id,
                "reply": "",
                "document": prediction.document.to_dict() if prediction.document else None,
                "gold": example.gold.to_dict(),
                "score": METRICS[known.metric].judge(example, prediction).to_dict(),
            }
            for example, prediction in zip(examples, predictions, strict=True)
        ]
        made = {**score.to_dict(), "predictor": "specialist", "by": by, "offered": True, "split": "dev", **(row or {})}
        folder = tmp_path / name
        folder.mkdir()
        (folder / "run.json").write_text(json.dumps({"split": "dev", "predictor": "specialist", **settings}))
        (folder / "scores.json").write_text(json.dumps([made]))
        (folder / f"{set_name}.jsonl").write_text("".join(f"{json.dumps(record)}\n" for record in records))
        return folder

    return write
