"""Footage stores the frames of takes that were sampled as pixels."""

from pathlib import Path

import numpy as np
import pytest

from episodic.backbones.footage import Footage, write_footage
from episodic.backbones.take import Take
from episodic.errors import BackboneError
from episodic.production.files.take_file import read_take, write_take
from tests.shots import request_of


def noise(frames: int = 7, height: int = 18, width: int = 30) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (frames, height, width, 3), dtype=np.uint8)


def test_frames_are_read_back_unchanged(tmp_path: Path) -> None:
    frames = noise()
    write_footage(tmp_path / "a.mkv", Footage.of(frames, 16))
    read = Footage.open(tmp_path / "a.mkv")
    assert (read.frames, read.fps, read.height, read.width) == (7, 16, 18, 30)
    assert np.array_equal(read.read(), frames)
    assert np.array_equal(np.stack(list(read)), frames)


@pytest.mark.parametrize(("first", "last"), [(0, None), (2, 5), (-3, None), (-3, -1), (6, 3)])
def test_a_part_is_the_same_from_a_file_and_from_memory(tmp_path: Path, first: int, last: int | None) -> None:
    footage = Footage.of(noise(), 16)
    write_footage(tmp_path / "a.mkv", footage)
    assert np.array_equal(Footage.open(tmp_path / "a.mkv").read(first, last), footage.read(first, last))


def test_the_same_frames_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.mkv", "b.mkv"):
        write_footage(tmp_path / name, Footage.of(noise(), 16))
    assert (tmp_path / "a.mkv").read_bytes() == (tmp_path / "b.mkv").read_bytes()


def test_a_damaged_file_is_reported_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "a.mkv").write_bytes(b"no film")
    with pytest.raises(BackboneError, match=r"a\.mkv.*shot again"):
        Footage.open(tmp_path / "a.mkv")


def test_a_stored_take_keeps_its_frames_and_its_sound(tmp_path: Path) -> None:
    sound = np.random.default_rng(0).standard_normal((2, 480)).astype(np.float32)
    take = Take(shot_id="a.1", arrays={"sound": sound}, notes={"fps": 16}, footage=Footage.of(noise(), 16))
    write_take(tmp_path / "take.safetensors", request_of("a.1"), take)
    request, read = read_take(tmp_path / "take.safetensors")
    assert request.shot_id == "a.1"
    assert read.footage is not None
    assert np.array_equal(read.footage.read(), noise())
    assert np.array_equal(read.arrays["sound"], sound)
