"""Faults in a plan file: each with file, line, column, what was found and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from planners.errors import PlanError, PlanTooNew
from planners.plan_file.read_write import read_plan, read_plan_text
from planners.plan_file.yaml_tree import read_tree

PLAN = """\
format: episodic/plan@1
title: The Keeper and the Storm
prompt: A lighthouse keeper befriends a storm
look: {style: storybook, aspect: "16:9"}
cast:
  mara: {kind: human, description: old lighthouse keeper, grey braid, yellow raincoat, voice: {base: warm-low, rate: 0.95}}
  storm: {kind: spirit, description: a towering cloud with kind eyes}
locations:
  lamp_room: {description: round glass room around a great lamp}
props:
  lamp:
scenes:
  - id: s01
    title: The lamp goes out
    at: lamp_room
    time: dusk
    lighting: {key: left, temperature_k: 3200, contrast: 0.6}
    mood: uneasy
    goal: Mara must relight the lamp before the ferry comes
    relations: [[mara, fears, storm], [mara, near, lamp]]
    shots:
      - id: s01.1
        size: wide
        camera: push_in
        action: {mara: walks to the window}
        lines:
          - mara (afraid): Not tonight. Please, not tonight.
    facts:                       # what is true from here on
      - mara.wearing = yellow raincoat
