"""Shapes are checked in the tests, in every module that annotates them."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from jaxtyping import TypeCheckError

from episodic.backbones.stage.model.latent import decode, slot_kind
from episodic.backbones.stage.model.ranges import clamp_to_ranges
from episodic.backbones.stage.painter.passes.pose import draw_pose
from episodic.consistency.colour_maps import lab_small
from episodic.cut.soundtrack import _all_but_last
from episodic.sound.audio import Stereo
from tests.shape_checks import CHECKED, checked, is_checked

ROOT = Path(__file__).parents[1]


@dataclass
class Cue:
    """A sound and where it starts."""

    sound: Stereo
    seconds: float


@dataclass
class Span:
    """No shape among its fields."""

    seconds: float


def loudest(cues: list[Cue], sounds: dict[str, Stereo | None]) -> float:
    """Name a shape inside of other types, by an alias of another module."""
    return len(cues) + len(sounds)


def length(cues: list[Cue]) -> float:
    """Name no shape."""
    return len(cues)


def modules() -> Iterator[tuple[str, Path]]:
    """Yield the names and files of all modules of the four packages."""
    for package in ("memory", "planners", "episodic", "cli"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def annotates_shapes(path: Path) -> bool:
    """Return whether a module imports jaxtyping."""
    imports = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
    return any(node.module == "jaxtyping" for node in imports)


def test_every_module_that_annotates_shapes_is_checked() -> None:
    annotating = {name for name, path in modules() if annotates_shapes(path)}
    assert len(annotating) > 100
    assert {name for name in annotating if not is_checked(name)} == set()


def test_every_entry_of_the_list_is_a_module_or_package() -> None:
    assert set(CHECKED) <= {name for name, _ in modules()}


def test_the_painter_is_checked() -> None:
    with pytest.raises(TypeCheckError, match="draw_pose"):
        draw_pose(np.zeros((2, 16, 3), np.float32), 90, 60)


def test_an_array_of_the_wrong_rank_is_refused() -> None:
    with pytest.raises(TypeCheckError, match="clamp_to_ranges"):
        clamp_to_ranges(np.zeros((8, 32), np.float32))
    with pytest.raises(TypeCheckError, match="lab_small"):
        lab_small(np.zeros((9, 16), np.uint8))


def test_an_array_of_the_wrong_size_is_refused() -> None:
    with pytest.raises(TypeCheckError, match="decode"):
        decode("camera", np.zeros((9, 31), np.float32), 24, 24)


def test_an_array_of_the_wrong_type_is_refused() -> None:
    with pytest.raises(TypeCheckError, match="clamp_to_ranges"):
        clamp_to_ranges(np.zeros((8, 9, 32), np.float64))


def test_a_whole_number_passes_for_a_float() -> None:
    latent = np.zeros((9, 32), np.float32)
    assert decode("camera", latent, 24, 24).at(0)["roll"] == 0


def test_the_sound_of_a_film_is_checked_too() -> None:
    with pytest.raises(TypeCheckError, match="_all_but_last"):
        _all_but_last([np.zeros((9, 2), np.float32)], "3")  # type: ignore[arg-type]


def test_a_signature_without_shapes_is_left_alone() -> None:
    making = Span.__init__
    assert checked(length) is length
    assert checked(Span).__init__ is making
    assert not hasattr(slot_kind, "__wrapped__")


def test_an_alias_of_a_shape_is_a_shape() -> None:
    with pytest.raises(TypeCheckError, match="loudest"):
        checked(loudest)([], {"knock": np.zeros((9, 1), np.float32)})


def test_a_dataclass_is_checked_when_it_is_made() -> None:
    with pytest.raises(TypeCheckError, match="Cue"):
        checked(Cue)(np.zeros(9, np.float32), 0.5)


def test_a_checked_function_keeps_its_place_in_the_file() -> None:
    assert inspect.getsource(decode).splitlines()[0].startswith("def decode(")
