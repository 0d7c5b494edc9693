"""Keyframe models in production: made once per entity and look, and made again when they are lost."""

import json
import shutil
from pathlib import Path

import pytest

from episodic.backbones.keyframes.checks import figure_in
from episodic.backbones.keyframes.keyframer import EXPRESSIONS, FIRST_FILE
from episodic.backbones.keyframes.model import VIEWS, open_keyframer
from episodic.backbones.pictures import read_picture
from episodic.backbones.request import ReferencePicture
from episodic.conditioning.delivery import read_received
from episodic.errors import InputError
from episodic.lab.tiny_models.wan import build_wan
from episodic.production.files.names import TAKE_FILE
from episodic.production.files.take_file import read_take
from episodic.production.graph.graph import ProductionGraph
from episodic.production.graph.in_process import InProcessRunner
from episodic.production.graph.ledger import Ledger, stale_tasks
from episodic.production.graph.needs import Need, Needs
from episodic.production.graph.runner import Job
from episodic.production.graph.step import Task
from episodic.production.missing_pictures import check_pictures, find_missing
from episodic.production.prepare import prepare
from episodic.production.steps.keyframe import Keyframe, ModelFrames
from episodic.production.steps.parts.take_inputs import picture_needs
from episodic.series.memory_access import open_memory
from episodic.series.series import Series, SeriesSettings
from episodic.series.shooting_settings import Shooting
from episodic.storage.artifacts import Stored
from episodic.studio import Studio, announce
from memory.model.facts import StoryPosition
from memory.queries.recall import Memory, Recall, Source
from planners.plan.model import PlannedProp
from planners.plan_file.read_write import write_plan
from tests.episodic.backbones.keyframes.keyframe_rig import (
    files,
    plan,
    scene,
)


@pytest.fixture(scope="module")
def filmed(tmp_path_factory, root):
    """A series of two episodes. A tiny image-to-video model filmed the first one from frames of a tiny FLUX.2."""
    home = tmp_path_factory.mktemp("told")
    settings = SeriesSettings(
        title="The Lamp",
        size="64x64",
        fps=8,
        backbone=f"wan:{build_wan(home / 'wan', 'i2v')}",
        keyframes=f"flux2:{root}",
        shooting=Shooting(size="64x64", steps=2, consistency="off"),
    )
    series = Series.create(home / "series", settings)
    raincoat = "mara.wearing = yellow raincoat"
    for number, episode in (
        (1, plan(scene("a1", raincoat, shots=2))),
        (2, plan(scene("b1"), scene("b2", "mara.wearing = blue dress"))),
    ):
        series.episode_folder(number).mkdir(parents=True)
        write_plan(series.plan_path(number), episode)
    Studio(series, lambda _: None, InProcessRunner).render([1])
    return series


def needs_of(graph, task):
    return {need for _, need in graph.tasks[task].needs.flat()}


def prepared(series, number):
    with open_memory(series) as memory:
        return prepare(series, number, Studio(series).plan_of(number), memory)


def test_settings_keep_the_keyframe_model(filmed):
    assert Series.open(filmed.root).settings.keyframes == filmed.settings.keyframes


def test_a_shot_that_continues_none_needs_a_first_frame_made_from_sheets(filmed):
    graph = prepared(filmed, 1).graph
    assert needs_of(graph, "keyframe:a1.1") == {"sheet:a1.1/mara", "sheet:a1.1/shore"}
    assert "keyframe:a1.1" in needs_of(graph, "shoot:a1.1")
    assert "keyframe:a1.2" not in graph.tasks
    made = [task for task in graph.tasks.values() if task.kind in ("sheet", "keyframe")]
    assert {task.device for task in made} == {filmed.settings.keyframes}
    assert "wearing yellow raincoat" in graph.tasks["sheet:a1.1/mara"].step.wish.prompts["front"]
    assert graph.tasks["keyframe:a1.1"].step.source.prompt.startswith("Picture 1 is Mara, picture 2 is Shore.")


