"""The examples run as they stand, on the bundled models."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=ENVIRONMENT, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_the_extraction_example_prints_mentions_with_places_and_scores() -> None:
    out = run(sys.executable, "examples/01_extract.py")
    assert out.count("answered by") == 2


def test_the_chat_example_streams_an_answer() -> None:
    assert run(sys.executable, "examples/02_chat.py").strip()


def test_the_shell_example_prints_one_json_object_a_document() -> None:
    rows = [json.loads(line) for line in run("sh", "examples/04_shell.sh").splitlines()]
    assert len(rows) == 2
    assert rows[1]["labels"]


def test_the_evaluation_example_scores_predictions_and_a_run() -> None:
    out = run(sys.executable, "examples/05_evaluate.py")
    assert "micro-F1 0.8571" in out  # three of four mentions, nothing wrong: 2 * 3 / (3 + 4)
    assert out.count("specialist") == 2
    assert "One record: id, prompt, reply" in out


@pytest.mark.slow
def test_the_fine_tuning_example_goes_from_a_corpus_to_an_answer() -> None:
    out = run(sys.executable, "examples/06_finetune_tiny.py")
    assert "WRONG" not in out
    assert "ok    weights of the merged folder" in out
    assert "by Taiyi nano, stage" in out


@pytest.mark.slow
def test_the_client_example_reads_the_running_app() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [sys.executable, "app.py", "--port", str(port)], cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(url, timeout=2).close()
                break
            except OSError:
                time.sleep(0.5)
        run(sys.executable, "examples/03_api_client.py", url)
    finally:
        server.terminate()
        server.wait(timeout=30)
