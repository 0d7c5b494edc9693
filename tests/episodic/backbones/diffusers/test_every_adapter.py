"""Every adapter shoots a whole episode with a real pipeline of random weights."""

import json
from fractions import Fraction

import av
import numpy as np
import pytest

from episodic.backbones.diffusers.families.family_registry import FAMILIES, GENERIC
from episodic.backbones.diffusers.machine.host import the_host
from episodic.backbones.registry import open_backbone
from episodic.conditioning.delivery import read_received
from episodic.lab.backbone_bench.capability_table import capability_forms, delivered_forms
from episodic.lab.backbone_bench.film import bench_plan, bench_series, render_bench_film
from episodic.lab.backbone_bench.models import TINY_MODELS, build_tiny, build_tiny_keyframer
from episodic.production.files.names import TAKE_FILE
from episodic.production.files.take_file import read_take
from episodic.production.graph.in_process import InProcessRunner
from episodic.series.shooting_settings import Shooting
from episodic.studio import Studio
from tests.shots import footage_of

STEPS, SECONDS = 3, 0.5


@pytest.fixture(scope="module", autouse=True)
def _released():
    yield
    the_host().release()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("adapters")


@pytest.fixture(scope="module")
def series_of(place):
    """Return a planned series for the tiny model of that name; all of them share speech, previsualisations and sheets."""

    def make(name):
        models, tiny = place / "models", TINY_MODELS[name]
        return bench_series(
            place / name,
            build_tiny(name, models),
            Shooting(size=tiny.size, steps=STEPS),
            bench_plan(seconds=SECONDS),
            keyframes=build_tiny_keyframer(models) if tiny.begins_with_picture else None,
            artifacts=place / "artifacts",
        )

    return make


def seconds_heard(film):
    with av.open(str(film)) as file:
        return float(sum(Fraction(block.samples, block.sample_rate) for block in file.decode(audio=0)))


def test_every_family_has_a_tiny_model():
    assert {model.family for model in TINY_MODELS.values()} == {*FAMILIES, GENERIC}


@pytest.mark.parametrize("name", list(TINY_MODELS))
def test_a_film_is_made_with_every_memory_that_the_model_takes(name, series_of):
    series = series_of(name)
    film = render_bench_film(series, InProcessRunner)
    (ready,) = Studio(series).status([1])
    folders = [
        series.artifacts.folder(ready.graph.keys[f"shoot:{shot.id}"]) for scene in ready.plan.scenes for shot in scene.shots
    ]
    takes = [read_take(folder / TAKE_FILE) for folder in folders]

    with av.open(str(film)) as file:
        pictures = [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]
    assert len(pictures) == sum(request.frames for request, _ in takes)
    assert {picture.shape for picture in pictures} == {(64, 128, 3)}
    assert np.stack(pictures).std() > 0
    assert seconds_heard(film) == pytest.approx(len(pictures) / 8, abs=0.1)

    width, _, height = TINY_MODELS[name].size.partition("x")
    sizes = {(footage.width, footage.height) for footage in (footage_of(take) for _, take in takes)}
    assert sizes == {(int(width), int(height))}

    record = json.loads((series.episode_folder(1) / "delivery.json").read_text())
    assert [delivery["error"] for shot in record["shots"] for delivery in shot["deliveries"] if delivery["error"]] == []
    expected, forms = (
        capability_forms(open_backbone(series.settings.backbone, series.settings.shooting)),
        delivered_forms(record),
    )
    assert forms == {kind: expected[kind] for kind in forms}
    assert {"look", "motion", "light", "voice", "frames"} <= forms.keys()

    # the lantern is held in the last shot only
    shown = [
        delivery
        for delivery in record["shots"][-1]["deliveries"]
        if (delivery["kind"], delivery["entity"]) == ("picture", "lantern")
    ]
    can = open_backbone(series.settings.backbone, series.settings.shooting).capabilities
    assert [delivery["delivered"] for delivery in shown] == (["picture"] if can.reference_pictures else [])


def test_stage_paints_the_first_frame_for_a_model_that_needs_one(place):
    spec, how = build_tiny("wan-i2v", place / "models"), Shooting(size="64x32", steps=STEPS)
    series = bench_series(place / "no-keyframes", spec, how, bench_plan(seconds=SECONDS), artifacts=place / "artifacts")
    render_bench_film(series, InProcessRunner)
    (ready,) = Studio(series).status([1])
    take = read_take(series.artifacts.folder(ready.graph.keys["shoot:q1.1"]) / TAKE_FILE)[1]
    assert read_received(take.notes)["picture"] == ["q1.1:keyframe/first.png"]
