"""Shapes are checked in the tests: the hook of `--jaxtyping-packages` is on in every package that it names."""

from __future__ import annotations

import numpy as np
import pytest
from jaxtyping import TypeCheckError

from episodic.backbones.stage.model.latent import decode
from episodic.backbones.stage.model.ranges import clamp_to_ranges
from episodic.consistency.colour_maps import lab_small
from episodic.cut.soundtrack import _all_but_last


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
