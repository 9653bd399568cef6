"""What the command lines share: an end without a trace."""

from __future__ import annotations

import subprocess
import sys

import pytest

from taiyi.commands import exit_with, run_verb
from taiyi.errors import InputError

CODE = """
from taiyi.commands import exit_with
def main():
    for n in range(200_000):
        print(n)
    return 0
exit_with(main)
"""


def test_a_reader_that_goes_leaves_no_trace() -> None:
    command = f"{sys.executable} -c '{CODE}' | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_ctrl_c_leaves_by_its_code() -> None:
    def main() -> int:
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as left:
        exit_with(main)
    assert left.value.code == 130


def test_an_error_of_ours_is_one_sentence_and_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from eval.verbs import sets

    def fails(options: object) -> int:
        raise InputError("The folder is not there; name another.")

    monkeypatch.setattr(sets, "main", fails)
    assert run_verb("eval", "", ("sets",), ["sets", "--data", "nowhere"]) == 2
    assert capsys.readouterr().err == "The folder is not there; name another.\n"
