"""Run folders written by hand, in the form in which `python -m eval run` leaves them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from taiyi.document import Document, Entity, Span

Row = dict[str, Any]
RunFolder = Callable[..., Path]


def mention(id: str, text: str, of: str, label: str = "Chemical") -> Entity:
    """The first place of a mention in a text."""
    start = of.index(text)
    return Entity(id, label, (Span(start, start + len(text)),))


def row(name: str, value: float, **more: Any) -> Row:
    """A row of scores with an interval of ± 0.05."""
    figures = {"precision": value, "recall": value, "f1": value}
    counts = {"n": 200, "unparsed": 0, "missing": 0, "written": 400, "ungrounded": 10}
    return {
        "set": name,
        "metric": "micro-F1",
        "predictor": "specialist",
        "by": "A reader",
        **figures,
        "low": value - 0.05,
        "high": value + 0.05,
        **counts,
        "signature": "rule|draws=1000|seed=0",
        **more,
    }


def record(gold: Document, predicted: Document | None, errors: Sequence[Mapping[str, str]] = (), **more: Any) -> Row:
    """A record with a judgement whose numbers don't matter."""
    score = {"stats": [0.0], "unparsed": False, "written": 1, "ungrounded": 0, "errors": list(errors)}
    return {
        "id": gold.id,
        "prompt": "",
        "reply": "",
        "document": predicted.to_dict() if predicted else None,
        "gold": gold.to_dict(),
        "score": score | more.pop("score", {}),
        "issues": [],
        "by": "A reader",
        **more,
    }


@pytest.fixture
def run_folder(tmp_path: Path) -> RunFolder:
    """A function that writes a run folder: its name, rows, records by set, and settings beside `split`."""

    def write(name: str, rows: Sequence[Row], records: Mapping[str, Sequence[Row]] | None = None, **more: Any) -> Path:
        folder = tmp_path / name
        folder.mkdir(parents=True)
        (folder / "run.json").write_text(json.dumps({"split": "dev", **more}), encoding="utf-8")
        (folder / "scores.json").write_text(json.dumps(rows), encoding="utf-8")
        for row in rows:
            lines = (json.dumps(record, ensure_ascii=False) for record in (records or {}).get(row["set"], ()))
            (folder / f"{row['set']}.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return folder

    return write
