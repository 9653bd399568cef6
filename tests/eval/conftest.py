"""What tests of the evaluation share: made test parts of the fourteen sets, in their official files."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def sets_dir() -> Path:
    """A folder with a test part of one to three examples for each of the fourteen sets."""
    return Path(__file__).parent.parent / "data" / "sets"
