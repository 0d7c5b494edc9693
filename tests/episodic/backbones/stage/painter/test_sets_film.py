"""A painted shot has the requested frames, light and depth, and is reproducible."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from episodic.backbones.request import Mark, PropOnSet, ShotRequest
from episodic.backbones.stage.model import latent as L
from episodic.backbones.stage.painter.camera import CameraPath, View, parallax_error
from episodic.backbones.stage.painter.film import paint_shot
from episodic.backbones.stage.painter.scenery.features import FEATURES
from episodic.looks.look import prop_look
from episodic.looks.places import PLACE_KINDS, location_look, read_look
from memory.model.facts import FactValue
from planners.plan.vocabulary import STYLES, TIMES, WEATHERS, Weather
from tests.episodic.backbones.stage.painter.set_shots import latent_for, request_for

GOLDEN = Path(__file__).parent / "golden"


def frames_of(request: ShotRequest, **moves: float) -> list[np.ndarray]:
    """Paint a shot; `moves`: parameters of `latent_for`."""
    return list(paint_shot(request, latent_for(request, **moves)))


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Return the correlation of the brightness of two pictures."""
    return float(np.corrcoef(a.astype(float).mean(2).ravel(), b.astype(float).mean(2).ravel())[0, 1])


def test_a_shot_is_the_same_every_time() -> None:
    request = request_for("street", weather="rain", frames=4, people=2)
    for first, second in zip(frames_of(request, travel=0.6), frames_of(request, travel=0.6), strict=True):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    ("width", "height", "frames", "fps"), [(320, 180, 7, 24), (180, 320, 3, 30), (322, 138, 2, 25), (64, 64, 1, 12)]
)
def test_a_shot_has_the_requested_frames_at_the_requested_size(width: int, height: int, frames: int, fps: int) -> None:
    painted = frames_of(request_for("kitchen", width=width, height=height, frames=frames, fps=fps, people=2))
    assert [frame.shape for frame in painted] == [(height, width, 3)] * frames
    assert all(frame.dtype == np.uint8 for frame in painted)


def test_painting_the_next_frame_leaves_a_frame_unchanged() -> None:
    film = paint_shot(request := request_for("harbour", frames=3), latent_for(request))
    first = next(film)
    kept = first.copy()
    next(film)
    np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize("place", PLACE_KINDS)
def test_every_place_can_be_painted_in_every_weather_at_every_time(place: str) -> None:
    turn = PLACE_KINDS.index(place)
    assert location_look(name=place, description="", seed=3)["place"] == place
    for j, weather in enumerate(WEATHERS):
        time, style = TIMES[(turn + j) % len(TIMES)], STYLES[(turn + j) % len(STYLES)]
        (frame,) = frames_of(request_for(place, time=time, weather=weather, style=style, width=96, height=54, frames=1))
        assert frame.std() > 4, f"{place} at {time} in {weather} is blank"


def test_every_feature_of_the_catalogue_has_a_painter() -> None:
    for place in PLACE_KINDS:
        features = location_look(name=place, description="", seed=1)["features"]
        assert isinstance(features, list)
        for feature in features:
            assert isinstance(feature, dict)
            assert feature["kind"] in FEATURES


@pytest.mark.parametrize("place", ["kitchen", "meadow", "street", "lamp_room"])
def test_day_is_lighter_than_dusk_and_dusk_than_night(place: str) -> None:
    light = {time: frames_of(request_for(place, time=time, frames=1))[0].mean() for time in TIMES}
    assert light["day"] > light["dawn"] > light["night"]
    assert light["day"] > light["dusk"] > light["night"]


@pytest.mark.parametrize("place", ["room", "living_room", "meadow"])
def test_a_key_light_from_the_left_lights_the_left_more(place: str) -> None:
    request = request_for(place, frames=1)
    left = frames_of(request, key=-1.0)[0].astype(float)
    right = frames_of(request, key=1.0)[0].astype(float)
    half = left.shape[1] // 2
    gain = left - right
    assert gain[:, :half].mean() > gain[:, half:].mean() + 1


def test_a_location_looks_the_same_in_every_shot() -> None:
    library = frames_of(request_for("library", shot="s01.1", frames=1))[0]
    other = frames_of(request_for("library", shot="s02.4", time="dusk", frames=1))[0]
    another_place = frames_of(request_for("bedroom", shot="s01.1", frames=1))[0]
    assert correlation(library, other) > 0.8
    assert correlation(library, other) > correlation(library, another_place) + 0.05


def test_two_kitchens_differ_and_one_kitchen_does_not() -> None:
    look = location_look(name="kitchen", description="a small kitchen", seed=1)
    assert look == location_look(name="kitchen", description="a small kitchen", seed=1)
    assert look != location_look(name="kitchen", description="a small kitchen", seed=2)


