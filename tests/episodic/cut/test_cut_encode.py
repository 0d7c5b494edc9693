"""`encode_shot` writes shots that can be cut without decoding."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

import av
import numpy as np
import pytest

from episodic.cut.encode import encode_shot
from episodic.cut.errors import CutError
from episodic.errors import InputError
from memory.errors import EpisodicError


class Size(TypedDict):
    """Size of the pictures, pixels."""

    width: int
    height: int


SIZE: Size = {"width": 192, "height": 108}


def flat(count: int, colour: tuple[int, int, int] = (200, 90, 30)) -> Iterator[np.ndarray]:
    """Draw frames of one colour with a white bar that grows."""
    for index in range(count):
        picture = np.full((108, 192, 3), colour, np.uint8)
        picture[:8, : index % 100] = 255
        yield picture


def timing(path: Path) -> list[tuple[int | None, int | None, bool]]:
    """Return presentation time, decoding time and whether it is a keyframe, of every packet."""
    with av.open(str(path)) as box:
        stream = box.streams.video[0]
        return [(p.pts, p.dts, p.is_keyframe) for p in box.demux(stream) if p.size]


@pytest.mark.parametrize("fps", [12, 24, 25, 30, 50, 60])
def test_every_frame_is_encoded_at_its_own_time(tmp_path: Path, fps: int) -> None:
    shot = encode_shot(tmp_path / "a.mp4", flat(2 * fps + 5), **SIZE, fps=fps)
    times = timing(shot.path)
    assert shot.frames == len(times) == 2 * fps + 5
    assert [pts for pts, _, _ in times] == [512 * i for i in range(len(times))]
    assert all(pts == dts for pts, dts, _ in times)
    with av.open(str(shot.path)) as box:
        assert box.streams.video[0].average_rate == fps
        assert box.streams.video[0].duration == 512 * len(times)


def test_keyframes_are_set_on_request_and_every_two_seconds(tmp_path: Path) -> None:
    shot = encode_shot(tmp_path / "a.mp4", flat(100), **SIZE, fps=24, keyframes={7, 30, 500})
    assert shot.keyframes == (0, 7, 30, 78)
    assert [i for i, (_, _, key) in enumerate(timing(shot.path)) if key] == [0, 7, 30, 78]


def test_the_same_frames_give_the_same_bytes(tmp_path: Path) -> None:
    first = encode_shot(tmp_path / "a.mp4", flat(30), **SIZE, fps=24, keyframes={9})
    second = encode_shot(tmp_path / "b.mp4", flat(30), **SIZE, fps=24, keyframes={9})
    assert first.path.read_bytes() == second.path.read_bytes()


def test_shots_of_one_size_and_rate_share_their_parameter_sets(tmp_path: Path) -> None:
    noise = (np.random.default_rng(1).integers(0, 255, (108, 192, 3), dtype=np.uint8) for _ in range(60))
    paths = [
        encode_shot(tmp_path / "a.mp4", flat(1), **SIZE, fps=24).path,
        encode_shot(tmp_path / "b.mp4", noise, **SIZE, fps=24, keyframes=(3, 4)).path,
    ]
    headers = []
    for path in paths:
        with av.open(str(path)) as box:
            headers.append(box.streams.video[0].codec_context.extradata)
    assert headers[0]
    assert headers[0] == headers[1]


@pytest.mark.parametrize(
    ("rgb", "yuv"), [((255, 0, 0), (63, 102, 240)), ((0, 255, 0), (173, 42, 26)), ((255, 255, 255), (235, 128, 128))]
)
def test_colours_are_bt709_in_video_range(tmp_path: Path, rgb: tuple[int, int, int], yuv: tuple[int, int, int]) -> None:
    shot = encode_shot(tmp_path / "a.mp4", (np.full((108, 192, 3), rgb, np.uint8) for _ in range(3)), **SIZE, fps=24)
    with av.open(str(shot.path)) as box:
        context = box.streams.video[0].codec_context
        assert (context.pix_fmt, context.color_range, context.colorspace) == ("yuv420p", 1, 1)
        assert (context.color_primaries, context.color_trc) == (1, 1)
        planes = next(box.decode(video=0)).to_ndarray(format="yuv420p")
    means = planes[:108].mean(), planes[108:135].mean(), planes[135:].mean()
    assert means == pytest.approx(yuv, abs=2)


def test_an_odd_size_is_refused_with_the_nearest_even_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"193x108.*194x108"):
        encode_shot(tmp_path / "a.mp4", flat(2), width=193, height=108, fps=24)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrong", [np.zeros((108, 190, 3), np.uint8), np.zeros((108, 192, 3), np.float32)])
def test_a_frame_of_another_shape_is_named_and_no_file_is_written(tmp_path: Path, wrong: np.ndarray) -> None:
    with pytest.raises(CutError, match="frame 1: expected 108 x 192 x 3 bytes"):
        encode_shot(tmp_path / "a.mp4", [next(flat(1)), wrong], **SIZE, fps=24)
    assert list(tmp_path.iterdir()) == []


def test_a_shot_without_frames_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CutError, match="no frames"):
        encode_shot(tmp_path / "a.mp4", [], **SIZE, fps=24)
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_painter_passes_through_and_keeps_the_old_file(tmp_path: Path) -> None:
    def failing() -> Iterator[np.ndarray]:
        yield from flat(5)
        raise OSError("the painter's own")

    path = tmp_path / "a.mp4"
    path.write_bytes(b"old")
    with pytest.raises(OSError, match="the painter's own") as caught:
        encode_shot(path, failing(), **SIZE, fps=24)
    assert not isinstance(caught.value, EpisodicError)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(CutError, match=r"gone/a\.mp4: cannot be written"):
        encode_shot(tmp_path / "gone" / "a.mp4", flat(5), **SIZE, fps=24)


def test_the_bytes_do_not_depend_on_the_contents_of_memory(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    ground = rng.integers(30, 200, (9, 16, 3), dtype=np.uint8).repeat(12, 0).repeat(12, 1)
    pictures = [np.roll(ground, shift, axis=1) for shift in range(0, 24, 3)]
    junk: list[np.ndarray] = []
    seen = set()
    for _ in range(250):
        junk += [np.full(rng.integers(1, 400_000), rng.integers(256), np.uint8) for _ in range(12)]
        junk = [junk[i] for i in rng.permutation(len(junk))[: rng.integers(len(junk))]]
        seen.add(encode_shot(tmp_path / "a.mp4", pictures, **SIZE, fps=24).path.read_bytes())
    assert len(seen) == 1
