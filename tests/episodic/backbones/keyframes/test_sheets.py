"""The painter draws sheets of characters and props and plates of places, before any shot exists."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from episodic.backbones.keyframes.checks import figure_in, picture_fault
from episodic.backbones.keyframes.keyframer import EXPRESSIONS, Sheet, sheet_views
from episodic.backbones.keyframes.sheet_file import open_sheet
from episodic.backbones.keyframes.sheets import draw_plate, draw_prop_sheet, draw_sheet
from episodic.backbones.request import PropOnSet, Setting
from episodic.errors import BackboneError
from episodic.looks.look import character_look, prop_look
from episodic.looks.places import location_look
from episodic.looks.props import PROP_FORMS
from memory.model.canon import CharacterKind
from memory.model.facts import FactValue
from planners.plan.vocabulary import TimeOfDay

GREY = np.array((216, 216, 216))


def look_of(kind: CharacterKind, description: str) -> dict[str, FactValue]:
    return character_look(kind=kind, name="Kim", description=description, seed=3)


def setting_of(time: TimeOfDay = "day") -> Setting:
    return Setting(location="harbour", look=location_look(name="harbour", description="", seed=3), time=time)


def picture(sheet: Sheet, view: str) -> np.ndarray:
    return np.asarray(Image.open(sheet.folder / sheet.pictures[view].file)).astype(int)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def mara(tmp_path_factory: pytest.TempPathFactory) -> Sheet:
    return draw_sheet("human", look_of("human", "old keeper, yellow raincoat"), "storybook", tmp_path_factory.mktemp("mara"), 256)


def test_a_human_is_drawn_from_three_sides_and_with_every_expression(mara: Sheet) -> None:
    assert list(mara.pictures) == ["front", "three_quarter", "side", *EXPRESSIONS]


def test_the_views_and_the_expressions_differ(mara: Sheet) -> None:
    sides = [np.array(Image.open(mara.folder / f"{view}.png").resize((64, 128))).astype(int) for view in list(mara.pictures)[:3]]
    faces = [picture(mara, view) for view in EXPRESSIONS]
    for group, least in ((sides, 4.0), (faces, 0.5)):
        for number, view in enumerate(group):
            for other in group[number + 1 :]:
                assert np.abs(view - other).mean() > least


def test_a_figure_fills_its_picture_on_plain_grey(mara: Sheet) -> None:
    front = mara.pictures["front"]
    pixels = picture(mara, "front")
    assert pixels.shape == (front.height, front.width, 3)
    assert front.height == 256
    left, top, right, bottom = front.box
    outside = np.ones(pixels.shape[:2], bool)
    outside[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1] = False
    assert (pixels[outside] == GREY).all()
    assert (bottom - top) / front.height > 0.85
    for corner in (pixels[0, 0], pixels[0, -1], pixels[-1, 0]):
        np.testing.assert_array_equal(corner, GREY)


def test_a_face_fills_its_picture(mara: Sheet) -> None:
    assert mara.pictures["happy"].width == mara.pictures["happy"].height == 256
    assert (np.abs(picture(mara, "happy") - GREY).max(2) > 24).mean() > 0.35


@pytest.mark.parametrize(
    ("kind", "description", "views"),
    [
        ("animal", "young fox", ["front", "three_quarter", "side"]),
        ("robot", "shy robot", ["front", "three_quarter", "side"]),
        ("animal", "a whale", ["front", "side"]),
        ("animal", "a shark", ["front", "side"]),
        ("animal", "an octopus", ["front", "three_quarter"]),
        ("spirit", "a storm", ["front", "three_quarter"]),
        ("thing", "a leaf", ["front", "three_quarter"]),
    ],
)
def test_a_view_that_the_painter_cannot_draw_is_left_out(
    kind: CharacterKind, description: str, views: list[str], tmp_path: Path
) -> None:
    sheet = draw_sheet(kind, look_of(kind, description), "noir", tmp_path, 128)
    assert list(sheet.pictures) == [*views, *EXPRESSIONS] == list(sheet_views(kind, look_of(kind, description)))
    first, second = (picture(sheet, view) for view in views[:2])
    assert first.shape != second.shape or np.abs(first - second).mean() > 0.5


@pytest.mark.parametrize("form", PROP_FORMS)
def test_a_prop_is_drawn_whole_and_centred_on_plain_grey(form: str, tmp_path: Path) -> None:
    look: dict[str, FactValue] = {**prop_look(name="lantern", description="", seed=1), "form": form, "height": 0.3}
    sheet = draw_prop_sheet(look, "storybook", tmp_path, 192)
    assert list(sheet.pictures) == ["front"]
    pixels, (left, top, right, bottom) = picture(sheet, "front"), sheet.pictures["front"].box
    assert pixels.shape == (192, 192, 3)
    assert max(right - left, bottom - top) == pytest.approx(192 * 0.88, abs=3)
    assert (abs(left + right - 192), abs(top + bottom - 192)) <= (2, 2)
    outside = np.ones(pixels.shape[:2], bool)
    outside[top - 2 : bottom + 2, left - 2 : right + 2] = False
    assert (pixels[outside] == GREY).all()
    assert picture_fault(pixels.astype(np.uint8)) == ""
    assert figure_in(pixels.astype(np.uint8)) is not None


def test_props_differ_by_form_and_colour_and_equal_looks_give_equal_bytes(tmp_path: Path) -> None:
    props = {"one": "lantern", "again": "lantern", "red": "red lantern", "key": "key"}
    for name, words in props.items():
        draw_prop_sheet(prop_look(name=words, description="", seed=1), "noir", tmp_path / name, 96)
    assert files(tmp_path / "one") == files(tmp_path / "again")
    assert len({files(tmp_path / name)["front.png"] for name in props}) == 3


def test_equal_sheets_and_equal_plates_have_equal_bytes(tmp_path: Path) -> None:
    for folder in ("one", "other"):
        draw_sheet("robot", look_of("robot", "a tall robot"), "pastel", tmp_path / folder, 96)
        draw_plate(setting_of(time="dusk"), "pastel", tmp_path / folder / "plate", 96, 64)
    assert files(tmp_path / "one" / "plate") == files(tmp_path / "other" / "plate")
    (tmp_path / "one" / "plate").rename(tmp_path / "one_plate")
    (tmp_path / "other" / "plate").rename(tmp_path / "other_plate")
    assert files(tmp_path / "one") == files(tmp_path / "other")


def test_a_plate_shows_the_empty_place_at_its_time_of_day(tmp_path: Path) -> None:
    boat = PropOnSet(id="boat", look=prop_look(name="lantern", description="", seed=1), held_by="nobody")
    setting = setting_of(time="night")
    night = draw_plate(setting, "storybook", tmp_path / "night", 160, 90)
    day = draw_plate(setting_of(time="day"), "storybook", tmp_path / "day", 160, 90)
    with_props = Setting(location=setting.location, look=setting.look, time="night", props=(boat,))
    again = draw_plate(with_props, "storybook", tmp_path / "again", 160, 90)
    assert night.pictures["wide"].width == 160
    assert picture(day, "wide").mean() > picture(night, "wide").mean() + 10
    np.testing.assert_array_equal(picture(night, "wide"), picture(again, "wide"))


def test_a_stored_sheet_is_read_back_unchanged(mara: Sheet) -> None:
    assert open_sheet(mara.folder) == mara


@pytest.mark.parametrize(
    ("key", "value"), [("file", "../../etc/passwd"), ("file", "gone.png"), ("box", [0, 0, 9999, 10]), ("width", "wide")]
)
def test_a_damaged_sheet_is_refused(key: str, value: object, mara: Sheet, tmp_path: Path) -> None:
    note = json.loads((mara.folder / "sheet.json").read_text())
    note["pictures"] = {"front": {**note["pictures"]["front"], key: value}}
    (tmp_path / "front.png").write_bytes((mara.folder / "front.png").read_bytes())
    (tmp_path / "sheet.json").write_text(json.dumps(note))
    with pytest.raises(BackboneError, match=r"sheet\.json"):
        open_sheet(tmp_path)


def test_a_size_out_of_range_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackboneError, match="pixels"):
        draw_sheet("human", look_of("human", ""), "noir", tmp_path, 8)
    with pytest.raises(BackboneError, match=r"found 9000$"):
        draw_prop_sheet(prop_look(name="key", description="", seed=1), "noir", tmp_path, 9000)
    with pytest.raises(BackboneError, match="9000x64"):
        draw_plate(setting_of(), "noir", tmp_path, 9000, 64)
