"""What a pipeline of diffusers takes, read from its source without importing it: importing diffusers takes seconds, and torch with it."""

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
    """In the place of a default."""

    def __repr__(self) -> str:
        return "required"


REQUIRED: Final = _Required()
_DEPTH = 4
"""Of classes that inherit `__call__` from one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptEncoding:
    """One use of `encode_prompt` in a pipeline's `__call__`: what it encodes, and the arguments that its results could be given as."""

    negative: bool
    """Whether it encodes the negative prompt in the place of the prompt."""
    results: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineSource:
    """A pipeline class as its source has it."""

    class_name: str
    parameters: Mapping[str, Any]
    """Of `__call__`, with their defaults: numbers, texts and None as they are, `REQUIRED` where there is none, else the source's text."""
    makes_video: bool
    encode_parameters: Mapping[str, Any]
    """Of `encode_prompt`; empty where it has none."""
    encodings: tuple[PromptEncoding, ...]
    """Empty where the results cannot be handed over, and the text itself must be."""
    side_multiple: int
    """What `check_inputs` says both sides must be multiples of."""
    example_fps: int | None
    """The rate at which its own example writes the film."""
    example_frames: int | None
    ratios: Mapping[str, int]
    """What `__init__` takes as the autoencoder's ratios where it says none: `spatial`, `temporal`."""


@cache
def read_pipeline(class_name: str) -> PipelineSource:
    """Raises BackboneError where the installed diffusers has no such pipeline, or one that cannot be called."""
    nodes, text = _classes(class_name)
    call, encode = _method(nodes, "__call__"), _method(nodes, "encode_prompt")
    if call is None:
        raise BackboneError(f"{class_name}: this pipeline of diffusers has no call of its own; choose another model")
    parameters = dict(_parameters(call))
    encodings = tuple(_encodings(call))
    if any(name not in parameters for one in encodings for name in one.results):
        encodings = ()
    return PipelineSource(
        class_name=class_name,
        parameters=parameters,
        makes_video=any(_gives_frames(node) for node in ast.walk(call)),
        encode_parameters=dict(_parameters(encode)) if encode else {},
        encodings=encodings,
        side_multiple=_side_multiple(_method(nodes, "check_inputs")),
        example_fps=_in_example(text, "fps"),
        example_frames=_in_example(text, "num_frames"),
        ratios=dict(_ratios(_method(nodes, "__init__"))),
    )


def _folder() -> Path:
    spec = importlib.util.find_spec("diffusers")
    if spec is None or not spec.submodule_search_locations:
        raise BackboneError("diffusers is not installed; install episodic with its dependencies")
    return Path(spec.submodule_search_locations[0]) / "pipelines"


@cache
def _texts() -> tuple[str, ...]:
    """The source of every pipeline: about 10 MB, read once."""
    return tuple(file.read_text("utf-8") for file in sorted(_folder().rglob("*.py")))


def _classes(class_name: str) -> tuple[list[ast.ClassDef], str]:
    """The class and those of diffusers' pipelines that it inherits from, nearest first; and the text of the module it is in."""
    found: list[ast.ClassDef] = []
    wanted, text = class_name, ""
    for _ in range(_DEPTH):
        holding = next((one for one in _texts() if re.search(rf"^class {re.escape(wanted)}\(", one, re.MULTILINE)), None)
        if holding is None:
            break
        text = text or holding
        node = next(one for one in ast.parse(holding).body if isinstance(one, ast.ClassDef) and one.name == wanted)
        found.append(node)
        above = [base.id for base in node.bases if isinstance(base, ast.Name) and base.id.endswith("Pipeline")]
        if not above or above[0] == "DiffusionPipeline":
            break
        wanted = above[0]
    if not found:
        raise BackboneError(
            f"the installed diffusers has no pipeline {class_name}; it may belong to another version, or to code that comes with the model"
        )
    return found, text


def _method(nodes: list[ast.ClassDef], name: str) -> ast.FunctionDef | None:
    return next((one for node in nodes for one in node.body if isinstance(one, ast.FunctionDef) and one.name == name), None)


def _parameters(function: ast.FunctionDef) -> Iterator[tuple[str, Any]]:
    arguments = function.args
    placed = [*arguments.posonlyargs, *arguments.args]
    missing = len(placed) - len(arguments.defaults)
    defaults: list[ast.expr | None] = [*([None] * missing), *arguments.defaults]
    for argument, default in (
        *zip(placed, defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ):
        if argument.arg != "self":
            yield argument.arg, REQUIRED if default is None else _value(default)


def _value(node: ast.expr) -> Any:
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
            given = next((one.value for one in value.keywords if one.arg == "prompt"), value.args[0] if value.args else None)
            yield PromptEncoding(
                negative=given is not None and "negative" in ast.unparse(given),
                results=tuple(ast.unparse(name) for name in names),
            )


def _in_example(text: str, argument: str) -> int | None:
    found = re.search(rf"^\s*>>>.*\b{argument}=(\d+)|^\s*\.\.\..*\b{argument}=(\d+)", text, re.MULTILINE)
    return int(found[1] or found[2]) if found else None


def _gives_frames(node: ast.AST) -> bool:
    """Whether it is `return SomeOutput(frames=…)`."""
    return (
        isinstance(node, ast.Return)
        and isinstance(node.value, ast.Call)
        and any(one.arg == "frames" for one in node.value.keywords)
    )


def _side_multiple(check: ast.FunctionDef | None) -> int:
    found = [
        node.right.value
        for node in (ast.walk(check) if check else ())
        if isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Mod)
        and ast.unparse(node.left) in ("height", "width")
        and isinstance(node.right, ast.Constant)
        and isinstance(node.right.value, int)
    ]
    return math.lcm(*found) if found else 1


def _ratios(init: ast.FunctionDef | None) -> Iterator[tuple[str, int]]:
    """Of lines such as `self.vae_scale_factor_temporal = self.vae.temporal_compression_ratio if … else 4`."""
    for node in ast.walk(init) if init else ():
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.IfExp) and isinstance(node.value.orelse, ast.Constant):
            name, value = ast.unparse(node.targets[0]), node.value.orelse.value
            kind = next((one for one in ("spatial", "temporal") if one in name), None)
            if kind and "vae" in name and isinstance(value, int):
                yield kind, value