@pytest.mark.parametrize(
    ("name", "description", "place"),
    [
        ("lamp_room", "round glass room around a great lamp", "lamp_room"),
        ("deep_sea_lab", "a lab on the sea floor", "sea_lab"),
        ("sugar_factory", "inside the leaf, where light becomes sugar", "leaf"),
        ("neon_city", "a rainy neon alley", "alley"),
        ("mountain_hotel", "the hotel's lobby", "hotel_lobby"),
        ("stranded_ship", "a stranded ship, astronauts", "spaceship"),
        ("courtroom", "", "courtroom"),
        ("mountain_hotel", "", "hotel_lobby"),
        ("neon_city", "", "alley"),
        ("chicago", "a street in Chicago", "street"),
        ("the_blarg", "a blarg with a table and a door", "room"),
        ("zzyx", "", "landscape"),
    ],
)
def test_name_and_description_decide_the_kind_of_place(name: str, description: str, place: str) -> None:
    assert location_look(name=name, description=description, seed=0)["place"] == place


@pytest.mark.parametrize(
    "look",
    [
        {},
        {"place": "nowhere"},
        {"place": "kitchen", "features": [{"kind": 3}, None, {"kind": "window", "x": "a"}], "palette": {"wall": "red"}},
    ],
)
def test_a_damaged_look_reads_as_a_place(look: dict[str, FactValue]) -> None:
    assert read_look(look, "old kitchen").palette.wall.startswith("#")


def test_near_points_move_more_than_far_points() -> None:
    before = View(x=0.0, y=1.4, z=-4.0, zoom=1300.0, center_x=640.0, center_y=360.0, width=1280, height=720)
    after = replace(before, x=0.5)
    moved = [abs(after.point(1, 1, z)[0] - before.point(1, 1, z)[0]) for z in (0.5, 2.5, 6.0, 40.0)]
    assert moved == sorted(moved, reverse=True)
    assert parallax_error(after, before, 6.0, 2.5) > parallax_error(after, before, 6.0, 5.5) > 0


def test_floor_and_cards_put_a_point_at_the_same_pixel() -> None:
    view = View(x=0.3, y=1.4, z=-4.0, zoom=1300.0, center_x=640.0, center_y=360.0, width=1280, height=720)
    for x, z in ((-2.0, 1.0), (1.5, 6.0), (0.0, 20.0)):
        on_floor = view.floor().mapXY(x, z)
        assert (on_floor.x(), on_floor.y()) == pytest.approx(view.point(x, 0.0, z), abs=1e-2)
        on_wall = view.wall(x).mapXY(z, 1.0)
        assert (on_wall.x(), on_wall.y()) == pytest.approx(view.point(x, 1.0, z), abs=1e-2)


def test_a_travelling_camera_shows_parallax() -> None:
    request = request_for("forest", camera="track", frames=2, fps=2)
    first, last = frames_of(request, travel=3.0)
    assert np.abs(first.astype(int) - last).mean() > 4


def test_a_static_camera_does_not_tremble() -> None:
    request = request_for("kitchen", frames=24)
    latent = latent_for(request)
    latent[4, :, 0] += np.random.default_rng(1).normal(0, 0.01, latent.shape[1])
    path = CameraPath.of(L.decode("camera", latent[4], 24, 24), "static", 320, 180)
    assert path.locked


def test_a_latent_of_noise_can_be_painted() -> None:
    request = request_for("coast", weather="storm", frames=3, people=2)
    latent = np.random.default_rng(5).normal(0, 6, latent_for(request).shape).astype(np.float32)
    latent[:, 0, 3] = np.nan
    assert len(list(paint_shot(request, latent))) == 3


def test_rain_falls_and_grass_bends() -> None:
    shots: tuple[tuple[str, Weather], ...] = (("street", "rain"), ("meadow", "wind"), ("harbour", "clear"))
    for place, weather in shots:
        first, *_, last = frames_of(request_for(place, weather=weather, frames=12), wind=0.6)
        assert np.abs(first.astype(int) - last).max() > 12, place


def test_a_prop_stands_on_its_mark() -> None:
    look = prop_look(name="radio", description="an old red radio", seed=1)
    prop = PropOnSet(id="radio", look=look, mark=Mark(x=0.0, z=2.5))
    with_prop = frames_of(request_for("room", frames=1, props=(prop,)))[0].astype(int)
    without = frames_of(request_for("room", frames=1))[0].astype(int)
    columns = np.flatnonzero(np.abs(with_prop - without).max(axis=(0, 2)) > 20)
    assert len(columns) > 3
    assert abs(columns.mean() - 160) < 25


@pytest.mark.parametrize("name", ["lamp_room", "bakery", "alley", "courtroom", "forest", "harbour"])
def test_sets_match_their_golden_pictures(name: str) -> None:
    (frame,) = frames_of(request_for(name, time="dusk", frames=1, width=320, height=180))
    small = np.asarray(Image.fromarray(frame).resize((80, 45), Image.Resampling.BOX), int)
    golden = np.asarray(Image.open(GOLDEN / f"set_{name}.png").convert("RGB"), int)
    assert np.abs(small - golden).mean() < 4, (
        "the set changed; look at it, then run `python -m tests.episodic.backbones.stage.painter.paint_golden`"
    )