def test_a_take_receives_the_first_frame_and_its_record_names_the_model(filmed):
    ready = prepared(filmed, 1)
    assert ready.stale == []
    request, take = read_take(filmed.artifacts.folder(ready.graph.keys["shoot:a1.1"]) / TAKE_FILE)
    assert request.first_frame is not None
    assert request.first_frame.name == f"a1.1:keyframe/{FIRST_FILE}"
    assert request.first_frame.name in read_received(take.notes)["picture"]
    record = json.loads((filmed.episode_folder(1) / "delivery.json").read_text())
    first = [delivery for delivery in record["shots"][0]["deliveries"] if delivery["requested"] == "the shot's first frame"]
    assert [(delivery["delivered"], delivery["error"]) for delivery in first] == [("picture", "")]
    assert filmed.settings.keyframes in first[0]["detail"]
    assert not any(delivery["requested"] == "the shot's first frame" for delivery in record["shots"][1]["deliveries"])


def test_memory_keeps_the_artifact_views_and_maker_of_a_sheet(filmed):
    ready = prepared(filmed, 1)
    with open_memory(filmed) as memory:
        canon = memory.as_of(StoryPosition(2, 0))
        before = memory.as_of(StoryPosition(1, 0))
    mara, shore = canon.characters["mara"], canon.locations["shore"]
    assert mara.sheet["artifact"] == ready.graph.keys["sheet:a1.1/mara"]
    views = mara.sheet["views"]
    assert isinstance(views, list)
    assert set(views) <= {*VIEWS, *EXPRESSIONS}
    assert shore.sheet["views"] == ["wide"]
    assert mara.sheet["by"] == open_keyframer(filmed.settings.keyframes).maker
    assert "sheet" not in mara.state
    assert not before.characters or not before.characters["mara"].sheet


def test_the_next_episode_makes_only_the_sheet_of_new_clothes(filmed):
    ready = prepared(filmed, 2)
    stale = [stale_task.task.id for stale_task in ready.stale if stale_task.task.kind == "sheet"]
    assert stale == ["sheet:b2.1/mara"]
    first = Stored(prepared(filmed, 1).graph.keys["sheet:a1.1/mara"])
    assert ready.graph.tasks["sheet:b2.1/mara"].needs.single("like") == first
    shown = {picture.entity: picture.source for picture in reversed(ready.graph.tasks["keyframe:b1.1"].step.source.references)}
    assert shown["mara"] == first
    assert {need for need in needs_of(ready.graph, "keyframe:b1.1") if isinstance(need, str)} == set()


def test_another_look_in_the_same_episode_is_made_like_the_first(filmed, tmp_path):
    series = Series.create(tmp_path / "series", filmed.settings)
    series.episode_folder(1).mkdir(parents=True)
    scenes = (
        scene("c1"),
        scene("c2", "mara.wearing = blue dress"),
        scene("c3", "mara.wearing = nothing"),
        scene("c4", time="night"),
    )
    write_plan(series.plan_path(1), plan(*scenes))
    tasks = prepared(series, 1).graph.tasks
    like = {
        name: tasks[f"sheet:{name}"].needs.optional("like") for name in ("c1.1/mara", "c2.1/mara", "c2.1/shore", "c4.1/shore")
    }
    assert like == {"c1.1/mara": None, "c2.1/mara": "sheet:c1.1/mara", "c2.1/shore": None, "c4.1/shore": "sheet:c1.1/shore"}


def copied(filmed, tmp_path):
    return Series.open(shutil.copytree(filmed.root, tmp_path / "series"))


