"""`python -m eval`: verbs, exit codes, and what is printed where."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from eval.__main__ import VERBS, main

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_tells_its_options(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([verb, "--help"])
    assert end.value.code == 0
    assert f"python -m eval {verb}" in capsys.readouterr().out


def test_the_help_shows_a_command_of_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    assert all(f"python -m eval {verb} " in shown for verb in VERBS)


def test_an_unknown_verb_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["judge"])
    assert end.value.code == 2
    assert "judge" in capsys.readouterr().err


def test_what_must_be_mended_is_one_sentence_on_standard_error(
    sets_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text("{}\n", encoding="utf-8")
    assert main(["score", "--set", "hoc", "--predictions", str(path), "--data", str(sets_dir)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1] == f"{path}:1: the object has no id; give the official one as a string or a number."


def test_scoring_loads_no_model_library(sets_dir: Path, tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    rows = [{"id": id, "reply": "Result: none"} for id in ("9500001_s0", "9500001_s1", "9500002_s0")]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    code = (
        "import sys; from eval.__main__ import main;"
        f"main(['score', '--set', 'hoc', '--predictions', {str(path)!r}, '--data', {str(sets_dir)!r}, '--json']);"
        "print([m for m in ('torch', 'transformers', 'gradio', 'llguidance', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    score, loaded = done.stdout.splitlines()
    assert json.loads(score)["set"] == "hoc"
    assert loaded == "[]"
