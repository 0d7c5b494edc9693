"""Keyframe models: sheets whose views agree, plates and first frames."""

import dataclasses
import json

import numpy as np
import pytest

from episodic.backbones.keyframes.checks import figure_in, picture_fault
from episodic.backbones.keyframes.keyframer import EXPRESSIONS, FIRST_FILE
from episodic.backbones.keyframes.model import VIEWS, KeyframeModel, Painter, open_keyframer
from episodic.backbones.keyframes.sheet_file import open_sheet
from episodic.backbones.keyframes.sheets import draw_plate, draw_prop_sheet, draw_sheet
from episodic.backbones.keyframes.wishes import FramesWanted, PlaceWanted
from episodic.backbones.pictures import read_picture, write_picture
from episodic.backbones.request import MadeHere, ReferencePicture, Setting
from episodic.conditioning.first_frames import FrameBrief, brief_frames
from episodic.conditioning.prompt.picture_prompt import picture_key, plate_prompt, prop_prompt, view_prompts, worn_words
from episodic.conditioning.reference_sheets import SheetBook
from episodic.errors import BackboneError, InputError
from episodic.lab.tiny_models.wan import build_wan
from episodic.quality.likeness import look_likeness
from tests.episodic.backbones.keyframes.keyframe_rig import (
    CAN,
    LANTERN,
    LOOK,
    PROMPTS,
    WANTED,
    Black,
    brief_and_cast,
    files,
    frame,
    scripted,
    setting,
    view_of,
)


def test_a_figure_is_found_only_on_a_plain_background(faces):
    figure = figure_in(faces["mara"])
    assert figure is not None
    assert 0.2 < figure.mean() < 0.8
    assert not figure[:4].any()
    noise = np.random.default_rng(1).integers(0, 256, faces["mara"].shape, np.uint8)
    assert figure_in(noise) is None
    assert figure_in(np.full((64, 64, 3), 216, np.uint8)) is None


@pytest.mark.parametrize(("level", "fault"), [(0, "black"), (255, "burnt out"), (120, "blank")])
def test_a_picture_of_one_colour_has_a_fault(level, fault):
    assert fault in picture_fault(np.full((64, 64, 3), level, np.uint8))


def test_pictures_of_one_person_are_alike_and_of_two_people_are_not(faces, tmp_path):
    sheet = draw_sheet("human", LOOK, "storybook", tmp_path, 384)
    for view in ("side", "happy"):
        assert look_likeness().likeness(faces["mara"], read_picture(tmp_path / sheet.pictures[view].file)) > 0.7
    assert look_likeness().likeness(faces["mara"], faces["tom"]) < 0.3
    assert picture_fault(faces["mara"]) == ""


def test_a_sheet_has_every_view_and_can_be_opened(model, tmp_path):
    sheet = model.sheet(WANTED, tmp_path, look_likeness())
    assert open_sheet(tmp_path) == sheet
    assert {*sheet.pictures, *sheet.left_out} == {*VIEWS, *EXPRESSIONS}
    note = json.loads((tmp_path / "sheet.json").read_text())["made"]
    assert note["model"] == model.version
    assert note["pictures"]["front"]["prompt"] == PROMPTS["front"]


def test_sheets_repeat_for_the_same_seed_and_differ_for_another(model, tmp_path):
    small = dataclasses.replace(WANTED, prompts={view: PROMPTS[view] for view in ("front", "side")})
    for name, wish in (("a", small), ("b", small), ("c", dataclasses.replace(small, seed=6))):
        model.sheet(wish, tmp_path / name, look_likeness())
    first, again, other = (files(tmp_path / name) for name in "abc")
    assert first == again
    assert first["front.png"] != other["front.png"]


def test_every_other_view_is_drawn_from_the_front_view(root, faces, tmp_path):
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


def test_a_view_of_the_wrong_person_is_retried_then_left_out_with_a_reason(root, faces, tmp_path):
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


def test_a_sheet_without_a_front_view_is_refused(root, tmp_path):
    black = KeyframeModel(f"flux2:{root}", family=Black(), area=64 * 64)
    with pytest.raises(BackboneError, match=r"no front view came out in 3 tries: it is black.*seed"):
        black.sheet(WANTED, tmp_path, look_likeness())
    assert not (tmp_path / "sheet.json").exists()


def test_an_editing_model_starts_from_the_painted_picture(root, faces, tmp_path):
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


def test_new_clothes_and_another_hour_start_from_the_earlier_picture(root, faces, tmp_path):
    family, model = scripted(root, lambda _: faces["mara"])
    write_picture(tmp_path / "before.png", faces["tom"])
    model.sheet(dataclasses.replace(WANTED, like=tmp_path / "before.png"), tmp_path / "sheet", look_likeness())
    assert np.array_equal(family.calls[0].references[0], faces["tom"])
    assert "unchanged in face" in family.calls[0].prompt
    assert "unchanged in face and build" not in family.calls[1].prompt
    before = len(family.calls)
    model.plate(PlaceWanted(setting=setting(), style="noir", prompt="night", like=tmp_path / "before.png"), tmp_path / "plate")
    assert np.array_equal(family.calls[before].references[0], faces["tom"])


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