def test_a_lost_sheet_is_made_again_and_changes_no_key(filmed, tmp_path):
    series = copied(filmed, tmp_path)
    before = prepared(series, 2)
    sheet = prepared(series, 1).graph.keys["sheet:a1.1/mara"]
    made = series.artifacts.folder(sheet)
    first = files(made)["front.png"]
    shutil.rmtree(made)
    ready = prepared(series, 2)
    assert ready.graph.keys == before.graph.keys
    (again,) = (stale_task.task.id for stale_task in ready.stale if stale_task.key == sheet)
    assert again not in {stale_task.task.id for stale_task in before.stale}
    assert again in ready.graph.upstream("keyframe:b1.1")
    assert ready.missing == ()
    with InProcessRunner() as runner:
        runner.submit(Job(task=ready.graph.tasks[again], key=sheet, needs=Needs(), store=series.artifacts)).result()
    assert files(made)["front.png"] == first


def test_a_lost_picture_stops_the_render_and_names_the_episode_to_render_first(filmed, tmp_path):
    series = copied(filmed, tmp_path)
    write_plan(series.plan_path(2), plan(scene("b1", "mara.wearing = blue dress")))
    before, lost = prepared(series, 2), prepared(series, 1).graph.keys["sheet:a1.1/mara"]
    assert before.graph.tasks["sheet:b1.1/mara"].needs.single("like") == Stored(lost)
    shutil.rmtree(series.artifacts.folder(lost))
    ready = prepared(series, 2)
    assert ready.graph.keys == before.graph.keys
    with pytest.raises(
        InputError, match=r"sheet:b1.1/mara: the picture of mara is not in artifacts/.*made by episode 1\nrender episode 1 first"
    ):
        Studio(series, lambda _: None, InProcessRunner).render([2])
    assert not any(series.artifacts.has(stale_task.key) for stale_task in ready.stale)
    with pytest.raises(InputError, match="render episode 1 first"):
        announce(ready, lambda _: None)
    Studio(series, lambda _: None, InProcessRunner).render([1])
    assert series.artifacts.has(lost)
    assert prepared(series, 2).missing == ()


def test_the_error_for_a_missing_frame_names_the_episode_that_made_it(filmed):
    frame = ReferencePicture(entity="mara", source=Stored("a" * 64), file="frame.png")
    source_of_frame = ModelFrames(maker="flux2 0123", prompt="", references=(frame,), size=(64, 64))
    step = Keyframe(shot="b1.1", first=True, last=False, seed=1, source=source_of_frame)
    needs: Needs[Need] = Needs({"pictures": picture_needs([frame], "b1.1")})
    graph = ProductionGraph([Task(id="keyframe:b1.1", step=step, version="1", needs=needs)])
    source = Source(scene_id="a1", shot_id="a1.1", artifact="a" * 64, file="frame.png", frame=0)
    memory = Memory(kind="reference", entity="mara", text="", score=1, cost=1, position=StoryPosition(1, 1), take=source)
    with open_memory(filmed) as store:
        stale = stale_tasks(graph, lambda _: False, Ledger())
        recalled = ([{"b1": Recall((memory,), ())}], store, "main")
        (missing,) = find_missing(graph, stale, lambda _: False, *recalled)
        assert find_missing(graph, [], lambda _: False, *recalled) == ()
        assert find_missing(graph, stale, lambda _: True, *recalled) == ()
    assert (missing.entity, missing.episode) == ("mara", 1)
    check_pictures([missing], ["shoot:b1.2"], 2)
    with pytest.raises(InputError, match="render episode 1 first"):
        check_pictures([missing], ["keyframe:b1.1"], 2)


def test_a_moved_keyframe_model_is_the_same_model(filmed, root, tmp_path):
    moved = shutil.copytree(root, tmp_path / "moved")
    settings = filmed.settings.model_copy(update={"keyframes": f"flux2:{moved}"})
    relocated = Series(filmed.root, settings)
    for number in (1, 2):
        assert prepared(relocated, number).graph.keys == prepared(filmed, number).graph.keys
    task = prepared(relocated, 2).graph.tasks["sheet:b2.1/mara"]
    assert (task.device, task.machine.keyframes) == (settings.keyframes, settings.keyframes)


