"""A cutting room in an empty folder."""

from pathlib import Path

import pytest

from tests.episodic.cut.cutting_room import CuttingRoom


@pytest.fixture
def cutting_room(tmp_path: Path) -> CuttingRoom:
    """Cut shots in the folder of the test."""
    return CuttingRoom(tmp_path)