def test_a_black_picture_of_a_prop_is_refused(root, tmp_path):
    with pytest.raises(BackboneError, match=r"no picture of the prop came out in 3 tries: it is black.*seed"):
        KeyframeModel(f"flux2:{root}", family=Black(), area=64 * 64).prop(LANTERN, tmp_path)
    assert not (tmp_path / "sheet.json").exists()


def test_a_prop_starts_from_its_painted_or_its_earlier_picture(root, faces, tmp_path):
    family, model = scripted(root, lambda _: faces["mara"], edits=True)
    model.prop(LANTERN, tmp_path / "a")
    rough = draw_prop_sheet(LANTERN.look, "storybook", tmp_path / "rough")
    assert np.array_equal(family.calls[0].references[0], read_picture(tmp_path / "rough" / rough.pictures["front"].file))
    assert family.calls[0].prompt.startswith("Redraw this rough picture in full detail, keeping shape")
    model.prop(dataclasses.replace(LANTERN, like=tmp_path / "a" / "front.png"), tmp_path / "b")
    assert np.array_equal(family.calls[1].references[0], read_picture(tmp_path / "a" / "front.png"))
    assert "same object" in family.calls[1].prompt


def test_a_first_frame_depends_on_every_reference(model, faces, tmp_path):
    mara, tom = faces["mara"], faces["tom"]
    whole = frame(model, tmp_path / "a", mara, tom)
    assert np.array_equal(whole, frame(model, tmp_path / "b", mara, tom))
    assert not np.array_equal(whole, frame(model, tmp_path / "c", mara, mara))
    assert not np.array_equal(whole, frame(model, tmp_path / "d", tom, tom))
    assert whole.shape[1] > whole.shape[0]


def test_the_note_of_a_keyframe_lists_only_the_references_used(model, faces, tmp_path):
    most = model.capabilities.reference_pictures
    frame(model, tmp_path / "a", *[faces["mara"]] * (most + 2))
    note = json.loads((tmp_path / "a" / "keyframe.json").read_text())
    assert note["pictures"]["first"]["references"] == [f"e{number}:sheet/front.png" for number in range(most)]
    assert note["pictures"]["first"]["prompt"] == "Mara on the shore"


def test_a_black_first_frame_is_refused(root, faces, tmp_path):
    black = KeyframeModel(f"flux2:{root}", family=Black(), area=64 * 64)
    with pytest.raises(BackboneError, match=r"shot s1.*no first frame in 3 tries: it is black"):
        frame(black, tmp_path / "a", faces["mara"])


def test_the_first_frame_replaces_the_last_reference_of_a_last_frame(root, faces, tmp_path):
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


def test_the_prompt_of_a_last_frame_numbers_the_first_frame_as_a_picture():
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


def test_the_painter_draws_when_no_model_is_set(tmp_path):
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


def test_an_invalid_keyframe_model_is_refused_with_a_remedy(root, tmp_path):
    with pytest.raises(InputError, match=r"name it as: flux2:"):
        open_keyframer(f"sdxl-ip:{root}")
    with pytest.raises(InputError, match=r"no model family 'wan'.*flux2, qwen-edit, sdxl-ip"):
        open_keyframer(f"wan:{root}")
    wan = build_wan(tmp_path / "wan", "t2v")
    with pytest.raises(InputError, match=r"WanPipeline, which makes no keyframes.*Flux2KleinPipeline"):
        open_keyframer(f"flux2:{wan}")
    with pytest.raises(BackboneError, match="episodic models fetch"):
        open_keyframer("flux2:owner/not-fetched")


def test_a_prompt_gives_the_view_before_the_character_and_the_clothes():
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


def test_a_prompt_too_long_for_the_text_encoder_is_cut_and_noted(root, faces, tmp_path):
    family, model = scripted(root, lambda _: faces["mara"], tokens=60)
    model.sheet(dataclasses.replace(WANTED, prompts={"front": PROMPTS["front"]}), tmp_path, look_likeness())
    prompt = family.calls[0].prompt
    assert model.count_tokens(prompt) <= 60 < model.count_tokens(PROMPTS["front"])
    note = json.loads((tmp_path / "sheet.json").read_text())["made"]["pictures"]["front"]
    assert f"{prompt} {note['cut']}" == PROMPTS["front"]


def test_the_prompt_of_a_plate_excludes_people_and_gives_the_hour():
    setting = Setting(location="lamp_room", look={"indoors": True}, time="dusk", weather="rain", temperature_k=3000)
    prompt = plate_prompt("Lamp room, round glass room", setting, "storybook")
    assert "nobody in it: Lamp room, round glass room." in prompt
    assert "at dusk" in prompt
    assert "Rain runs down the windows." in prompt


def test_the_prompt_of_a_prop_asks_for_the_whole_object_alone():
    prompt = prop_prompt("lantern, a brass lantern.", worn_words({"color": "green", "found": "in the cellar"}), "noir")
    assert (
        prompt.index("the whole object by itself")
        < prompt.index("light-grey background")
        < prompt.index("lantern, a brass lantern")
    )
    assert "a brass lantern, green in colour." in prompt
    assert "cellar" not in prompt


def test_the_prompt_names_the_entity_of_every_picture():
    assert picture_key(["mara", "lamp_room"], {"mara": "Mara"}) == "Picture 1 is Mara, picture 2 is lamp room."
    assert picture_key([], {}) == ""
