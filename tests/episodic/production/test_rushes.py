"""Rushes on disk, and takes finished from them without the model."""

import numpy as np
import pytest

from episodic.backbones.diffusers.sampling.finish_take import finish_take, unfinished_window
from episodic.backbones.footage import Footage
from episodic.backbones.take import Rushes, Take
from episodic.production.files.take_file import read_rushes, read_take, write_rushes

FRAMES, HEIGHT, WIDTH = 11, 48, 64


def film(count, brighter=0):
    """A ramp with a box that moves across it."""
    ramp = np.linspace(40, 200, WIDTH)[None, :, None] + np.linspace(-30, 30, HEIGHT)[:, None, None] + np.array([0, 12, -12])
    pictures = np.repeat(ramp[None], count, 0)
    for number in range(count):
        pictures[number, 20:30, 5 + number : 15 + number] = (180, 60, 60)
    return np.clip(pictures + brighter, 0, 255).astype(np.uint8)


def frames_of(take):
    """The frames of a take that has footage."""
    assert take.footage is not None
    return take.footage.read()


def rushes(*, corrects=True, before=5, known=3):
    """A take of `FRAMES` frames: `before` finished ones, and a window of nine that repeats the last `known` of them eight levels brighter."""
    done, window = film(14)[:before], film(14, brighter=8)[before - known : before - known + 9]
    left = unfinished_window(window, done[before - known :], [] if corrects else None)
    arrays = {"frames": np.array([FRAMES, HEIGHT, WIDTH], np.int32), "sound": np.ones((2, 5), np.float32)}
    take = Take(shot_id="s01.1", arrays=arrays, notes={"windows": [[0, 5, 0]]}, footage=Footage.of(done, 16))
    return Rushes(take=take, unfinished=left)


def test_rushes_survive_a_round_trip_and_give_the_same_take(tmp_path):
    made = rushes()
    write_rushes(tmp_path / "rushes.safetensors", made)
    back = read_rushes(tmp_path / "rushes.safetensors")
    assert back.take.footage is not None
    assert (back.take.shot_id, back.take.notes, back.take.footage.fps) == ("s01.1", made.take.notes, 16)
    assert all(np.array_equal(back.unfinished[name], array) for name, array in made.unfinished.items())
    first, again = finish_take(made), finish_take(back)
    assert np.array_equal(frames_of(first), frames_of(again))
    assert first.notes == again.notes
    assert [*first.arrays] == [*again.arrays]


def test_writing_the_same_rushes_twice_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        write_rushes(tmp_path / name, rushes())
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_the_last_window_is_matched_to_the_previous_colours_and_trimmed():
    take = finish_take(rushes())
    frames = frames_of(take)
    assert len(frames) == FRAMES
    assert np.array_equal(frames[:5], film(14)[:5])
    assert np.abs(frames[5:].astype(int) - film(14)[5:FRAMES]).mean() < 2
    assert len(take.arrays["seen"]) == 1
    assert "anchor" in take.notes


def test_without_colour_correction_the_frames_are_those_of_the_model():
    take = finish_take(rushes(corrects=False))
    assert np.array_equal(frames_of(take)[5:], film(14, brighter=8)[5:FRAMES])
    assert "seen" not in take.arrays


def test_a_finished_take_is_returned_unchanged():
    take = Take(shot_id="s01.1", arrays={}, footage=Footage.of(film(2), 16))
    assert finish_take(Rushes(take=take)) is take


def test_rushes_are_not_read_as_a_take(tmp_path):
    write_rushes(tmp_path / "rushes.safetensors", rushes())
    with pytest.raises(ValueError, match="episodic/take@1"):
        read_take(tmp_path / "rushes.safetensors")
