"""From the command to the page, and from the page to the first token: `python -m bench.start [--model ...]`."""

from __future__ import annotations

import argparse
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from gradio_client import Client

ROOT = Path(__file__).parent.parent
PATIENCE_S = 300


def free_port() -> int:
    """A port that nobody serves on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_for(url: str, started: float) -> float:
    """Seconds from `started` until the page answers."""
    while time.monotonic() - started < PATIENCE_S:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return time.monotonic() - started
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer within {PATIENCE_S} s.")


def main() -> None:
    """Start the app, ask one question, print the seconds."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", default="", help="as for app.py; default: the bundled one")
    model = options.parse_args().model
    port = free_port()
    command = [sys.executable, "app.py", "--port", str(port), *(["--model", model] if model else [])]
    started = time.monotonic()
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        page_s = wait_for(f"http://127.0.0.1:{port}", started)
        client = Client(f"http://127.0.0.1:{port}", verbose=False)
        for question in ("first", "warm first"):
            asked = time.monotonic()
            client.predict("高血压患者饮食上要注意什么？", max_new_tokens=1, api_name="/chat")
            print(f"{question} token of a chat: {time.monotonic() - asked:.2f} s")
        print(f"command to page: {page_s:.2f} s")
    finally:
        server.terminate()
        server.wait(timeout=30)


if __name__ == "__main__":
    main()
