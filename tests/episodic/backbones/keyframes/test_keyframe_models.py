"""Keyframe models: sheets whose views agree, plates, first frames; made once per entity and look, and kept in the canon."""

import dataclasses
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from episodic.backbones.diffusers.families.flux2 import Flux2
from episodic.backbones.keyframes.checks import figure_in, picture_fault
from episodic.backbones.keyframes.keyframer import EXPRESSIONS, FIRST_FILE
from episodic.backbones.keyframes.model import VIEWS, KeyframeModel, Painter, open_keyframer
from episodic.backbones.keyframes.sheet_file import open_sheet
from episodic.backbones.keyframes.sheets import draw_plate, draw_prop_sheet, draw_sheet
from episodic.backbones.keyframes.wishes import CharacterWanted, FramesWanted, PlaceWanted, PropWanted
from episodic.backbones.pictures import read_picture, write_picture
from episodic.backbones.protocol import Capabilities
from episodic.backbones.request import MadeHere, ReferencePicture, Setting
from episodic.conditioning.cast import cast_episode
from episodic.conditioning.delivery import Delivery, read_received
from episodic.conditioning.first_frames import FrameBrief, brief_frames
from episodic.conditioning.prompt.picture_prompt import picture_key, plate_prompt, prop_prompt, view_prompts, worn_words
from episodic.conditioning.reference_sheets import SheetBook, known_sheets, known_views, sheet_fact, with_sheets
from episodic.conditioning.shot_brief import brief_episode
from episodic.errors import BackboneError, InputError
from episodic.lab.tiny_models.flux2 import build_flux2
from episodic.lab.tiny_models.wan import build_wan
from episodic.looks.look import character_look, prop_look
from episodic.looks.places import location_look
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
from episodic.quality.likeness import look_likeness
from episodic.series.memory_access import open_memory
from episodic.series.series import Series, SeriesSettings
from episodic.series.shooting_settings import Shooting
from episodic.storage.artifacts import Stored
from episodic.studio import Studio, announce
from memory.model.canon import Canon, Character, Prop, empty_canon
from memory.model.facts import FactValue, StoryPosition
from memory.queries.recall import Memory, Recall, Source
from planners.plan.model import CastMember, EpisodePlan, FactText, Place, PlannedProp, Scene, Shot
from planners.plan_file.read_write import write_plan
from tests.conditioned_models import Reader

LOOK = character_look(kind="human", name="Mara", description="old keeper, grey braid, yellow raincoat", seed=3)
OTHER = character_look(kind="human", name="Tom", description="young boy in a red coat, black hair", seed=9)
PROMPTS = view_prompts("Mara, old keeper", "wearing yellow raincoat", "storybook")
WANTED = CharacterWanted(kind="human", look=LOOK, style="storybook", prompts=PROMPTS, seed=5)
LANTERN = PropWanted(
    look=prop_look(name="lantern", description="", seed=1),
    style="storybook",
    prompt=prop_prompt("lantern, a brass lantern", "", "storybook"),
    seed=5,
)
AREA = 320 * 320


def painted(look, folder):
    sheet = draw_sheet("human", look, "storybook", folder, 384)
    return read_picture(sheet.folder / sheet.pictures["front"].file)


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    """Two people from the front, as they are painted."""
    return {name: painted(look, tmp_path_factory.mktemp(name)) for name, look in (("mara", LOOK), ("tom", OTHER))}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return build_flux2(tmp_path_factory.mktemp("flux2"))


@pytest.fixture(scope="module")
def model(root):
    return open_keyframer(f"flux2:{root}")


