"""The signature of a diffusers pipeline, read from its source without importing it: importing diffusers takes seconds, and loads torch."""

from __future__ import annotations

import ast
import importlib.util
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from episodic.errors import BackboneError

__all__ = ["REQUIRED", "PipelineSource", "PromptEncoding", "read_pipeline"]


class _Required:
    """Stands for the missing default of a required argument."""

    def __repr__(self) -> str:
        return "required"


REQUIRED: Final = _Required()
_DEPTH = 4
"""Most levels of classes that inherit `__call__` from one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptEncoding:
    """One use of `encode_prompt` in a pipeline's `__call__`: its text, and the arguments as which its results can be passed."""

    negative: bool
    """Whether it encodes the negative prompt in place of the prompt."""
    results: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSource:
    """The facts of a pipeline class that its source states."""

    class_name: str
    parameters: Mapping[str, object]
    """Parameters of `__call__` with their defaults: numbers, texts and None as values, `REQUIRED` without default, else the source's text."""
    makes_video: bool
    encode_parameters: Mapping[str, object]
    """Parameters of `encode_prompt`; empty where it has none."""
    encodings: tuple[PromptEncoding, ...]
    """Empty where the results cannot be passed to the call, so that the text itself must be."""
    side_multiple: int
    """Both sides must be multiples of this, according to `check_inputs`."""
    example_fps: int | None
    """The rate at which its own example writes the film."""
    example_frames: int | None
    ratios: Mapping[str, int]
    """The autoencoder's ratios that `__init__` assumes by default: `spatial`, `temporal`."""


@cache
def read_pipeline(class_name: str) -> PipelineSource:
    """Read a pipeline's source. Raises BackboneError where the installed diffusers has no such pipeline, or one without a call."""
    classes, text = _classes(class_name)
    call, encode = _method(classes, "__call__"), _method(classes, "encode_prompt")
    if call is None:
        raise BackboneError(f"{class_name}: this pipeline of diffusers has no call of its own; choose another model")
    parameters = dict(_parameters(call))
    encodings = tuple(_encodings(call))
    if any(name not in parameters for encoding in encodings for name in encoding.results):
        encodings = ()
    return PipelineSource(
        class_name=class_name,
        parameters=parameters,
        makes_video=any(_returns_frames(node) for node in ast.walk(call)),
        encode_parameters=dict(_parameters(encode)) if encode else {},
        encodings=encodings,
        side_multiple=_side_multiple(_method(classes, "check_inputs")),
        example_fps=_example_value(text, "fps"),
        example_frames=_example_value(text, "num_frames"),
        ratios=dict(_ratios(_method(classes, "__init__"))),
    )


def _folder() -> Path:
    spec = importlib.util.find_spec("diffusers")
    if spec is None or not spec.submodule_search_locations:
        raise BackboneError("diffusers is not installed; install episodic with its dependencies")
    return Path(spec.submodule_search_locations[0]) / "pipelines"


@cache
def _module_texts() -> tuple[str, ...]:
    """Return the source of every pipeline module: about 10 MB, read once."""
    return tuple(file.read_text("utf-8") for file in sorted(_folder().rglob("*.py")))


def _classes(class_name: str) -> tuple[list[ast.ClassDef], str]:
    """Return the class and the diffusers pipelines that it inherits from, nearest first; and the text of its module."""
    classes: list[ast.ClassDef] = []
    name, text = class_name, ""
    for _ in range(_DEPTH):
        definition = re.compile(rf"^class {re.escape(name)}\(", re.MULTILINE)
        module = next((module for module in _module_texts() if definition.search(module)), None)
        if module is None:
            break
        text = text or module
        node = next(node for node in ast.parse(module).body if isinstance(node, ast.ClassDef) and node.name == name)
        classes.append(node)
        bases = [base.id for base in node.bases if isinstance(base, ast.Name) and base.id.endswith("Pipeline")]
        if not bases or bases[0] == "DiffusionPipeline":
            break
        name = bases[0]
    if not classes:
        raise BackboneError(
            f"the installed diffusers has no pipeline {class_name}; it may belong to another version, or to code that comes with the model"
        )
    return classes, text


def _method(classes: list[ast.ClassDef], name: str) -> ast.FunctionDef | None:
    return next((node for cls in classes for node in cls.body if isinstance(node, ast.FunctionDef) and node.name == name), None)


def _parameters(function: ast.FunctionDef) -> Iterator[tuple[str, Any]]:
    """Yield a function's parameters with their defaults, `self` left out."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    missing = len(positional) - len(arguments.defaults)
    defaults: list[ast.expr | None] = [*([None] * missing), *arguments.defaults]
    for argument, default in (
        *zip(positional, defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ):
        if argument.arg != "self":
            yield argument.arg, REQUIRED if default is None else _value(default)


def _value(node: ast.expr) -> Any:
    """Return a literal's value, else the source text."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        return ast.unparse(node)


def _encodings(call: ast.FunctionDef) -> Iterator[PromptEncoding]:
    for node in ast.walk(call):
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and ast.unparse(node.value.func) == "self.encode_prompt"
        ):
            target, value = node.targets[0], node.value
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            keyword = next((keyword.value for keyword in value.keywords if keyword.arg == "prompt"), None)
            text = keyword or (value.args[0] if value.args else None)
            yield PromptEncoding(
                negative=text is not None and "negative" in ast.unparse(text),
                results=tuple(ast.unparse(name) for name in names),
            )


def _example_value(text: str, argument: str) -> int | None:
    """Return the number that a module's doctest example gives an argument."""
    match = re.search(rf"^\s*>>>.*\b{argument}=(\d+)|^\s*\.\.\..*\b{argument}=(\d+)", text, re.MULTILINE)
    return int(match[1] or match[2]) if match else None


def _returns_frames(node: ast.AST) -> bool:
    """Return whether the node is `return SomeOutput(frames=…)`."""
    return (
        isinstance(node, ast.Return)
        and isinstance(node.value, ast.Call)
        and any(keyword.arg == "frames" for keyword in node.value.keywords)
    )


def _side_multiple(check: ast.FunctionDef | None) -> int:
    divisors = [
        node.right.value
        for node in (ast.walk(check) if check else ())
        if isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Mod)
        and ast.unparse(node.left) in ("height", "width")
        and isinstance(node.right, ast.Constant)
        and isinstance(node.right.value, int)
    ]
    return math.lcm(*divisors) if divisors else 1


def _ratios(init: ast.FunctionDef | None) -> Iterator[tuple[str, int]]:
    """Yield the ratios of lines such as `self.vae_scale_factor_temporal = self.vae.temporal_compression_ratio if … else 4`."""
    for node in ast.walk(init) if init else ():
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.IfExp) and isinstance(node.value.orelse, ast.Constant):
            name, value = ast.unparse(node.targets[0]), node.value.orelse.value
            axis = next((axis for axis in ("spatial", "temporal") if axis in name), None)
            if axis and "vae" in name and isinstance(value, int):
                yield axis, value