def test_the_keyframe_model_stage_equals_no_keyframe_model(filmed):
    paints = [Series(filmed.root, filmed.settings.model_copy(update={"keyframes": keyframes})) for keyframes in (None, "stage")]
    first, second = (prepared(paint, 1).graph.keys for paint in paints)
    assert first == second


def test_stage_paints_required_frames_when_no_keyframe_model_is_set(filmed, tmp_path):
    model = f"wan:{build_wan(tmp_path / 'wan', 'flf')}"
    settings = filmed.settings.model_copy(update={"keyframes": None, "backbone": model})
    series = Series.create(tmp_path / "series", settings)
    series.episode_folder(1).mkdir(parents=True)
    write_plan(series.plan_path(1), plan(scene("a1", shots=2)))
    Studio(series, lambda _: None, InProcessRunner).render()
    graph = prepared(series, 1).graph
    assert [task.device for task in graph.tasks.values() if task.kind == "keyframe"] == ["", ""]
    for shot, expected in (("a1.1", ["first", "last"]), ("a1.2", ["last"])):
        made = series.artifacts.folder(graph.keys[f"keyframe:{shot}"])
        assert sorted(path.stem for path in made.glob("*.png")) == expected
        take = read_take(series.artifacts.folder(graph.keys[f"shoot:{shot}"]) / TAKE_FILE)[1]
        assert read_received(take.notes)["picture"] == [f"{shot}:keyframe/{end}.png" for end in expected]
    first, last = (read_picture(series.artifacts.folder(graph.keys["keyframe:a1.1"]) / f"{end}.png") for end in ("first", "last"))
    assert first.shape == last.shape == (64, 64, 3)


def test_stage_paints_no_frame_for_a_backbone_that_needs_none(filmed, tmp_path):
    model = f"wan:{build_wan(tmp_path / 'wan', 'ti2v')}"
    bare = Series(filmed.root, filmed.settings.model_copy(update={"keyframes": None, "backbone": model}), filmed.forks)
    assert not any(task.kind == "keyframe" for task in prepared(bare, 1).graph.tasks.values())
    drawn = Series(filmed.root, filmed.settings.model_copy(update={"backbone": model}), filmed.forks)
    assert "keyframe:a1.1" in prepared(drawn, 1).graph.tasks


def series_with_lantern(folder: Path, keyframes: str | None = None) -> Series:
    """Plan two episodes in which Mara holds a lantern, for a tiny VACE; nothing is rendered yet."""
    settings = SeriesSettings(
        title="The Lamp",
        size="64x64",
        fps=8,
        shooting=Shooting(size="64x32", steps=2, consistency="off"),
        backbone=f"wan:{build_wan(folder / 'vace', 'vace')}",
        keyframes=keyframes,
    )
    series = Series.create(folder / "series", settings)
    lantern = {"lantern": PlannedProp(description="a brass lantern")}
    for number, episode in ((1, scene("a1", "mara.holding = lantern")), (2, scene("b1"))):
        series.episode_folder(number).mkdir(parents=True)
        write_plan(series.plan_path(number), plan(episode, props=lantern))
    return series


@pytest.fixture(scope="module")
def carried(tmp_path_factory):
    """A series whose first episode is filmed with painted sheets."""
    home = tmp_path_factory.mktemp("carried")
    series = series_with_lantern(home)
    Studio(series, lambda _: None, InProcessRunner).render([1])
    return series


def test_a_take_receives_the_picture_of_a_held_prop(carried):
    ready = prepared(carried, 1)
    assert ready.stale == []
    request, take = read_take(carried.artifacts.folder(ready.graph.keys["shoot:a1.1"]) / TAKE_FILE)
    assert [reference.name for reference in request.references][:3] == [
        "mara:sheet/front.png",
        "shore:sheet/wide.png",
        "lantern:sheet/front.png",
    ]
    assert "lantern:sheet/front.png" in read_received(take.notes)["picture"]
    record = json.loads((carried.episode_folder(1) / "delivery.json").read_text())
    (delivery,) = (
        delivery
        for delivery in record["shots"][0]["deliveries"]
        if (delivery["kind"], delivery["entity"]) == ("picture", "lantern")
    )
    assert (delivery["requested"], delivery["delivered"], delivery["error"]) == ("the prop by itself", "picture", "")
    picture = read_picture(carried.artifacts.folder(ready.graph.keys["sheet:a1.1/lantern"]) / "front.png")
    figure = figure_in(picture)
    assert figure is not None
    assert 0.1 < figure.mean() < 0.9


