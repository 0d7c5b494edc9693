"""Shapes are part of signatures, and the tests check them: `tests/conftest.py` hooks the modules that are listed here.

In a hooked module every function and dataclass whose signature names a shape is checked with beartype when it is called: the shapes and
dtypes of arrays and tensors as well as the other annotations of that signature. All others are left alone: mypy reads them, and to check
them takes a fifth to a half more processor time. `tests/test_shape_checks.py` refuses a module that annotates shapes and is not on the list.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType, SimpleNamespace
from typing import Any, Final, get_args, get_type_hints

from beartype import BeartypeConf, beartype
from jaxtyping import AbstractArray, jaxtyped

__all__ = ["CHECKED", "check_shapes", "checked", "is_checked"]

CHECKED: Final = (
    "episodic.backbones.cards",
    "episodic.backbones.diffusers",
    "episodic.backbones.ffv1",
    "episodic.backbones.footage",
    "episodic.backbones.keyframes",
    "episodic.backbones.pictures",
    "episodic.backbones.previs",
    "episodic.backbones.protocol",
    "episodic.backbones.request",
    "episodic.backbones.speech_cue",
    "episodic.backbones.stage.auditions",
    "episodic.backbones.stage.backbone",
    "episodic.backbones.stage.model",
    "episodic.backbones.stage.painter.camera",
    "episodic.backbones.stage.painter.film",
    "episodic.backbones.stage.painter.light",
    "episodic.backbones.stage.painter.passes",
    "episodic.backbones.stage.painter.sets.weather",
    "episodic.backbones.stage.simulator",
    "episodic.backbones.stage.staging",
    "episodic.backbones.stage.take_sampler",
    "episodic.backbones.stage.training",
    "episodic.backbones.take",
    "episodic.colour",
    "episodic.consistency",
    "episodic.cut",
    "episodic.lab.judge_calibration",
    "episodic.lab.training",
    "episodic.production.files.stem_file",
    "episodic.production.judge_memory",
    "episodic.production.steps.parts",
    "episodic.production.steps.survey",
    "episodic.quality",
    "episodic.sound",
    "memory.queries.embeddings",
)
"""Packages, and single modules, whose shapes are checked."""

# an int is a float and a float is a complex number (PEP 484), which beartype by default denies
_typechecker = beartype(conf=BeartypeConf(is_pep484_tower=True))

_BYTECODE: Final = ".shapes1.pyc"
"""The ending of the bytecode of hooked modules, apart from that of plain imports. Count it up when the decorated code changes."""


def _is_shape(hint: Any) -> bool:
    """Return whether a type is a shape, or contains one, as `list[Frames]` does."""
    return (isinstance(hint, type) and issubclass(hint, AbstractArray)) or any(_is_shape(part) for part in get_args(hint))


def _names_shape(function: Any) -> bool:
    """Return whether an annotation of a function is a shape. Aliases are those that its module has defined or imported by now."""
    for annotation in getattr(function, "__annotations__", {}).values():
        try:
            hints = get_type_hints(SimpleNamespace(__annotations__={"hint": annotation}), function.__globals__)
        except (
            NameError,
            TypeError,
        ):  # a class that comes later, a class that only its stub calls generic: jaxtyping leaves them unchecked
            continue
        if _is_shape(hints["hint"]):
            return True
    return False


def checked(item: Any) -> Any:
    """Decorate a function, or a dataclass, to check its calls if its signature names a shape; return any other unchanged."""
    signature = vars(item).get("__init__") if isinstance(item, type) else item
    return jaxtyped(item, typechecker=_typechecker) if _names_shape(signature) else item


class _Decorate(ast.NodeTransformer):
    """Put `checked` below the decorators of every function, which may hide its annotations, and above those of every class."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.decorator_list.append(_decorator(node))
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.decorator_list.insert(0, _decorator(node))
        return self.generic_visit(node)


def _decorator(node: ast.AST) -> ast.expr:
    """Return the expression of `checked`, at the place of what it decorates. It needs no import in the module."""
    expression = ast.parse(f"__import__('sys').modules[{__name__!r}].checked", mode="eval").body
    for part in ast.walk(expression):
        ast.copy_location(part, node)
    return expression


class _Loader(SourceFileLoader):
    """Compiles a module with its functions decorated, and keeps that bytecode apart from the plain one."""

    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> CodeType:  # type: ignore[override]
        tree = _Decorate().visit(ast.parse(data, path))
        return compile(tree, path, "exec", dont_inherit=True, optimize=_optimize)

    def get_data(self, path: str) -> bytes:
        return super().get_data(path.removesuffix(".pyc") + _BYTECODE if path.endswith(".pyc") else path)

    def set_data(self, path: str, data: Any, *, _mode: int = 0o666) -> None:
        super().set_data(path.removesuffix(".pyc") + _BYTECODE, data, _mode=_mode)


class _Finder(MetaPathFinder):
    """Finds the modules on the list as Python does, and has `_Loader` load them."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if is_checked(fullname) else None
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


@cache
def check_shapes() -> None:
    """Install the hook, once: it checks the modules that are imported from then on."""
    sys.meta_path.insert(0, _Finder())


def is_checked(module: str) -> bool:
    """Return whether a module is on the list of checked modules, or in one of its packages."""
    return any(module == name or module.startswith(f"{name}.") for name in CHECKED)
