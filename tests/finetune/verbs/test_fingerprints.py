"""`python -m finetune fingerprints`: hashes of a test set of one's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from finetune.__main__ import main
from finetune.overlap import Fingerprints

TEXT = "Patients with made-up fever were given made-up tablets. All of them were back at work within three days."


def test_what_is_printed_finds_the_texts_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two segments; the second file repeats one of them."""
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": "1", "text": TEXT}) + "\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text(TEXT.split(". ")[1], encoding="utf-8")
    assert main(["fingerprints", str(tmp_path / "a.jsonl"), str(tmp_path / "b.txt"), "--set", "mine"]) == 0
    out, err = capsys.readouterr()
    assert (len(out.splitlines()), err) == (2, "2 segments of 2 documents.\n")
    assert "fever" not in out
    (tmp_path / "mine.tsv").write_text(out, encoding="utf-8")
    assert Fingerprints.load(tmp_path / "mine.tsv").leaked(TEXT) == "mine"


@pytest.mark.parametrize(
    ("text", "name", "reason"),
    [
        ("Short.", "mine", "no segment that is long enough"),
        (TEXT, "my set", "a name without white space"),
        (None, "mine", "There is no file"),
    ],
)
def test_what_cannot_be_hashed_is_said(
    text: str | None, name: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.txt"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    assert main(["fingerprints", str(path), "--set", name]) == 2
    assert reason in capsys.readouterr().err