def test_the_next_episode_reuses_the_prop_sheet_in_memory(carried):
    sheet = prepared(carried, 1).graph.keys["sheet:a1.1/lantern"]
    with open_memory(carried) as memory:
        lantern = memory.as_of(StoryPosition(2, 0)).props["lantern"]
    assert (lantern.sheet["artifact"], lantern.sheet["views"], lantern.sheet["by"]) == (sheet, ["front"], "stage")
    assert "sheet" not in lantern.state
    ready = prepared(carried, 2)
    assert not any(stale_task.task.kind == "sheet" for stale_task in ready.stale)
    shown = {picture.entity: picture.source for picture in ready.conditioned.briefs["b1.1"].request.references}
    assert shown["lantern"] == Stored(sheet)


def test_the_episode_that_shows_a_prop_makes_its_lost_sheet_again(carried, tmp_path):
    series = copied(carried, tmp_path)
    before, sheet = prepared(series, 2), prepared(series, 1).graph.keys["sheet:a1.1/lantern"]
    first = files(series.artifacts.folder(sheet))
    shutil.rmtree(series.artifacts.folder(sheet))
    ready = prepared(series, 2)
    assert ready.graph.keys == before.graph.keys
    assert ready.missing == ()
    (again,) = (stale_task.task.id for stale_task in ready.stale if stale_task.key == sheet)
    assert again in ready.graph.upstream("shoot:b1.1")
    Studio(series, lambda _: None, InProcessRunner).render([2])
    again_made = files(series.artifacts.folder(sheet))
    assert {name: again_made[name] for name in ("front.png", "sheet.json")}.items() <= first.items()
    assert prepared(series, 2).stale == []


def test_memory_adds_a_sheet_for_the_new_description_of_a_prop(carried, tmp_path):
    series = copied(carried, tmp_path)
    lantern = {"lantern": PlannedProp(description="a tall green lantern")}
    write_plan(series.plan_path(2), plan(scene("b1"), props=lantern))
    assert "sheet:b1.1/lantern" in prepared(series, 2).graph.tasks
    before = announced(series)
    Studio(series, lambda _: None, InProcessRunner).render([2])
    with open_memory(series) as memory:
        prop = memory.as_of(StoryPosition(3, 0)).props["lantern"]
    assert prop.description == "a tall green lantern"
    assert prop.sheet["artifact"] == prepared(series, 2).graph.keys["sheet:b1.1/lantern"]
    assert prop.sheet["others"]
    assert before == []


def announced(series):
    """Return the missing pictures that a dry run of the second episode reports."""
    ready = prepared(series, 2)
    announce(ready, lambda _: None)
    return list(ready.missing)


def test_a_first_frame_uses_and_names_the_prop_sheet_of_the_model(tmp_path, root):
    series = series_with_lantern(tmp_path, keyframes=f"flux2:{root}")
    tasks = prepared(series, 1).graph.tasks
    assert tasks["sheet:a1.1/lantern"].device == series.settings.keyframes
    assert "a brass lantern" in tasks["sheet:a1.1/lantern"].step.wish.prompt
    assert tasks["sheet:a1.1/lantern"].needs == Needs()
    assert "sheet:a1.1/lantern" in [need for _, need in tasks["keyframe:a1.1"].needs.flat()]
    assert "picture 3 is lantern" in tasks["keyframe:a1.1"].step.source.prompt
