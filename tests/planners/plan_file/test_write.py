"""Plans written and read again, and edited without loss."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from planners.errors import PlanError
from planners.plan.model import EpisodePlan, Text
from planners.plan.vocabulary import CAMERA_MOVES, EMOTIONS, MOODS, SHOT_SIZES, STYLES, TIMES, TRANSITIONS, VOICE_BASES
from planners.plan_file.read_write import edit_plan, head_comments, plan_text, read_plan, read_plan_text, write_plan
from tests.planners.plan_file.test_read import PLAN

PEOPLE, PLACES, PROPS = ("mara", "storm", "old_tom"), ("lamp_room", "shore"), ("lamp",)
CHARACTERS = st.one_of(
    st.sampled_from(" :#-?,[]{}&*!|>'\"%@`~=.\n\t\\/0é中🙂\u2028\xa0\ufeff\x85"),
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]),
)


def valid(text: str) -> bool:
    try:
        TypeAdapter(Text).validate_python(text)
    except ValueError:
        return False
    return bool(text.strip())


TEXTS = st.one_of(
    st.sampled_from(
        ["No", "null", "~", "12:30", "0x1f", "- dash", "a: b", "Well… 'no', \"yes\": #1", "end:", "x " * 120, "é\n\n b", "?"]
    ),
    st.text(CHARACTERS, min_size=1, max_size=60).filter(valid),
)
DESCRIPTIONS = st.one_of(st.just(""), TEXTS)


def some(**fields: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries({}, optional=fields)


LINES = st.builds(
    lambda speaker, emotion, text: {"speaker": speaker, "emotion": emotion, "text": text},
    st.sampled_from([*PEOPLE, "narrator"]),
    st.sampled_from(EMOTIONS),
    TEXTS,
)
SHOTS = some(
    size=st.sampled_from(SHOT_SIZES),
    camera=st.sampled_from(CAMERA_MOVES),
    focus=st.lists(st.sampled_from(PEOPLE), max_size=3),
    action=st.dictionaries(st.sampled_from(PEOPLE), TEXTS, max_size=3),
    lines=st.lists(LINES, max_size=3),
    transition=st.sampled_from(TRANSITIONS),
    seconds=st.floats(0.5, 60),
    allow_missing=st.booleans(),
)
SCENES = st.builds(
    lambda at, rest, shots: {"at": at, "shots": shots, **rest},
    st.sampled_from(PLACES),
    some(
        title=TEXTS,
        beat=TEXTS,
        time=st.sampled_from(TIMES),
        lighting=some(
            temperature_k=st.integers(1500, 12000), contrast=st.integers(0, 100).map(lambda hundredths: hundredths / 100)
        ),
        mood=st.sampled_from(MOODS),
        goal=DESCRIPTIONS,
        synopsis=DESCRIPTIONS,
        present=st.permutations(PEOPLE),
        relations=st.lists(
            st.one_of(
                st.tuples(st.just("mara"), TEXTS, st.sampled_from(["storm", "lamp"])),
                st.tuples(st.just("mara"), TEXTS, st.just("storm"), st.floats(0, 1)),
            ),
            max_size=2,
        ),
        facts=st.lists(TEXTS.filter(lambda text: bool(text.strip())), max_size=1).map(
            lambda texts: [f"mara.wearing = {text.strip()}" for text in texts]
        ),
    ),
    st.lists(SHOTS, min_size=1, max_size=3),
)
ENTRIES = some(name=TEXTS, description=DESCRIPTIONS)


@st.composite
def plans(draw: st.DrawFn) -> EpisodePlan:
    scenes = draw(st.lists(SCENES, min_size=1, max_size=3))
    for number, scene in enumerate(scenes, 1):
        scene |= {"id": f"s{number:02d}", "opens": {f"q{number}": draw(TEXTS)} if draw(st.booleans()) else {}}
        scene["shots"] = [
            shot | {"id": f"s{number:02d}.{index}", "continues": index > 1} for index, shot in enumerate(scene["shots"], 1)
        ]
        if scene["shots"][0].get("transition") == "match_cut":  # there is nothing before it to match
            del scene["shots"][0]["transition"]
    voice = some(base=st.sampled_from(VOICE_BASES), rate=st.floats(0.7, 1.4))
    return EpisodePlan.model_validate(
        {
            "title": draw(TEXTS),
            "prompt": draw(st.one_of(DESCRIPTIONS, st.text(max_size=60))),
            "seed": draw(st.integers(0, 2**63 - 1)),
            "look": draw(some(style=st.sampled_from(STYLES), aspect=st.sampled_from(["16:9", "1:1", "9:16"]))),
            "cast": {person: draw(ENTRIES) | draw(some(kind=st.just("spirit"), voice=voice)) for person in PEOPLE},
            "locations": {place: draw(ENTRIES) for place in PLACES},
            "props": {prop: draw(ENTRIES) for prop in PROPS},
            "scenes": scenes,
        }
    )


@settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(plans())
def test_every_plan_survives_writing_and_reading(plan: EpisodePlan) -> None:
    text = plan_text(plan)
    assert read_plan_text(text, "plan.yaml") == plan
    assert text.startswith("format: episodic/plan@1\ntitle: ")
    assert edit_plan(text, lambda _: None) == text


HAND_WRITTEN = """\
# My first plan
format: episodic/plan@1
title: Rain            # working title
cast:
  mara: {kind: human, description: old, grey braid}   # she stays
