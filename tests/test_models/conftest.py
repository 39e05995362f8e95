"""The bundles that the tests of ``models`` score with."""

from __future__ import annotations

from pathlib import Path

import pytest

import models
from models.bundle import Bundle
from tests.factories import drawn_bundle

#: The bundle that ships.
SHIPPED = Path(models.__file__).parent / "default"


@pytest.fixture(scope="session")
def shipped() -> Bundle:
    """The bundle that ships, loaded once."""
    return Bundle.load(SHIPPED)


@pytest.fixture(scope="session")
def drawn() -> Bundle:
    """A small bundle whose weights are drawn, so that every column counts."""
    return drawn_bundle()
