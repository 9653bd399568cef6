"""The command that answers and scores: what must be mended first is said in a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.__main__ import main


def test_a_folder_without_specialists_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    queries = [{"id": "s1", "query": "胃镜多少钱", "label": "医疗费用"}]
    (tmp_path / "KUAKE-QIC_dev.json").write_text(json.dumps(queries, ensure_ascii=False), encoding="utf-8")
    options = ["--data", str(tmp_path), "--out", str(tmp_path / "run"), "--sets", "kuake-qic"]
    assert main(["run", *options, "--specialists", str(tmp_path / "none")]) == 2
    assert f"There is no specialist under {tmp_path / 'none'}" in capsys.readouterr().err
