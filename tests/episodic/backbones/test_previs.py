"""A previsualisation is control video of a shot as `stage` would shoot it, written and read back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from episodic.backbones.footage import Footage
from episodic.backbones.previs import LABEL_HZ, Previs, make_previs, open_previs
from episodic.backbones.request import Mark, Performer, PropOnSet, Setting, ShotRequest
from episodic.backbones.stage.backbone import Stage
from episodic.backbones.stage.painter.film import paint_shot
from episodic.backbones.take import Take
from episodic.errors import BackboneError
from episodic.looks.look import character_look, prop_look
from episodic.looks.places import location_look
from episodic.series.shooting_settings import CONTROLS, ControlKind
from episodic.storage.json_object import JsonObject
from memory.model.canon import CharacterKind

FPS, WIDTH, HEIGHT, FRAMES = 16, 208, 120, 21


def request_of(**changes: Any) -> ShotRequest:
    """Request a shot of Mara with a lantern and of Bolt."""
    cast: tuple[tuple[str, CharacterKind, float], ...] = (("mara", "human", -0.8), ("bolt", "robot", 0.8))
    performers = tuple(
        Performer(
            id=name,
            kind=kind,
            look=character_look(kind=kind, name=name, description="", seed=2),
            motion=(),
            start=Mark(x=x, z=2.4),
            end=Mark(x=x, z=2.4),
        )
        for name, kind, x in cast
    )
    lantern = PropOnSet(id="lantern", look=prop_look(name="lantern", description="", seed=1), held_by="mara")
    setting = Setting(location="shore", look=location_look(name="harbour", description="", seed=3), props=(lantern,))
    request = ShotRequest(
        shot_id="s01.1",
        seed=5,
        frames=36,
        fps=24,
        width=1280,
        height=720,
        style="storybook",
        size="full",
        camera="pan_left",
        setting=setting,
        performers=performers,
        focus=("mara", "bolt"),
    )
    return replace(request, **changes)


def make(
    folder: Path,
    request: ShotRequest | None = None,
    kinds: tuple[ControlKind, ...] = CONTROLS,
    *,
    fps: int = FPS,
    width: int = WIDTH,
    height: int = HEIGHT,
    frames: int = FRAMES,
    before: Take | None = None,
) -> Previs:
    """Make a previsualisation and open it."""
    make_previs(request or request_of(), folder, kinds=kinds, fps=fps, width=width, height=height, frames=frames, before=before)
    return open_previs(folder)


@pytest.fixture(scope="module")
def previs(tmp_path_factory: pytest.TempPathFactory) -> Previs:
    return make(tmp_path_factory.mktemp("previs"))


@pytest.mark.parametrize("kind", CONTROLS)
def test_every_pass_has_the_requested_frames_size_and_rate(kind: ControlKind, previs: Previs) -> None:
    film = previs.control(kind)
    assert film.shape == (FRAMES, HEIGHT, WIDTH, 3)
    assert film.dtype == np.uint8
    assert Footage.open(previs.folder / f"{kind}.mkv").fps == FPS
    np.testing.assert_array_equal(previs.control(kind, 5, 9), film[5:9])


def test_labels_and_key_points_are_at_8_hz_and_small(previs: Previs) -> None:
    ticks = -(-FRAMES * LABEL_HZ // FPS)
    assert previs.entities == ("mara", "bolt", "lantern")
    assert previs.labels.shape == (ticks, 92, 160)
    assert set(np.unique(previs.labels)) == {0, 1, 2, 3}
    assert previs.keypoints.shape == (ticks, 3, 17, 3)
    assert previs.keypoints[0, 0, :, 2].sum() > 12


def test_the_mask_pass_shows_the_labels_in_the_colours_of_the_entities(previs: Previs) -> None:
    film = previs.control("masks", 0, 1)[0]
    allowed = {(0, 0, 0), *previs.colors}
    assert {tuple(int(v) for v in colour) for colour in np.unique(film.reshape(-1, 3), axis=0)} == allowed
    big = (film == previs.colors[1]).all(2)
    small = previs.labels[0] == 2
    assert abs(big.mean() - small.mean()) < 0.005
    assert abs(np.nonzero(big)[1].mean() / WIDTH - np.nonzero(small)[1].mean() / 160) < 0.01


def test_passes_show_the_same_moment(previs: Previs) -> None:
    """Depth is flat inside the mask of a performer, and the skeleton lies on the masks."""
    for frame in (0, FRAMES - 1):
        masks = previs.control("masks", frame, frame + 1)[0]
        pose = previs.control("pose", frame, frame + 1)[0].max(2) > 0
        depth = previs.control("depth", frame, frame + 1)[0]
        mara = (masks == previs.colors[0]).all(2)
        assert (depth[..., 0] == depth[..., 1]).all()
        assert depth[mara].std() < 12
        assert pose[mara].mean() > 0.1
        assert pose[masks.max(2) == 0].mean() < 0.05


def test_the_layout_is_the_painted_shot_at_the_models_rate(tmp_path: Path) -> None:
    request = request_of(camera="static")
    layout = make(tmp_path, request, ("layout",), fps=8, width=320, height=180, frames=4).control("layout")
    film = list(paint_shot(replace(request, width=320, height=180), Stage().shoot(request).arrays["latent"]))
    for number in range(4):
        assert np.abs(layout[number].astype(int) - film[3 * number]).mean() < 0.5


def test_the_same_request_gives_the_same_bytes(previs: Previs, tmp_path: Path) -> None:
    again = make(tmp_path)
    for path in sorted(previs.folder.iterdir()):
        assert path.read_bytes() == (again.folder / path.name).read_bytes(), path.name


def test_a_previs_continues_a_take_of_stage_and_no_other(tmp_path: Path) -> None:
    request = request_of()
    stranger = Take(shot_id="s00.9", arrays={"frames": np.zeros((2, 2, 2, 3), np.uint8)})
    alone = make(tmp_path / "alone", request, ("masks",), frames=5)
    other = make(tmp_path / "other", replace(request, continues=stranger), ("masks",), frames=5)
    np.testing.assert_array_equal(alone.labels, other.labels)
    before = Stage().shoot(replace(request, shot_id="s00.9", seed=77))
    after = make(tmp_path / "after", request, ("masks",), frames=5, before=before)
    assert JsonObject(after.receipt).object("received").get("frames") == ["take:s00.9"]
    assert JsonObject(alone.receipt).object("received").get("frames") == []


def test_an_empty_place_has_a_previs(tmp_path: Path) -> None:
    request = request_of(performers=(), focus=())
    request = replace(request, setting=replace(request.setting, props=()))
    previs = make(tmp_path, request, frames=3)
    assert previs.entities == ()
    assert not previs.labels.any()
    assert previs.control("depth").std() > 10
    assert not previs.control("pose").any()


def test_frames_past_the_end_of_the_shot_hold_its_last_moment(tmp_path: Path) -> None:
    depth = make(tmp_path, request_of(frames=12), ("depth",), frames=20).control("depth").astype(int)
    assert np.abs(depth[-1] - depth[-4]).mean() < 0.5


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kinds": ("depth", "depth")}, "each once"),
        ({"width": 1}, "1x120"),
        ({"frames": 0}, "found 0"),
        ({"fps": 0}, "at 0"),
    ],
)
def test_impossible_settings_are_refused(settings: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(BackboneError, match=message):
        make(tmp_path, **settings)


def damage_json(folder: Path, **changes: object) -> None:
    note = json.loads((folder / "previs.json").read_text())
    (folder / "previs.json").write_text(json.dumps({**note, **changes}))


def damage_arrays(folder: Path, name: str, array: np.ndarray) -> None:
    path = folder / "labels.safetensors"
    save_file({**load_file(path), name: array}, path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "previs.json").unlink(),
        lambda folder: (folder / "previs.json").write_text("[" * 100_000),
        lambda folder: (folder / "previs.json").write_text("[1]"),
        lambda folder: damage_json(folder, format="episodic/previs@9"),
        lambda folder: damage_json(folder, frames=10**12),
        lambda folder: damage_json(folder, entities=5),
        lambda folder: damage_json(folder, colors=[]),
        lambda folder: damage_json(folder, kinds=["../depth"]),
        lambda folder: (folder / "labels.safetensors").write_bytes(b"\xff" * 64),
        lambda folder: damage_arrays(folder, "labels", np.full((11, 92, 160), 9, np.uint8)),
        lambda folder: damage_arrays(folder, "labels", np.zeros((11, 92, 4000), np.uint8)),
        lambda folder: damage_arrays(folder, "keypoints", np.full((11, 3, 17, 3), np.nan, np.float32)),
        lambda folder: damage_arrays(folder, "keypoints", np.zeros((2, 3, 17, 3), np.float32)),
    ],
)
def test_a_damaged_previs_is_refused(damage: Callable[[Path], object], previs: Previs, tmp_path: Path) -> None:
    shutil.copytree(previs.folder, tmp_path / "copy")
    assert open_previs(tmp_path / "copy").frames == FRAMES
    damage(tmp_path / "copy")
    with pytest.raises(BackboneError, match="previs"):
        open_previs(tmp_path / "copy")


def test_a_missing_pass_and_a_pass_of_another_length_are_refused(previs: Previs, tmp_path: Path) -> None:
    shutil.copytree(previs.folder, tmp_path / "copy")
    damage_json(tmp_path / "copy", kinds=["depth"], width=WIDTH + 2)
    damaged = open_previs(tmp_path / "copy")
    with pytest.raises(BackboneError, match=r"depth\.mkv"):
        damaged.control("depth")
    (tmp_path / "copy" / "depth.mkv").write_bytes((previs.folder / "depth.mkv").read_bytes()[:9000])
    damage_json(tmp_path / "copy", width=WIDTH)
    with pytest.raises(BackboneError, match=r"depth\.mkv"):
        open_previs(tmp_path / "copy").control("depth")
    with pytest.raises(BackboneError, match="no pass 'pose'"):
        damaged.control("pose")