"""


def fault(text: str) -> str:
    with pytest.raises(PlanError) as caught:
        read_plan_text(text, "plan.yaml")
    assert caught.value.exit_code == 2
    return caught.value.message


def test_the_example_of_the_design_is_read_correctly() -> None:
    plan = read_plan_text(PLAN, "plan.yaml")
    assert plan.cast["mara"].description == "old lighthouse keeper, grey braid, yellow raincoat"
    assert plan.cast["mara"].voice.rate == 0.95
    (scene,) = plan.scenes
    (line,) = scene.shots[0].lines
    assert (line.speaker, line.emotion, line.text) == ("mara", "afraid", "Not tonight. Please, not tonight.")
    assert (scene.facts[0].entity, scene.facts[0].attribute, scene.facts[0].value) == ("mara", "wearing", "yellow raincoat")
    assert plan.props["lamp"].name is None


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("mood: uneasy", "mod: uneasy", "18:5: unknown key ‘mod’; expected one of: id, title, "),
        ("mood: uneasy", "mod: uneasy", "; did you mean ‘mood’?"),
        ("mood: uneasy", "mood: uneesy", "18:11: `mood` cannot be ‘uneesy’; expected one of: calm, warm,"),
        ("mood: uneasy", "mood: uneesy", "; did you mean ‘uneasy’?"),
        ("(afraid)", "(afrad)", "27:19: `emotion` cannot be ‘afrad’"),
        ("mara (afraid)", "marra (afraid)", "27:13: ‘marra’ is not in the cast; did you mean ‘mara’?"),
        ("mara (afraid)", "Mara (afraid)", "27:13: expected `speaker (emotion): text`"),
        ("mara (afraid): Not", "mara (afraid) Not", "27:13: expected a line of dialogue, `speaker (emotion): text`"),
        ("Not tonight. Please, not tonight.", "", "27:26: expected text, found nothing"),
        ("Not tonight. Please, not tonight.", "42", '27:28: expected text, found the number 42; put it in quotes: "42"'),
        ("Not tonight. P", "Not tonight: p", "27:39: found ‘: ’ inside a text"),
        ("Not tonight", "*Not tonight", "27:28: the alias *Not is not allowed"),
        ("Not tonight", "&Not tonight", "27:28: the anchor &Not is not allowed"),
        ("Not tonight", "!Not tonight", "27:28: the tag !Not is not allowed"),
        ("Not tonight", "!!python/object:os.system x", "27:28: the tag !!python/object:os.system is not allowed"),
        ("Not tonight", "@Not tonight", "27:28: a text cannot begin with ‘@’; put the text in quotes"),
        ("Not tonight. ", '"Not tonight". ', "put the whole text in quotes"),
        ("Not tonight. ", '"Not tonight. ', "the quotes opened in line 27 are never closed"),
        ("at: lamp_room", "at: lamproom", "15:9: ‘lamproom’ is not among the locations; did you mean ‘lamp_room’?"),
        ("at: lamp_room", "at: mara", "15:9: ‘mara’ is a member of the cast; expected a location: lamp_room"),
        ("at: lamp_room", "at: [lamp_room]", "15:9: expected text, found a list"),
        ("{mara: walks", "{mara: 5, stom: walks", "25:24: expected text, found the number 5"),
        ("{mara: walks", "{stom: walks", "25:18: ‘stom’ is not in the cast; did you mean ‘storm’?"),
        ("- mara.wearing", "- mra.wearing", "29:9: ‘mra’ is not in the cast, the locations or the props"),
        ("mara.wearing = ", "mara.wearing ", "29:9: expected `entity.attribute = value`"),
        ("near, lamp]", "near, lmp]", "20:52: ‘lmp’ is not in the cast, the locations or the props; did you mean ‘lamp’?"),
        ("near, lamp]", "near]", "20:39: expected three parts, [subject, relation, object]"),
        ("mara: {kind: human", "Mara: {kind: human", "6:3: ‘Mara’ is not an id"),
        ("kind: spirit", "kind: ghost", "7:17: `kind` cannot be ‘ghost’; expected one of: human, animal, robot, spirit, thing"),
        ("rate: 0.95", "rate: 9", "6:118: expected at most 1.4, found 9"),
        ("rate: 0.95", "rate: .nan", "6:118: expected"),
        ("rate: 0.95", "rate: quick", "6:118: expected a number, found the text ‘quick’"),
        ("temperature_k: 3200", "temperature_k: 3200.5", "17:42: expected a whole number, found the number 3200.5"),
        ('"16:9"', "wide", "4:34: expected a ratio such as"),
        ("title: The Keeper and the Storm\n", "", "1:1: the key ‘title’ is missing here"),
        ("title: The Keeper and the Storm", 'title: "  "', "2:8: expected a text, found an empty one"),
        ("title: The Keeper", 'title: "a\\x01b" #', "2:8: the text contains a control character"),
        ("title: The Keeper", 'title: "a\\uD800b" #', "2:8: "),
        ("mood: uneasy", "mood: uneasy\n    mood: tense", "19:5: the key ‘mood’ is there twice (first in line 18)"),
        ("    mood: uneasy", "\tmood: uneasy", "18:1: found a tab at the beginning of the line; expected spaces"),
        ("mood: uneasy", "mood: un\x07easy", "18:13: found the control character U+0007"),
        ("mood: uneasy", "? [a, b] : uneasy", "18:7: found a list or mapping as a key"),
        ("mood: uneasy", "mood: uneasy\n   goal: x", "19:4: "),
        ("id: s01.1", "id: s01 1", "22:13: ‘s01 1’ is not an id"),
        ("  - id: s01\n", "  -\n", "the key ‘id’ is missing here"),
        ("scenes:", "scenes: 5\nrest:", "12:9: expected a list, found the number 5"),
        ("format: episodic/plan@1\n", "", "1:1: the plan does not say its format; add the line `format: episodic/plan@1`"),
        ("episodic/plan@1", "episodic/script@1", "1:9: unknown format ‘episodic/script@1’; expected `episodic/plan@1`"),
        ("episodic/plan@1", "episodic/plan@0", "1:9: unknown format"),
        ("format:", "%YAML 1.1\n---\nformat:", "directives (%…) are not allowed"),
        ("scenes:", "---\nscenes:", "12:1: a second document begins here"),
    ],
)
def test_a_fault_is_reported_at_its_place(before: str, after: str, message: str) -> None:
    assert before in PLAN
    report = fault(PLAN.replace(before, after, 1))
    assert message in report
    assert all(line.startswith("plan.yaml:") for line in report.splitlines())


def test_all_faults_are_reported_in_the_order_of_the_file() -> None:
    text = PLAN.replace("uneasy", "uneesy").replace("mara (afraid)", "marra (afrad)").replace("at: lamp_room", "at: lamproom")
    lines = fault(text.replace("size:", "siz:").replace("- mara.wear", "- marra.wear")).splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        "plan.yaml:15:9",
        "plan.yaml:18:11",
        "plan.yaml:23:9",
        "plan.yaml:27:13",
        "plan.yaml:27:20",
        "plan.yaml:29:9",
    ]


def test_more_than_twenty_faults_are_counted() -> None:
    lines = "".join(f"          - nobody_{number}: Hello.\n" for number in range(30))
    message = fault(PLAN.replace("    facts:", f"{lines}    facts:"))
    assert len(message.splitlines()) == 21
    assert message.endswith("… and 10 more")


def test_a_newer_format_is_reported_with_the_remedy() -> None:
    with pytest.raises(PlanTooNew, match=r"plan\.yaml:1:9: .*episodic/plan@2.*pip install --upgrade episodic"):
        read_plan_text(PLAN.replace("plan@1", "plan@2"), "plan.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the plan is empty"),
        ("# nothing yet\n", "the plan is empty"),
        ("hello\n", "1:1: expected `key: value` lines"),
        ("- a\n- b\n", "1:1: expected `key: value` lines"),
        ("[" * 5000, "1:41: nested more than 40 deep"),
        ("a:\n" + "".join(f"{' ' * n}- \n" for n in range(1, 200)), "nested more than 40 deep"),
        ("x" * (4 * 2**20 + 1), "more than 4 MiB"),
    ],
)
def test_text_that_is_no_plan_is_reported_quickly(text: str, message: str) -> None:
    assert message in fault(text)


def test_the_number_of_values_is_bounded_while_reading() -> None:
    tree, faults = read_tree("[" + "a," * 2_000 + "b]", max_nodes=1_000)
    assert tree is None
    assert [fault.message for fault in faults] == ["more than 1,000 values; a long episode's plan has 20,000"]
    assert read_tree("[" + "a," * 998 + "b]", max_nodes=1_000)[1] == []


def test_nested_anchors_are_refused_before_expansion() -> None:
    bomb = "format: episodic/plan@1\na: &a [lol, lol]\n" + "".join(
        f"{new}: &{new} [*{old}, *{old}, *{old}, *{old}, *{old}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    message = fault(bomb)
    assert message.startswith("plan.yaml:2:4: the anchor &a is not allowed")
    assert len(message) < 5000


def test_a_file_in_another_encoding_is_reported_with_the_byte(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_bytes(PLAN.replace("kind eyes", "kind eyés").encode("latin-1"))
    with pytest.raises(PlanError, match=r"plan\.yaml:7:67: found the byte 0xE9, which is not UTF-8"):
        read_plan(file)


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + PLAN.replace("\n", "\r\n").encode())
    assert read_plan(file) == read_plan_text(PLAN, "plan.yaml")


def test_a_missing_file_or_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"none\.yaml: the plan cannot be read: No such file"):
        read_plan(tmp_path / "none.yaml")
    with pytest.raises(PlanError, match="cannot be read: Is a directory"):
        read_plan(tmp_path)


def test_keys_without_a_value_count_as_absent() -> None:
    bare = PLAN.replace("    mood: uneasy\n", "    mood:\n    opens:\n    lighting:\n", 1).replace(
        "lighting: {key: left", "weather:\n    #"
    )
    plan = read_plan_text(bare, "plan.yaml")
    assert (plan.scenes[0].mood, plan.scenes[0].opens) == ("calm", {})


def test_yaml_1_1_keywords_are_texts() -> None:
    plan = read_plan_text(PLAN.replace("Not tonight. Please, not tonight.", "No"), "plan.yaml")
    assert plan.scenes[0].shots[0].lines[0].text == "No"
    plan = read_plan_text(PLAN.replace("title: The lamp goes out", "title: 12:30"), "plan.yaml")
    assert plan.scenes[0].title == "12:30"


def test_threads_of_earlier_episodes_may_be_closed_where_they_are_known() -> None:
    text = PLAN.replace("    facts:", "    closes: [ferry]\n    facts:")
    assert read_plan_text(text, "plan.yaml").scenes[0].closes == ("ferry",)
    assert read_plan_text(text, "plan.yaml", open_threads=["ferry"]).scenes[0].closes == ("ferry",)
    with pytest.raises(PlanError, match=r"plan\.yaml:28:14: no scene has opened the thread ‘ferry’; did you mean ‘ferri’"):
        read_plan_text(text, "plan.yaml", open_threads=["ferri"])
