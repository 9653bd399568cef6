"""What all tests share: a quiet, offline, single-threaded process, the corpora's folder, and the rule on skipping."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false", GRADIO_ANALYTICS_ENABLED="False")
os.environ["TORCHDYNAMO_DISABLE"] = "1"  # a long run must not start the compiler in the background
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


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for all tests (playwright allows one a process); without one they are skipped."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("no Chromium is installed (chromium, chromium-browser or google-chrome)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        yield browser
        browser.close()
