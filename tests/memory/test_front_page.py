"""The front page of `memory`: its names, its example, and what importing it loads."""

from __future__ import annotations

import doctest
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import memory


def test_the_public_names_are_sorted_and_can_be_imported() -> None:
    assert memory.__all__ == sorted(memory.__all__)
    for name in memory.__all__:
        assert getattr(memory, name) is not None


def test_every_name_comes_from_the_module_that_defines_it() -> None:
    for name, module in memory._MODULE_OF.items():
        assert name in importlib.import_module(f"memory.{module}").__all__
    assert sorted(memory._MODULE_OF) == memory.__all__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'MemoryShop'"):
        _ = memory.MemoryShop


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = {name: getattr(memory, name) for name in memory.__all__}
    results = doctest.testmod(memory, globs=names)
    assert (results.failed, results.attempted) == (0, 1)


def test_importing_the_package_and_its_model_loads_no_database_library() -> None:
    code = (
        "import sys, memory, memory.errors, memory.model.records; print({'sqlalchemy', 'numpy'} & sys.modules.keys() or 'none')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "none"
