"""Depth, masks and key points of a take of `stage` agree with each other and with the painted frames."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pytest

from episodic.backbones.request import Mark, Performer, PropOnSet, Setting, ShotRequest
from episodic.backbones.stage.backbone import Stage
from episodic.backbones.stage.model.latent import LATENT_HZ, decode, decode_at
from episodic.backbones.stage.painter.film import Shot, paint_shot
from episodic.backbones.stage.painter.passes.depth import DepthPass
from episodic.backbones.stage.painter.passes.masks import entities_of, entity_masks, label_map
from episodic.backbones.stage.painter.passes.pose import KEY_POINTS, draw_pose, key_points_of
from episodic.looks.look import character_look, prop_look
from episodic.looks.places import location_look
from memory.model.canon import CharacterKind
from planners.plan.vocabulary import CameraMove

CAST: dict[str, tuple[CharacterKind, str]] = {
    "mara": ("human", "old keeper, grey braid, yellow raincoat"),
    "bolt": ("robot", "shy robot"),
    "fin": ("animal", "young fox"),
    "storm": ("spirit", "towering cloud with kind eyes"),
}
DEPTHS = (2.0, 3.0, 1.4, 3.8)
TIMES = (0.0, 0.7, 1.9)
WIDTH, HEIGHT = 416, 240


def request_of(
    *names: str, place: str = "harbour", camera: CameraMove = "static", crossing: bool = True, **changes: Any
) -> ShotRequest:
    """Request performers side by side, each at its own depth; the first walks past the second with a lantern."""
    xs = np.linspace(-1.4, 1.4, len(names))
    performers = []
    for number, (name, x) in enumerate(zip(names, xs, strict=True)):
        kind, description = CAST[name]
        look = character_look(kind=kind, name=name, description=description, seed=2)
        stride = 1.2 if number == 0 and crossing else 0.0
        start, end = (Mark(x=float(x) + way * stride, z=DEPTHS[number]) for way in (-1, 1))
        performers.append(
            Performer(id=name, kind=kind, look=look, motion=(), action="walk" if stride else "stand", start=start, end=end)
        )
    lantern = PropOnSet(id="lantern", look=prop_look(name="lantern", description="", seed=1), held_by=names[0])
    crate = PropOnSet(id="crate", look=prop_look(name="crate", description="", seed=1), mark=Mark(x=0.3, z=2.4))
    setting = Setting(location=place, look=location_look(name=place, description="", seed=3), props=(lantern, crate))
    request = ShotRequest(
        shot_id="s01.1",
        seed=5,
        frames=48,
        fps=24,
        width=1280,
        height=720,
        style="storybook",
        size="full",
        camera=camera,
        setting=setting,
        performers=tuple(performers),
        focus=names,
    )
    return replace(request, **changes)


def shot_of(request: ShotRequest, times: tuple[float, ...] = TIMES, width: int = WIDTH, height: int = HEIGHT) -> Shot:
    """Sample a take with `stage` and open it at these moments, seconds."""
    latent = Stage().shoot(request).arrays["latent"]
    return Shot.of(replace(request, width=width, height=height), latent, times)


@pytest.fixture(scope="module")
def company() -> Shot:
    """All characters of `CAST`, with a camera that pushes in."""
    return shot_of(request_of(*CAST, camera="push_in"))


def test_the_latent_decodes_at_any_moment() -> None:
    latent = np.random.default_rng(3).normal(size=(12, 32)).astype(np.float32)
    film = decode("actor0", latent, 30, 24)
    moments = decode_at("actor0", latent, np.array([0.0, 7, 29]) / 24 * LATENT_HZ)
    np.testing.assert_allclose(moments.values["x"], film.values["x"][[0, 7, 29]], rtol=1e-5)
    np.testing.assert_allclose(moments.values["mouth_open"], film.values["mouth_open"][[0, 7, 29]], rtol=1e-4, atol=1e-6)
    after = decode_at("camera", latent, np.array([99.0]))
    assert after.values["x"] == decode("camera", latent, 1000, 24).values["x"][-1]


def test_a_shot_opened_at_the_times_of_the_film_paints_its_frames() -> None:
    request = request_of("mara", "bolt", frames=6, width=160, height=90)
    latent = Stage().shoot(request).arrays["latent"]
    shot = Shot.of(request, latent, [frame / 24 for frame in range(6)])
    film = list(paint_shot(request, latent))
    differences = [np.abs(shot.paint(frame).astype(int) - film[frame]).mean() for frame in range(6)]
    assert max(differences) < 0.5


def test_a_figure_that_hides_another_is_nearer(company: Shot) -> None:
    depth, names = DepthPass(company), entities_of(company)
    for frame in range(len(TIMES)):
        grey = depth.grey(frame).astype(int)
        masks = entity_masks(company, frame, names)
        levels = {name: np.median(grey[mask]) for name, mask in masks.items() if mask.sum() > 60}
        order = [layer.name for layer in company.layers(frame) if layer.name in levels]
        assert [levels[name] for name in order] == sorted(levels[name] for name in order)
        assert len({levels[name] for name in order}) == len(order)


def test_depth_is_the_distance_on_the_set(company: Shot) -> None:
    depth = DepthPass(company)
    view = company.path.views[0]
    grey = depth.grey(0).astype(float)
    for layer in company.layers(0):
        mask = entity_masks(company, 0, [layer.name])[layer.name]
        assert abs(np.median(grey[mask]) - depth.nearness(layer.z, 0)) <= 1
    # the depth of the floor of the quay follows from the geometry of the camera
    for z in (3.4, 4.6):
        x, y = view.point(-2.6, 0.0, z)
        assert abs(grey[int(y), int(x)] - depth.nearness(z, 0)) <= 3
    assert grey[2, 200] == 0


@pytest.mark.parametrize("place", ["kitchen", "lamp room"])
def test_the_floor_of_a_room_comes_nearer_and_its_back_wall_is_far(place: str) -> None:
    shot = shot_of(request_of("mara", place=place), (0.0,))
    grey = DepthPass(shot).grey(0).astype(int)
    column = grey[:, 6]
    low = column[int(0.8 * HEIGHT) :]
    assert (np.diff(low) >= 0).all()
    assert low[-1] > low[0] + 10
    assert np.median(grey[:, WIDTH // 2 - 40 : WIDTH // 2 + 40]) < low[-1]


def test_depth_does_not_flicker() -> None:
    times = tuple(number / 16 for number in range(6))
    shot = shot_of(request_of("mara", place="forest", camera="push_in"), times)
    depth = DepthPass(shot)
    frames = [depth.grey(number).astype(int) for number in range(len(times))]
    steps = [np.abs(frame - following) for frame, following in pairwise(frames)]
    assert max(np.median(step) for step in steps) <= 2
    assert max(step.mean() for step in steps) < 4


def test_labels_agree_with_the_observed_masks() -> None:
    request = request_of(*CAST)
    take = Stage().shoot(request)
    sights = list(Stage().observe(request, take, [0, 24, 40], 180))
    shot = Shot.of(replace(request, width=320, height=180), take.arrays["latent"], [frame / 24 for frame in (0, 24, 40)])
    names = entities_of(shot)
    assert names == (*CAST, "lantern", "crate")
    for number, sight in enumerate(sights):
        labels = label_map(shot, number, names)
        for name, mask in sight.masks.items():
            lantern = labels == names.index("lantern") + 1 if name == "mara" else np.zeros_like(mask)
            ours = (labels == names.index(name) + 1) | lantern
            assert (ours & mask).sum() >= 0.97 * (ours | mask).sum()


def test_a_held_prop_has_its_own_label(company: Shot) -> None:
    names = entities_of(company)
    labels = label_map(company, 0, names)
    lantern, mara = labels == names.index("lantern") + 1, labels == names.index("mara") + 1
    assert lantern.sum() > 25
    assert mara.sum() > 5 * lantern.sum()
    assert abs(np.nonzero(lantern)[1].mean() - np.nonzero(mara)[1].mean()) < 40
    together = entity_masks(company, 0, ["mara"])["mara"]
    assert together[lantern].mean() > 0.9


def test_a_performer_out_of_frame_has_no_pixels_and_no_key_points() -> None:
    request = request_of("mara", "bolt", crossing=False)
    far = replace(request.performers[1], start=Mark(x=30, z=2), end=Mark(x=30, z=2))
    request = replace(request, performers=(request.performers[0], far), focus=("mara",))
    shot = shot_of(request, (0.5,))
    names = entities_of(shot)
    assert (label_map(shot, 0, names) == names.index("mara") + 1).any()
    (points,) = key_points_of(shot, names)
    assert points[names.index("mara"), :, 2].sum() == len(KEY_POINTS)
    assert not points[names.index("bolt")].any()
    hidden = replace(request, performers=(request.performers[0], replace(far, in_frame=False)))
    assert entities_of(shot_of(hidden, (0.5,))) == ("mara", "lantern", "crate")


@pytest.mark.parametrize("place", ["harbour", "kitchen", "forest"])
def test_key_points_lie_on_their_performer(place: str) -> None:
    shot = shot_of(request_of(*CAST, place=place, camera="handheld"), tuple(0.15 * number for number in range(12)))
    names = entities_of(shot)
    inside = total = 0
    for frame, points in enumerate(key_points_of(shot, names)):
        masks = entity_masks(shot, frame, list(CAST))
        for name in CAST:
            wide = cv2.dilate(masks[name].astype(np.uint8), np.ones((7, 7), np.uint8))
            for x, y, sure in points[names.index(name)]:
                if sure:
                    total += 1
                    inside += int(wide[int(y * HEIGHT), int(x * WIDTH)])
    assert total > 300
    assert inside >= 0.95 * total


def test_humans_and_robots_have_all_key_points_and_a_spirit_only_those_of_its_body(company: Shot) -> None:
    names = entities_of(company)
    points = next(key_points_of(company, names))
    seen = {name: {KEY_POINTS[i] for i in np.flatnonzero(points[names.index(name), :, 2])} for name in CAST}
    assert seen["mara"] == set(KEY_POINTS)
    assert seen["bolt"] == set(KEY_POINTS)
    assert seen["storm"] >= {"nose", "left_eye", "right_eye", "left_shoulder", "left_wrist"}
    assert not seen["storm"] & {"left_knee", "right_ankle", "left_ear"}
    assert not points[names.index("crate")].any()


def test_left_and_right_are_those_of_the_figure(company: Shot) -> None:
    """The right side of a figure that faces the camera is on the left of the picture."""
    names = entities_of(company)
    points = next(key_points_of(company, names))[names.index("bolt")]
    for part in ("shoulder", "hip", "ankle", "eye"):
        right, left = (points[KEY_POINTS.index(f"{side}_{part}")][0] for side in ("right", "left"))
        assert right < left


def test_a_hidden_body_part_has_no_key_point() -> None:
    request = request_of("mara", "bolt", place="kitchen", crossing=False)
    mara, bolt = request.performers
    behind = Mark(x=mara.start.x, z=4.0)
    request = replace(request, performers=(mara, replace(bolt, start=behind, end=behind)), size="full")
    shot = shot_of(request, (0.4,))
    names = entities_of(shot)
    (points,) = key_points_of(shot, names)
    labels = label_map(shot, 0, names)
    for x, y, sure in points[names.index("bolt")]:
        if sure:
            around = labels[max(0, int(y * HEIGHT) - 4) : int(y * HEIGHT) + 5, max(0, int(x * WIDTH) - 4) : int(x * WIDTH) + 5]
            assert (around == names.index("bolt") + 1).any()
    assert points[names.index("bolt"), :, 2].sum() < points[names.index("mara"), :, 2].sum()


def test_a_skeleton_is_drawn_in_the_colours_of_openpose() -> None:
    points = np.zeros((2, 17, 3), np.float32)
    points[0, KEY_POINTS.index("right_shoulder")] = 0.3, 0.5, 1
    points[0, KEY_POINTS.index("right_elbow")] = 0.6, 0.5, 1
    points[0, KEY_POINTS.index("nose")] = 0.5, 0.2, 0
    picture = draw_pose(points, 200, 100)
    assert picture.shape == (100, 200, 3)
    np.testing.assert_array_equal(picture[50, 60], (255, 170, 0))
    np.testing.assert_array_equal(picture[50, 120], (255, 255, 0))
    np.testing.assert_array_equal(picture[50, 90], (153, 102, 0))
    assert not picture[20, 100].any()


def test_passes_are_the_same_every_time() -> None:
    request = request_of("mara", "storm", place="street")
    runs = []
    for _ in range(2):
        shot = shot_of(request, (0.3, 1.1), 208, 120)
        names = entities_of(shot)
        depth = DepthPass(shot)
        runs.append([depth.grey(0), depth.grey(1), label_map(shot, 1, names), shot.paint(1), *key_points_of(shot, names)])
    for first, second in zip(*runs, strict=True):
        np.testing.assert_array_equal(first, second)


def test_another_aspect_ratio_keeps_the_vertical_framing() -> None:
    request = request_of("mara", crossing=False)
    wide, square = shot_of(request, (0.0,), 320, 180), shot_of(request, (0.0,), 180, 180)
    (a,), (b,) = key_points_of(wide, ("mara",)), key_points_of(square, ("mara",))
    assert (a[0, :, 2] == 1).all()
    np.testing.assert_allclose(a[0, :, 1], b[0, :, 1], atol=2e-3)
