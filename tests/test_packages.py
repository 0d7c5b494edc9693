"""The four packages as a whole: what they export, where they lie, how large their modules are."""

import ast
import importlib
from pathlib import Path

import pytest

import cli
import episodic
import memory
import planners

ROOT = Path(__file__).parents[1]
PACKAGES = (memory, planners, episodic, cli)
MODULES = sorted(path for package in PACKAGES for path in Path(package.__file__ or "").parent.rglob("*.py"))


def module_name(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def exported(path):
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "__all__" for target in node.targets):
            return ast.literal_eval(node.value)
    return None


def test_the_plain_package_names_are_this_projects_own():
    assert {Path(package.__file__ or "").parent.parent for package in PACKAGES} == {ROOT}


@pytest.mark.parametrize("path", [path for path in MODULES if exported(path)], ids=module_name)
def test_what_a_module_exports_is_public_and_there(path):
    names = exported(path)  # their order is the linter's business
    assert len(names) == len(set(names))
    assert [name for name in names if name.startswith("_")] == []
    if "migrations" not in path.parts:
        module = importlib.import_module(module_name(path))
        assert [name for name in names if not hasattr(module, name)] == []


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_a_front_page_lists_exactly_its_public_names_in_order(package):
    """The order is the linter's: constants, classes, functions, each by name."""
    loaded_on_first_use = getattr(package, "_MODULE_OF", None) or getattr(package, "_MODULES", {})
    names = sorted(loaded_on_first_use, key=lambda name: (not name.isupper(), not name[0].isupper(), name))
    assert getattr(package, "__all__", []) == names


def test_the_front_page_of_the_library_is_complete():
    assert {name: getattr(episodic, name).__name__ for name in episodic.__all__} == {name: name for name in episodic.__all__}


def test_there_is_no_module_for_odds_and_ends():
    assert not [path for path in MODULES if path.stem in ("utils", "util", "helpers", "common", "misc")]