class Scripted(Flux2):
    """Loads the real tiny model and answers with pictures of its own."""

    def __init__(self, answer, *, edits=False, tokens=480):
        self.answer, self.edits, self.tokens, self.calls = answer, edits, tokens, []

    def rules(self, folder):
        return dataclasses.replace(super().rules(folder), needs_reference=self.edits, text_tokens=self.tokens)

    def call(self, loaded, request, device):
        self.calls.append(request)
        image = Image.fromarray(self.answer(request))
        image.thumbnail((request.width, request.height))
        ground = Image.new("RGB", (request.width, request.height), (216, 216, 216))
        ground.paste(image, ((request.width - image.width) // 2, (request.height - image.height) // 2))
        return np.asarray(ground)


def scripted(root, answer, **how):
    family = Scripted(answer, **how)
    return family, KeyframeModel(f"flux2:{root}", family=family, area=AREA)


def view_of(request):
    return next(view for view in PROMPTS if PROMPTS[view] in request.prompt)


def files(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


# --- pictures ---


def test_a_figure_is_found_before_a_plain_ground_and_none_before_a_busy_one(faces):
    figure = figure_in(faces["mara"])
    assert figure is not None
    assert 0.2 < figure.mean() < 0.8
    assert not figure[:4].any()
    noise = np.random.default_rng(1).integers(0, 256, faces["mara"].shape, np.uint8)
    assert figure_in(noise) is None
    assert figure_in(np.full((64, 64, 3), 216, np.uint8)) is None


@pytest.mark.parametrize(("level", "fault"), [(0, "black"), (255, "burnt out"), (120, "blank")])
def test_pictures_of_nothing_have_a_fault(level, fault):
    assert fault in picture_fault(np.full((64, 64, 3), level, np.uint8))


def test_pictures_of_one_person_are_alike_and_of_two_are_not(faces, tmp_path):
    sheet = draw_sheet("human", LOOK, "storybook", tmp_path, 384)
    for view in ("side", "happy"):
        assert look_likeness().likeness(faces["mara"], read_picture(tmp_path / sheet.pictures[view].file)) > 0.7
    assert look_likeness().likeness(faces["mara"], faces["tom"]) < 0.3
    assert picture_fault(faces["mara"]) == ""


# --- sheets ---


def test_a_sheet_has_every_view_and_can_be_opened(model, tmp_path):
    sheet = model.sheet(WANTED, tmp_path, look_likeness())
    assert open_sheet(tmp_path) == sheet
    assert {*sheet.pictures, *sheet.left_out} == {*VIEWS, *EXPRESSIONS}
    note = json.loads((tmp_path / "sheet.json").read_text())["made"]
    assert note["model"] == model.version
    assert note["pictures"]["front"]["prompt"] == PROMPTS["front"]


def test_the_same_wish_gives_the_same_bytes_and_another_seed_others(model, tmp_path):
    small = dataclasses.replace(WANTED, prompts={view: PROMPTS[view] for view in ("front", "side")})
    for name, wish in (("a", small), ("b", small), ("c", dataclasses.replace(small, seed=6))):
        model.sheet(wish, tmp_path / name, look_likeness())
    first, again, other = (files(tmp_path / name) for name in "abc")
    assert first == again
    assert first["front.png"] != other["front.png"]


def test_the_front_comes_first_and_every_other_view_is_shown_it(root, faces, tmp_path):
    family, model = scripted(root, lambda _: faces["mara"])
    sheet = model.sheet(WANTED, tmp_path, look_likeness())
    assert not sheet.left_out
    assert [view_of(call) for call in family.calls] == [*VIEWS, *EXPRESSIONS]
    front = read_picture(tmp_path / "front.png")
    assert family.calls[0].references == ()
    assert all(len(call.references) == 1 and np.array_equal(call.references[0], front) for call in family.calls[1:])
    assert len({call.seed for call in family.calls}) == len(family.calls)
    left, top, right, bottom = sheet.pictures["front"].box
    assert (right - left) < sheet.pictures["front"].width
    assert (bottom - top) > (right - left)


def test_a_view_that_shows_somebody_else_is_made_again_and_then_left_out_with_the_reason(root, faces, tmp_path):
    def answer(request):
        seen = sum(view_of(call) == view_of(request) for call in family.calls)
        strange = view_of(request) == "back" or (view_of(request) == "side" and seen < 3)
        return faces["tom" if strange else "mara"]

    family, model = scripted(root, answer)
    sheet = model.sheet(WANTED, tmp_path, look_likeness())
    assert "back" not in sheet.pictures
    assert not (tmp_path / "back.png").exists()
    assert "not like the front view" in open_sheet(tmp_path).left_out["back"]
    seeds = [call.seed for call in family.calls if view_of(call) == "back"]
    assert len(seeds) == len(set(seeds)) == 3
    made = json.loads((tmp_path / "sheet.json").read_text())["made"]["pictures"]
    assert made["side"]["tries"] == 3
    assert made["side"]["likeness"] > 0.7
    assert made["front"]["tries"] == 1


def test_without_a_front_there_is_no_sheet(root, tmp_path):
    black = KeyframeModel(f"flux2:{root}", family=Black(), area=64 * 64)
    with pytest.raises(BackboneError, match=r"no front view came out in 3 tries: it is black.*seed"):
        black.sheet(WANTED, tmp_path, look_likeness())
    assert not (tmp_path / "sheet.json").exists()


class Black(Flux2):
    def call(self, loaded, request, device):
        return np.zeros((request.height, request.width, 3), np.uint8)


def test_a_model_that_only_changes_pictures_begins_with_what_stage_paints(root, faces, tmp_path):
    family, model = scripted(root, lambda _: faces["mara"], edits=True)
    model.sheet(WANTED, tmp_path / "sheet", look_likeness())
    assert np.array_equal(family.calls[0].references[0], painted_full(tmp_path / "rough"))
    assert "rough picture" in family.calls[0].prompt
    before = len(family.calls)
    model.plate(PlaceWanted(setting=setting(), style="storybook", prompt="a harbour"), tmp_path / "plate")
    assert len(family.calls[before].references) == 1


def painted_full(folder):
    sheet = draw_sheet("human", LOOK, "storybook", folder)
    return read_picture(folder / sheet.pictures["front"].file)


def test_new_clothes_are_put_on_the_same_person_and_another_hour_falls_on_the_same_place(root, faces, tmp_path):
    family, model = scripted(root, lambda _: faces["mara"])
    write_picture(tmp_path / "before.png", faces["tom"])
    model.sheet(dataclasses.replace(WANTED, like=tmp_path / "before.png"), tmp_path / "sheet", look_likeness())
    assert np.array_equal(family.calls[0].references[0], faces["tom"])
    assert "unchanged in face" in family.calls[0].prompt
    assert "unchanged in face and build" not in family.calls[1].prompt
    before = len(family.calls)
    model.plate(PlaceWanted(setting=setting(), style="noir", prompt="night", like=tmp_path / "before.png"), tmp_path / "plate")
    assert np.array_equal(family.calls[before].references[0], faces["tom"])


def setting():
    return Setting(location="harbour", look=location_look(name="harbour", description="", seed=3))


def test_a_plate_is_a_sheet_of_one_picture_in_the_films_shape(model, tmp_path):
    sheet = model.plate(PlaceWanted(setting=setting(), style="storybook", prompt="a harbour", size=(1280, 720)), tmp_path)
    assert open_sheet(tmp_path) == sheet
    assert list(sheet.pictures) == ["wide"]
    assert 1.4 < sheet.pictures["wide"].width / sheet.pictures["wide"].height < 2.2


def test_a_prop_is_a_sheet_of_one_square_picture(model, tmp_path):
    sheet = model.prop(LANTERN, tmp_path / "a")
    assert open_sheet(tmp_path / "a") == sheet
    assert list(sheet.pictures) == ["front"]
    assert sheet.pictures["front"].width == sheet.pictures["front"].height
    model.prop(LANTERN, tmp_path / "b")
    model.prop(dataclasses.replace(LANTERN, seed=6), tmp_path / "c")
    first, again, other = (files(tmp_path / name) for name in "abc")
    assert first == again
    assert first["front.png"] != other["front.png"]
    assert json.loads(first["sheet.json"])["made"]["pictures"]["front"]["prompt"] == LANTERN.prompt


def test_a_prop_that_comes_out_black_is_no_sheet(root, tmp_path):
    with pytest.raises(BackboneError, match=r"no picture of the prop came out in 3 tries: it is black.*seed"):
        KeyframeModel(f"flux2:{root}", family=Black(), area=64 * 64).prop(LANTERN, tmp_path)
    assert not (tmp_path / "sheet.json").exists()


def test_a_prop_is_redrawn_from_the_painted_one_or_changed_from_an_earlier_one(root, faces, tmp_path):
    family, model = scripted(root, lambda _: faces["mara"], edits=True)
    model.prop(LANTERN, tmp_path / "a")
    rough = draw_prop_sheet(LANTERN.look, "storybook", tmp_path / "rough")
    assert np.array_equal(family.calls[0].references[0], read_picture(tmp_path / "rough" / rough.pictures["front"].file))
    assert family.calls[0].prompt.startswith("Redraw this rough picture in full detail, keeping shape")
    model.prop(dataclasses.replace(LANTERN, like=tmp_path / "a" / "front.png"), tmp_path / "b")
    assert np.array_equal(family.calls[1].references[0], read_picture(tmp_path / "a" / "front.png"))
    assert "same object" in family.calls[1].prompt


# --- first frames ---


def frame(model, folder, *pictures, prompt="Mara on the shore", seed=1):
    references = []
    folder.mkdir(parents=True)
    for number, picture in enumerate(pictures):
        path = folder.parent / f"{folder.name}-{number}.png"
        write_picture(path, picture)
        references.append(ReferencePicture(entity=f"e{number}", source=MadeHere("sheet"), file="front.png", path=path))
    wish = FramesWanted(shot_id="s1", prompt=prompt, references=tuple(references), size=(640, 360), seed=seed)
    model.frames(wish, folder)
    return read_picture(folder / FIRST_FILE)


def test_a_first_frame_follows_from_all_its_references(model, faces, tmp_path):
    mara, tom = faces["mara"], faces["tom"]
    whole = frame(model, tmp_path / "a", mara, tom)
    assert np.array_equal(whole, frame(model, tmp_path / "b", mara, tom))
    assert not np.array_equal(whole, frame(model, tmp_path / "c", mara, mara))
    assert not np.array_equal(whole, frame(model, tmp_path / "d", tom, tom))
    assert whole.shape[1] > whole.shape[0]


def test_its_note_says_what_it_was_really_shown(model, faces, tmp_path):
    most = model.capabilities.reference_pictures
    frame(model, tmp_path / "a", *[faces["mara"]] * (most + 2))
    note = json.loads((tmp_path / "a" / "keyframe.json").read_text())
    assert note["pictures"]["first"]["references"] == [f"e{number}:sheet/front.png" for number in range(most)]
    assert note["pictures"]["first"]["prompt"] == "Mara on the shore"


def test_a_first_frame_of_nothing_is_refused(root, faces, tmp_path):
    black = KeyframeModel(f"flux2:{root}", family=Black(), area=64 * 64)
    with pytest.raises(BackboneError, match=r"shot s1.*no first frame in 3 tries: it is black"):
        frame(black, tmp_path / "a", faces["mara"])


def test_a_last_frame_is_shown_the_first_one_in_place_of_what_does_not_fit(root, faces, tmp_path):
    family, model = scripted(root, lambda _: faces["mara"])
    most = model.capabilities.reference_pictures
    path = tmp_path / "front.png"
    write_picture(path, faces["tom"])
    shown = tuple(ReferencePicture(entity=f"e{n}", source=MadeHere("sheet"), file="front.png", path=path) for n in range(most))
    wish = FramesWanted(shot_id="s1", prompt="First.", last_prompt="Last.", references=shown, size=(640, 360), seed=1, last=True)
    model.frames(wish, tmp_path)
    first, last = family.calls
    assert first.prompt.endswith("First.")
    assert last.prompt.endswith("Last.")
    assert len(first.references) == len(last.references) == most
    assert np.array_equal(last.references[-1], read_picture(tmp_path / FIRST_FILE))
    note = json.loads((tmp_path / "keyframe.json").read_text())["pictures"]
    assert note["first"]["references"] == [picture.name for picture in shown]
    assert note["last"]["references"] == [*(picture.name for picture in shown[:-1]), "s1:first.png"]


def test_the_prompt_of_a_last_frame_counts_what_it_is_shown():
    brief, cast = brief_and_cast()
    book = SheetBook(cast=cast, by="stage")
    for first, expected in (
        (True, ("Picture 1 is Mara, picture 2 is Shore. ", "Picture 1 is Mara, picture 2 is the first frame. ")),
        (False, ("Picture 1 is Mara, picture 2 is Shore. ", "")),
    ):
        wishes = {"a1.1": FrameBrief(first=first, last=True)}
        briefs = {"a1.1": brief}
        briefed = brief_frames(wishes, briefs, {"a1.1": ()}, cast, CAN, lambda text: len(text.split()), book)["a1.1"]
        assert briefed.prompt.startswith(expected[0])
        assert briefed.last_prompt.startswith(expected[1])
        assert bool(briefed.last_prompt) == first


# --- who makes them ---


def test_without_a_model_the_painter_draws(tmp_path):
    painter = open_keyframer(None)
    assert isinstance(painter, Painter)
    painter.sheet(WANTED, tmp_path / "a", look_likeness())
    draw_sheet("human", LOOK, "storybook", tmp_path / "b")
    assert files(tmp_path / "a") == files(tmp_path / "b")
    painter.prop(LANTERN, tmp_path / "e")
    draw_prop_sheet(LANTERN.look, "storybook", tmp_path / "f")
    assert files(tmp_path / "e") == files(tmp_path / "f")
    painter.plate(PlaceWanted(setting=setting(), style="noir", size=(320, 180)), tmp_path / "c")
    draw_plate(setting(), "noir", tmp_path / "d", 320, 180)
    assert files(tmp_path / "c") == files(tmp_path / "d")
    with pytest.raises(BackboneError, match="expected the shot as stage plays it"):
        painter.frames(FramesWanted(shot_id="s1", prompt="", references=(), size=(64, 64), seed=1), tmp_path)


def test_a_wrong_name_is_one_message_with_the_right_one(root, tmp_path):
    with pytest.raises(InputError, match=r"name it as: flux2:"):
        open_keyframer(f"sdxl-ip:{root}")
    with pytest.raises(InputError, match=r"no model family 'wan'.*flux2, qwen-edit, sdxl-ip"):
        open_keyframer(f"wan:{root}")
    wan = build_wan(tmp_path / "wan", "t2v")
    with pytest.raises(InputError, match=r"WanPipeline, which makes no keyframes.*Flux2KleinPipeline"):
        open_keyframer(f"flux2:{wan}")
    with pytest.raises(BackboneError, match="episodic models fetch"):
        open_keyframer("flux2:owner/not-fetched")


# --- words ---


def test_prompts_say_the_view_first_then_who_and_what_is_worn():
    worn = worn_words({"wearing": "yellow raincoat", "hair": "cut short", "holding": "lantern", "mood": "sad"})
    assert worn == "wearing yellow raincoat, hair: cut short"
    prompts = view_prompts("Mara, old keeper.", worn, "noir")
    assert {*VIEWS, *EXPRESSIONS} <= prompts.keys()
    assert len(set(prompts.values())) == len(prompts)
    for view, words in (("front", "front view"), ("back", "seen from behind"), ("happy", "happy smile")):
        assert (
            prompts[view].index(words)
            < prompts[view].index("light-grey background")
            < prompts[view].index("Mara, old keeper, wear")
        )


def test_what_a_short_text_encoder_cannot_read_is_cut_and_noted(root, faces, tmp_path):
    family, model = scripted(root, lambda _: faces["mara"], tokens=60)
    model.sheet(dataclasses.replace(WANTED, prompts={"front": PROMPTS["front"]}), tmp_path, look_likeness())
    prompt = family.calls[0].prompt
    assert model.count_tokens(prompt) <= 60 < model.count_tokens(PROMPTS["front"])
    note = json.loads((tmp_path / "sheet.json").read_text())["made"]["pictures"]["front"]
    assert f"{prompt} {note['cut']}" == PROMPTS["front"]


def test_a_plates_prompt_has_nobody_in_it_and_says_the_hour():
    setting = Setting(location="lamp_room", look={"indoors": True}, time="dusk", weather="rain", temperature_k=3000)
    prompt = plate_prompt("Lamp room, round glass room", setting, "storybook")
    assert "nobody in it: Lamp room, round glass room." in prompt
    assert "at dusk" in prompt
    assert "Rain runs down the windows." in prompt


def test_a_props_prompt_shows_it_whole_and_by_itself():
    prompt = prop_prompt("lantern, a brass lantern.", worn_words({"color": "green", "found": "in the cellar"}), "noir")
    assert (
        prompt.index("the whole object by itself")
        < prompt.index("light-grey background")
        < prompt.index("lantern, a brass lantern")
    )
    assert "a brass lantern, green in colour." in prompt
    assert "cellar" not in prompt


def test_pictures_are_named_in_the_prompt():
    assert picture_key(["mara", "lamp_room"], {"mara": "Mara"}) == "Picture 1 is Mara, picture 2 is lamp room."
    assert picture_key([], {}) == ""


# --- canon ---


def plan(*scenes, **more):
    cast = {"mara": CastMember(kind="human", description="old keeper, grey braid")}
    return EpisodePlan(
        title="The Lamp", cast=cast, locations={"shore": Place(description="a pebble beach")}, scenes=scenes, **more
    )


def scene(name, *facts, shots=1, **more):
    statements = tuple(FactText.model_validate(fact) for fact in facts)
    made = tuple(
        Shot(id=f"{name}.{number}", focus=("mara",), seconds=0.5, continues=number > 1) for number in range(1, shots + 1)
    )
    return Scene(id=name, at="shore", synopsis=f"What happens in {name}.", shots=made, facts=statements, **more)


CAN = Capabilities(name="some", max_performers=4, text_tokens=500, reference_pictures=2)


def brief_and_cast():
    episode = plan(scene("a1"))
    cast = cast_episode(episode, empty_canon(), 1)
    return brief_episode(episode, cast, Reader(capabilities=CAN), size=(64, 64), fps=8)["a1.1"], cast


def remembered(entity, key="a" * 64):
    picture = ReferencePicture(entity=entity, source=Stored(key), file="frame-1.png")
    return Delivery(kind="picture", entity=entity, text="as seen", form="picture", name=picture.name, picture=picture)


def test_what_a_model_made_comes_before_remembered_pictures_and_what_is_painted_after():
    brief, cast = brief_and_cast()
    for model, expected in (
        (True, ["mara:sheet/front.png", "shore:sheet/wide.png"]),
        (False, [remembered("mara").name, "shore:sheet/wide.png"]),
    ):
        book = SheetBook(cast=cast, by="flux2:./m" if model else "stage", model=model)
        deliveries = with_sheets([remembered("mara")], brief, CAN, book)
        assert [delivery.name for delivery in deliveries if delivery.form == "picture"] == expected
        assert sum(delivery.dropped == "no slot" for delivery in deliveries) == (1 if model else 0)


def shot_of(size, emotion):
    brief, cast = brief_and_cast()
    performers = tuple(dataclasses.replace(performer, emotion=emotion) for performer in brief.request.performers)
    return brief.with_request(dataclasses.replace(brief.request, size=size, performers=performers)), cast


def handed(deliveries):
    return [delivery.name.replace("sheet/", "") for delivery in deliveries if delivery.form == "picture"]


@pytest.mark.parametrize(
    ("size", "emotion", "room", "expected"),
    [
        ("close", "afraid", 2, ["mara:afraid.png", "shore:wide.png"]),
        ("close", "neutral", 2, ["mara:front.png", "shore:wide.png"]),
        ("close", "tender", 2, ["mara:front.png", "shore:wide.png"]),
        ("medium", "afraid", 2, ["mara:front.png", "shore:wide.png"]),
        ("medium", "afraid", 3, ["mara:front.png", "shore:wide.png", "mara:three_quarter.png"]),
        ("close", "afraid", 8, [f"mara:{v}.png" for v in ("afraid", "front", "three_quarter", "side")]),
    ],
)
def test_a_close_up_shows_the_feeling_and_further_views_come_where_there_is_room(size, emotion, room, expected):
    brief, cast = shot_of(size, emotion)
    can = dataclasses.replace(CAN, reference_pictures=room)
    deliveries = with_sheets((), brief, can, SheetBook(cast=cast, by="stage"))
    assert [name for name in handed(deliveries) if room < 4 or "shore" not in name] == expected
    assert not any(delivery.dropped for delivery in deliveries)


def test_of_a_models_sheet_only_views_that_memory_knows_are_asked_for():
    brief, cast = shot_of("close", "afraid")
    book = SheetBook(cast=cast, by="flux2 0123", model=True)
    can = dataclasses.replace(CAN, reference_pictures=4)
    assert handed(with_sheets((), brief, can, book)) == ["mara:front.png", "shore:wide.png"]
    look = book.order("mara", brief).look
    known = dataclasses.replace(book, known={"mara": {look: "a1b2"}}, views={"a1b2": ("front", "back", "afraid")})
    assert handed(with_sheets((), brief, can, known)) == ["mara:a1b2/afraid.png", "shore:wide.png", "mara:a1b2/front.png"]
    frontless = dataclasses.replace(known, views={"a1b2": ("three_quarter",)})
    assert frontless.source("mara", brief) == MadeHere("sheet")


def holding(what="lantern", **more):
    """Mara with a prop in her hand; the brief of the shot and the cast."""
    episode = plan(scene("a1", f"mara.holding = {what}"), props={what: PlannedProp(description=f"a brass {what}")})
    cast = cast_episode(episode, empty_canon(), 1)
    return brief_episode(episode, cast, Reader(capabilities=CAN), size=(64, 64), fps=8, **more)["a1.1"], cast


def roomy(room):
    return dataclasses.replace(CAN, reference_pictures=room)


@pytest.mark.parametrize(("book", "how"), [("stage", {}), ("flux2 0123", {"model": True})])
def test_a_held_prop_is_shown_by_itself_after_everybody_and_the_place(book, how):
    brief, cast = holding()
    book = SheetBook(cast=cast, by=book, **how)
    assert handed(with_sheets((), brief, roomy(3), book)) == ["mara:front.png", "shore:wide.png", "lantern:front.png"]
    (without,) = (delivery for delivery in with_sheets((), brief, roomy(2), book) if delivery.dropped)
    assert (without.entity, without.dropped) == ("lantern", "no slot")
    assert with_sheets((), brief, roomy(0), book) == ()


def test_what_somebody_out_of_the_frame_holds_is_not_shown():
    brief, cast = holding()
    performers = tuple(dataclasses.replace(performer, in_frame=False) for performer in brief.request.performers)
    unseen = brief.with_request(dataclasses.replace(brief.request, performers=performers))
    deliveries = with_sheets((), unseen, roomy(4), SheetBook(cast=cast, by="stage"))
    assert handed(deliveries) == ["shore:wide.png"]


def test_of_each_there_is_one_picture_before_there_are_two_of_any():
    brief, cast = holding()
    requests = [remembered("mara"), remembered("mara", "b" * 64), remembered("lantern")]
    painted = with_sheets(requests, brief, roomy(4), SheetBook(cast=cast, by="stage"))
    assert handed(painted) == [requests[0].name, "shore:wide.png", requests[2].name, requests[1].name]
    made = with_sheets(requests, brief, roomy(4), SheetBook(cast=cast, by="flux2 0123", model=True))
    assert handed(made) == ["mara:front.png", "shore:wide.png", "lantern:front.png", requests[0].name]
    assert [item.entity for item in made if item.dropped == "no slot"] == ["mara", "lantern"]


def test_a_prop_that_the_painter_does_not_know_is_not_shown_as_another_thing():
    brief, cast = holding("zorble")
    (delivery,) = (
        delivery for delivery in with_sheets((), brief, roomy(4), SheetBook(cast=cast, by="stage")) if delivery.entity == "zorble"
    )
    assert (delivery.form, delivery.dropped) == (None, "unknown")
    assert "no picture of it" in delivery.detail
    made = with_sheets((), brief, roomy(4), SheetBook(cast=cast, by="flux2 0123", model=True))
    assert handed(made)[2] == "zorble:front.png"


def test_a_picture_model_is_asked_for_a_prop_in_words_and_by_its_own_seed():
    brief, cast = holding()
    states: Mapping[str, dict[str, dict[str, FactValue]]] = {"a1.1": {"lantern": {"color": "green"}}}
    order = SheetBook(cast=cast, by="flux2 0123", model=True, states=states).order("lantern", brief)
    assert isinstance(order.wish, PropWanted)
    assert "lantern, a brass lantern, green in colour" in order.wish.prompt
    assert order.wish.seed == cast.props["lantern"].seed != cast.characters["mara"].seed
    plain = SheetBook(cast=cast, by="flux2 0123", model=True).order("lantern", brief)
    assert plain.look != order.look
    painted = SheetBook(cast=cast, by="stage").order("lantern", brief)
    assert painted.subject == {
        "of": "prop",
        "look": dict(cast.props["lantern"].look),
        "style": "storybook",
        "description": "lantern, a brass lantern",
    }
    assert isinstance(painted.wish, PropWanted)
    assert (painted.maker, painted.wish.prompt, painted.wish.seed) == ("", "", 0)


def test_the_sheet_of_a_prop_is_found_again_in_the_canon():
    brief, cast = holding()
    book = SheetBook(cast=cast, by="stage")
    fact = sheet_fact(book.order("lantern", brief).look, ("stage",), "1" * 64, {}, ["front"])
    canon = Canon(position=StoryPosition(2), props={"lantern": Prop(id="lantern", name="lantern", sheet=fact)})
    again = dataclasses.replace(book, known=known_sheets(canon, ("stage",)), views=known_views(canon))
    assert again.source("lantern", brief) == Stored("1" * 64)
    assert book.source("lantern", brief) == MadeHere("sheet")


def test_the_canon_keeps_every_look_that_there_is_a_sheet_of():
    brief, cast = brief_and_cast()
    book = SheetBook(cast=cast, by="flux2:./m", model=True, states={"a1.1": {"mara": {"wearing": "yellow raincoat"}}})
    plain, dressed = (dataclasses.replace(book, states=states).order("mara", brief).look for states in ({}, book.states))
    first = sheet_fact(plain, (book.by,), "1" * 64, {}, ["front", "side"])
    second = sheet_fact(dressed, (book.by,), "2" * 64, first, ["front"])
    assert first["look"] != second["look"]
    mara = Character(id="mara", name="Mara", kind="human", sheet=second)
    canon = Canon(position=StoryPosition(2), characters={"mara": mara})
    known = known_sheets(canon, (book.by, "flux2:./m"))
    assert known == {"mara": {first["look"]: "1" * 64, second["look"]: "2" * 64}}
    assert dataclasses.replace(book, known=known).source("mara", brief) == Stored("2" * 64)
    assert dataclasses.replace(book, known=known, states={}).source("mara", brief) == Stored("1" * 64)
    assert known_sheets(canon, ("stage",)) == {}
    assert known_views(canon) == {"1" * 64: ("front", "side"), "2" * 64: ("front",)}


def test_a_fact_of_an_earlier_version_is_read_and_kept_on():
    brief, cast = brief_and_cast()
    book = SheetBook(cast=cast, by="flux2 0123", called="flux2:/models/m", model=True)
    old: dict[str, FactValue] = {
        "artifact": "2" * 64,
        "look": "b" * 16,
        "by": "flux2:/models/m",
        "views": ["front"],
        "others": {"a" * 16: "1" * 64},
    }
    now = sheet_fact(book.order("mara", brief).look, (book.by, book.called), "3" * 64, old, ["front"])
    for sheet, by in ((old, book.called), (now, book.by)):
        canon = Canon(
            position=StoryPosition(2), characters={"mara": Character(id="mara", name="Mara", kind="human", sheet=sheet)}
        )
        sheets = known_sheets(canon, (book.by, book.called))["mara"]
        assert {sheets["a" * 16], sheets["b" * 16]} == {"1" * 64, "2" * 64}
        assert known_sheets(canon, (by,))["mara"] == sheets


# --- production ---


@pytest.fixture(scope="module")
def filmed(tmp_path_factory, root):
    """Two episodes, the first of them filmed by a tiny image-to-video model that begins with what a tiny FLUX.2 draws."""
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


def test_a_shot_that_begins_afresh_needs_its_first_frame_and_that_its_sheets(filmed):
    graph = prepared(filmed, 1).graph
    assert needs_of(graph, "keyframe:a1.1") == {"sheet:a1.1/mara", "sheet:a1.1/shore"}
    assert "keyframe:a1.1" in needs_of(graph, "shoot:a1.1")
    assert "keyframe:a1.2" not in graph.tasks
    made = [task for task in graph.tasks.values() if task.kind in ("sheet", "keyframe")]
    assert {task.device for task in made} == {filmed.settings.keyframes}
    assert "wearing yellow raincoat" in graph.tasks["sheet:a1.1/mara"].step.wish.prompts["front"]
    assert graph.tasks["keyframe:a1.1"].step.source.prompt.startswith("Picture 1 is Mara, picture 2 is Shore.")


def test_the_take_received_the_first_frame_and_the_record_says_who_made_it(filmed):
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


def test_memory_keeps_the_sheets_with_where_they_were_first_made(filmed):
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


def test_the_next_episode_makes_no_sheet_again_but_of_new_clothes(filmed):
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


def test_a_sheet_whose_artifact_is_gone_is_made_again_and_changes_no_key(filmed, tmp_path):
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


def test_which_episode_brings_back_what_this_one_cannot_make_is_said_before_anything_is_made(filmed, tmp_path):
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


def test_where_a_remembered_key_frame_was_made_is_said(filmed):
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


def test_stage_may_be_named_as_who_paints_the_first_frames(filmed):
    paints = [Series(filmed.root, filmed.settings.model_copy(update={"keyframes": keyframes})) for keyframes in (None, "stage")]
    first, second = (prepared(paint, 1).graph.keys for paint in paints)
    assert first == second


def test_without_a_keyframe_model_stage_paints_what_a_model_cannot_do_without(filmed, tmp_path):
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


def test_a_backbone_that_can_do_without_begins_with_nothing_painted(filmed, tmp_path):
    model = f"wan:{build_wan(tmp_path / 'wan', 'ti2v')}"
    bare = Series(filmed.root, filmed.settings.model_copy(update={"keyframes": None, "backbone": model}), filmed.forks)
    assert not any(task.kind == "keyframe" for task in prepared(bare, 1).graph.tasks.values())
    drawn = Series(filmed.root, filmed.settings.model_copy(update={"backbone": model}), filmed.forks)
    assert "keyframe:a1.1" in prepared(drawn, 1).graph.tasks


# --- props ---


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
    """The first episode is filmed, with painted sheets."""
    home = tmp_path_factory.mktemp("carried")
    series = series_with_lantern(home)
    Studio(series, lambda _: None, InProcessRunner).render([1])
    return series


def test_the_take_was_shown_the_held_prop(carried):
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


def test_memory_keeps_the_sheet_of_a_prop_and_the_next_episode_makes_it_not_again(carried):
    sheet = prepared(carried, 1).graph.keys["sheet:a1.1/lantern"]
    with open_memory(carried) as memory:
        lantern = memory.as_of(StoryPosition(2, 0)).props["lantern"]
    assert (lantern.sheet["artifact"], lantern.sheet["views"], lantern.sheet["by"]) == (sheet, ["front"], "stage")
    assert "sheet" not in lantern.state
    ready = prepared(carried, 2)
    assert not any(stale_task.task.kind == "sheet" for stale_task in ready.stale)
    shown = {picture.entity: picture.source for picture in ready.conditioned.briefs["b1.1"].request.references}
    assert shown["lantern"] == Stored(sheet)


def test_a_lost_sheet_of_a_prop_is_made_again_by_the_episode_that_shows_it(carried, tmp_path):
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


def test_a_prop_first_seen_long_after_it_was_introduced_is_kept_where_its_sheet_was_made(carried, tmp_path):
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
    """What a dry run of the second episode finds gone."""
    ready = prepared(series, 2)
    announce(ready, lambda _: None)
    return list(ready.missing)


def test_a_keyframe_model_makes_the_prop_once_and_first_frames_name_it(tmp_path, root):
    series = series_with_lantern(tmp_path, keyframes=f"flux2:{root}")
    tasks = prepared(series, 1).graph.tasks
    assert tasks["sheet:a1.1/lantern"].device == series.settings.keyframes
    assert "a brass lantern" in tasks["sheet:a1.1/lantern"].step.wish.prompt
    assert tasks["sheet:a1.1/lantern"].needs == Needs()
    assert "sheet:a1.1/lantern" in [need for _, need in tasks["keyframe:a1.1"].needs.flat()]
    assert "picture 3 is lantern" in tasks["keyframe:a1.1"].step.source.prompt
