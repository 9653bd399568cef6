"""What all tests share: a quiet, offline, single-threaded process, the corpora's folder, and the rule on skipping."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false", GRADIO_ANALYTICS_ENABLED="False")
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Markers whose tests may not be skipped in this run, for example "browser,data".
REQUIRED = frozenset(filter(None, os.environ.get("TAIYI_REQUIRE", "").split(",")))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped test of a required kind has failed: a gate that skips its checks is none."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        missing = sorted(REQUIRED & {marker.name for marker in item.iter_markers()})
        if missing:
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} was skipped, but {', '.join(missing)} tests are required in this run"
    return report


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder with the corpora; without TAIYI_DATA the test is skipped."""
    folder = os.environ.get("TAIYI_DATA")
    if not folder:
        pytest.skip("the corpora are not here: set TAIYI_DATA to their folder")
    return Path(folder)