locations:
  shore: {}
scenes:
# the beginning
- at: shore
  id: s01
  shots:
  - id: a
    lines:
    - mara: 'It rains.'
    # a pause here
    - mara (sad): "Still."
# the end
"""


def test_an_edit_keeps_comments_order_quotes_and_indentation() -> None:
    def change(plan: dict) -> None:  # type: ignore[type-arg]
        plan["scenes"][0]["shots"][0]["lines"][1]["mara (sad)"] = "It stopped: look!"
        plan["scenes"][0]["id"] = "s02"

    expected = HAND_WRITTEN.replace('"Still."', '"It stopped: look!"').replace("s01", "s02")
    edited = edit_plan(HAND_WRITTEN, change)
    assert edited == expected.replace("old, grey braid", '"old, grey braid"')
    assert read_plan_text(edited, "plan.yaml").cast["mara"].description == "old, grey braid"


def test_an_edit_that_breaks_the_plan_is_refused() -> None:
    with pytest.raises(PlanError, match=r"plan\.yaml \(edited\):\d+:\d+: ‘sea’ is not among the locations"):
        edit_plan(HAND_WRITTEN, lambda plan: plan["scenes"][0].update(at="sea"))


def test_a_written_plan_is_readable(tmp_path: Path) -> None:
    plan = read_plan_text(HAND_WRITTEN, "plan.yaml")
    write_plan(tmp_path / "episodes" / "01" / "plan.yaml", plan)
    assert (tmp_path / "episodes" / "01" / "plan.yaml").read_text() == (
        "format: episodic/plan@1\ntitle: Rain\ncast:\n  mara: {kind: human, description: 'old, grey braid'}\nlocations:\n  shore: {}\n"
        "scenes:\n  - id: s01\n    at: shore\n    shots:\n      - id: a\n        lines:\n          - mara: It rains.\n"
        "          - mara (sad): Still.\n"
    )
    assert read_plan(tmp_path / "episodes" / "01" / "plan.yaml") == plan


def test_a_failed_write_keeps_the_old_plan(tmp_path: Path) -> None:
    plan = read_plan_text(HAND_WRITTEN, "plan.yaml")
    (tmp_path / "plan.yaml").mkdir()
    (tmp_path / "plan.yaml" / "kept").touch()
    with pytest.raises(PlanError, match=r"plan\.yaml: the plan cannot be written: .*nothing was changed"):
        write_plan(tmp_path / "plan.yaml", plan)
    assert os.listdir(tmp_path) == ["plan.yaml"]  # noqa: PTH208
    assert (tmp_path / "plan.yaml" / "kept").exists()


def test_comments_stand_at_the_head_and_survive_an_edit() -> None:
    plan = read_plan_text(PLAN, "plan.yaml")
    comments = ["What was understood:", "  who  [a fox]: \u2028 #x", ""]
    text = plan_text(plan, comments)
    assert text.startswith("# What was understood:\n#   who  [a fox]: ? #x\n#\nformat: ")
    assert read_plan_text(text, "plan.yaml") == plan

    def rename(document: Any) -> None:
        document["title"] = "Another"

    edited = edit_plan(text, rename)
    assert head_comments(edited) == ["What was understood:", "  who  [a fox]: ? #x", ""]
    assert read_plan_text(edited, "plan.yaml").title == "Another"
