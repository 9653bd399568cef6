"""The entrance: options are explained, and what can't work is said before anything is loaded."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import app

ROOT = Path(__file__).parent.parent


def test_help_names_every_option() -> None:
    done = subprocess.run(
        [sys.executable, "app.py", "--help"], capture_output=True, text=True, cwd=ROOT, env=os.environ, check=True
    )
    for option in ("--model", "--adapter", "--quantize", "--host", "--port", "--share", "--auth", "--lang", "--mcp"):
        assert option in done.stdout


def test_a_port_in_use_is_said_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert app.main(["--port", str(port)]) == 2
    assert f"127.0.0.1:{port}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--model", "/nowhere/at/all"], "no model at"),
        (["--auth", "nobody"], "USER:PASSWORD"),
        (["--model", "openai:127.0.0.1"], "openai:http"),
    ],
)
def test_what_cannot_be_served_ends_with_code_two_and_one_line(
    arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    assert app.main([*arguments, "--port", str(free)]) == 2
    captured = capsys.readouterr().err
    assert word in captured
    assert "Traceback" not in captured
