"""A random model of each architecture and a folder of made instructions, once for all tests of training."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.finetune.training.made_run import make_data
from tests.taiyi.engine.conftest import make_model


@pytest.fixture(scope="session")
def base_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a random model by its architecture."""
    return cache(lambda family: make_model(family, tmp_path_factory.mktemp(family)))


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `prepare` leaves it."""
    return make_data(tmp_path_factory.mktemp("prepared"))
