"""The report as a page: its contents, escaping, and that it loads nothing external."""

import dataclasses
import re
from html.parser import HTMLParser

import pytest

from episodic.conditioning.delivery import Delivery
from episodic.report.page import ConflictRow, Figure, LineRow, Page, PlotBox, SceneRow, ShotRow, render_page

EVIL = "<script>alert(1)</script>\"' onload=x & {{ 7 * 7 }}"
DELIVERIES = (
    Delivery(kind="look", entity="mara", text="old keeper", form="drawn", detail="from the canon", name="look:mara"),
    Delivery(kind="relation", entity="mara", text="mara fears storm", dropped="no slot", detail="stage reads no text"),
    Delivery(kind="motion", entity="mara", text="how Mara moves", form="tokens", name="motion:mara", error="did not arrive"),
)


def shot(name="s01.1", **changes):
    line = LineRow(speaker="Mara", emotion="afraid", text="Not tonight.")
    base = ShotRow(
        id=name, size="wide", camera="push_in", transition="fade", start_s=0.0, seconds=2.5, lines=(line,), deliveries=DELIVERIES
    )
    return dataclasses.replace(base, **changes)


def page(**changes):
    scene = SceneRow(
        id="s01",
        title="The lamp goes out",
        place="Lamp Room",
        time="dusk",
        weather="clear",
        mood="uneasy",
        synopsis="It is dark.",
        lufs=-23.4,
        shots=(shot(), shot("s01.2", seconds=75.0)),
    )
    base = Page(
        key="k" * 64,
        series="Nights",
        episode=3,
        title="The Keeper",
        prompt="A keeper",
        settings=("storybook", "shot on stage"),
        seconds=125.0,
        scenes=(scene,),
        figures=(Figure(name="Identified by look", value="97%", note="30 of 31", state="good"),),
        plots=(PlotBox(svg='<svg class="plot"></svg>', caption="Who is who"),),
        conflicts=(
            ConflictRow(
                what="mara.wearing",
                position="1:3",
                holds="red coat",
                holds_origin="user",
                overruled="shawl",
                overruled_origin="plan",
            ),
        ),
        sound=(Figure(name="The film", value="-16.0 LUFS"),),
    )
    return dataclasses.replace(base, **changes)


class Reader(HTMLParser):
    """Collects tags, addresses and text, and checks that every tag is closed in order."""

    VOID = frozenset({"meta", "img", "br", "link", "input", "hr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open_tags: list[str] = []
        self.tags: set[str] = set()
        self.addresses: list[str | None] = []
        self.words: list[str] = []
        self.feed(text)
        assert self.open_tags == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href")]
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag not in self.VOID:
            self.open_tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open_tags.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def words(text):
    return " ".join(" ".join(Reader(text).words).split())


def test_the_page_shows_shots_deliveries_and_figures():
    shown = words(render_page(page()))
    for text in (
        "The Keeper",
        "Nights · episode 3",
        "2:05",
        "The lamp goes out",
        "s01.2",
        "1:15",
        "Not tonight.",
        "mara fears storm",
        "no slot",
        "stage reads no text",
        "from the canon",
        "did not arrive",
        "97%",
        "30 of 31",
        "Who is who",
        "mara.wearing",
        "red coat",
        "-23.4 LUFS",
        "handed over but not received",
    ):
        assert text in shown, text


def test_text_of_a_plan_is_never_markup():
    evil = shot(
        EVIL,
        size=EVIL,
        lines=(LineRow(speaker=EVIL, emotion=EVIL, text=EVIL),),
        deliveries=(Delivery(kind="look", entity=EVIL, text=EVIL, form="drawn", detail=EVIL, name=EVIL, error=EVIL),),
    )
    names = ("series", "title", "prompt")
    (scene,) = page().scenes
    texts = {field.name: EVIL for field in dataclasses.fields(SceneRow) if field.name not in ("lufs", "shots")}
    hostile = page(
        **dict.fromkeys(names, EVIL),
        settings=(EVIL,),
        scenes=(dataclasses.replace(scene, **texts, shots=(evil,)),),
        notes=(EVIL,),
    )
    hostile = dataclasses.replace(
        hostile,
        conflicts=(ConflictRow(**{field.name: EVIL for field in dataclasses.fields(ConflictRow)}),),
        figures=(Figure(name=EVIL, value=EVIL, note=EVIL),),
        plots=(PlotBox(svg="", caption=EVIL),),
    )
    text = render_page(hostile)
    assert "script" not in Reader(text).tags
    assert "<script" not in text
    assert "49" not in words(text)
    assert words(text).count("{{ 7 * 7 }}") > 15


def test_the_page_loads_nothing_external_and_runs_nothing():
    text = render_page(
        page(scenes=(dataclasses.replace(page().scenes[0], shots=(shot(picture="data:image/jpeg;base64,AAAA"),)),))
    )
    read = Reader(text)
    assert all(address is not None and address.startswith(("#", "data:")) for address in read.addresses)
    assert read.tags.isdisjoint({"script", "link", "iframe", "object"})
    assert "default-src &#39;none&#39;" in text or "default-src 'none'" in text
    assert not re.search(r"url\((?!data:)|@import", text)


def test_the_same_contents_give_the_same_bytes():
    assert render_page(page()) == render_page(page())


def test_the_page_fits_a_phone_and_follows_a_dark_system():
    text = render_page(page())
    assert 'content="width=device-width, initial-scale=1"' in text
    assert "prefers-color-scheme:dark" in text
    assert "max-width:40rem" in text


def test_a_silent_scene_and_an_episode_without_conflicts_are_labelled():
    (scene,) = page().scenes
    shown = words(render_page(page(scenes=(dataclasses.replace(scene, lufs=None),), conflicts=())))
    assert "silent" in shown
    assert "None: plan, takes and the user's edits agree." in shown


@pytest.mark.parametrize("lufs", [-70.0, -40.0, 0.0])
def test_any_loudness_can_be_shown(lufs):
    (scene,) = page().scenes
    assert f"{lufs:.1f} LUFS" in render_page(page(scenes=(dataclasses.replace(scene, lufs=lufs),)))
