"""The engine knows no database: its thousands of small tests need none of the fixtures that every other test gets."""

import pytest


@pytest.fixture(autouse=True)
def _flushable_record() -> None:
    """Stands in for the fixture of this name that prepares the record's tables for each test."""
