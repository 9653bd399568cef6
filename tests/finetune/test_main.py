"""`python -m finetune`: verbs, exit codes, and what is printed where."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from finetune.__main__ import VERBS, main

ROOT = Path(__file__).parent.parent.parent


def test_the_help_shows_a_command_of_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    shown = capsys.readouterr().out
    assert end.value.code == 0
    assert all(f"python -m finetune {verb} " in shown for verb in VERBS)


def test_an_unknown_verb_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["distil"])
    assert end.value.code == 2
    assert "distil" in capsys.readouterr().err


def test_the_help_loads_no_model_library() -> None:
    code = "import sys; from finetune.__main__ import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    code += "sys.exit(any(name in sys.modules for name in ('torch', 'transformers')))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True).returncode == 0
