"""Plots of consistency as SVG."""

import math
import re
from xml.etree import ElementTree

import pytest

from episodic.lab.continuity_bench.continuity_report import CONDITION_NAMES
from episodic.quality.plots import Series, light_plot, line_plot, recurrence_plot
from episodic.quality.recurrence import Recurrence, by_gap
from memory.model.facts import StoryPosition

SVG = "{http://www.w3.org/2000/svg}"


def figures(*gaps, correct=True):
    return by_gap(
        Recurrence(
            entity="mara",
            kind="look",
            position=StoryPosition(4, 1),
            gap_scenes=gap,
            gap_episodes=0,
            similarity=0.8,
            nearest="mara" if correct else "otto",
            known=5,
        )
        for gap in gaps
    )


def parsed(svg):
    return ElementTree.fromstring(svg)  # noqa: S314


def captured(pattern: str, text: str) -> str:
    """The first group of the first match."""
    match = re.search(pattern, text)
    assert match is not None, pattern
    return str(match[1])


def test_a_plot_is_one_element_with_its_figures_in_words():
    root = parsed(recurrence_plot("Look", {"with memory": figures(1, 30), "no memory": figures(1, 30, correct=False)}))
    assert root.tag == f"{SVG}svg"
    description = root.findtext(f"{SVG}desc")
    assert description is not None
    assert "with memory, share identified: 1: 1 (0.21 to 1); 2-4: none" in description
    assert "no memory, share identified: 1: 0 (0 to 0.79)" in description
    labels = [element.attrib["id"] for tag in ("title", "desc") for element in root.findall(f"{SVG}{tag}")]
    assert root.attrib["aria-labelledby"].split() == labels


def test_conditions_differ_in_more_than_colour():
    svg = recurrence_plot("Look", {name: figures(1, 2, 5) for name in CONDITION_NAMES.values()})
    lines = re.findall(r"<polyline[^>]*>", svg)
    assert len({captured(r'stroke-dasharray="([^"]*)"', line) for line in lines}) == 3
    assert "<circle" in svg
    assert "<rect" in svg
    assert "rotate(45" in svg


def test_the_legend_has_room_for_every_condition():
    svg = recurrence_plot("Look", {name: figures(1, 2, 5) for name in CONDITION_NAMES.values()})
    starts = [float(captured(rf'x="([\d.]+)" y="37">{name}<', svg)) for name in CONDITION_NAMES.values()]
    ends = [start + 5.5 * len(name) for start, name in zip(starts, CONDITION_NAMES.values(), strict=True)]
    assert all(end < start for end, start in zip(ends, starts[1:], strict=False))
    assert ends[-1] < 480


def test_a_class_without_figures_leaves_a_gap_in_the_line():
    svg = line_plot("T", list("abcde"), [Series(name="x", values=(1, 1, math.nan, 1, 1))], across="", up="", low=0, high=1)
    assert svg.count("<polyline") == 2
    assert "nan" not in svg


def test_marks_are_drawn_at_their_values():
    svg = line_plot("T", ["a"], [Series(name="x", values=(0.5,))], across="", up="", low=0, high=1)
    patterns = (r'y1="(214\.0)"', r'<circle [^>]*cy="([\d.]+)" r="4"><title>x, a', r'y1="(46\.0)"')
    low, mark, high = (float(captured(pattern, svg)) for pattern in patterns)
    assert mark == pytest.approx((low + high) / 2)


def test_titles_are_escaped_and_styles_apply_to_their_own_plot_only():
    svg = light_plot("Light <&>", ["shots"], [Series(name='"on"', values=(1.5,))], goal=2.0)
    root = parsed(svg)
    assert root.findtext(f"{SVG}title") == "Light <&>"
    mark = root.attrib["class"]
    rules = re.sub(r"@media\([^)]*\)\{", "", root.findtext(f"{SVG}style", ""))
    assert rules
    assert all(name.startswith(f".{mark} ") for rule in rules.split("}") if rule for name in rule.split("{")[0].split(","))


def test_a_plot_follows_a_dark_system():
    assert "prefers-color-scheme:dark" in light_plot("T", ["shots"], [Series(name="on", values=(1.0,))])


def test_the_goal_is_always_within_the_plot():
    svg = light_plot("T", ["shots"], [Series(name="on", values=(0.1,))], goal=5.0, unit="degrees")
    assert "goal 5" in svg
    assert float(captured(r'class="goal" [^>]*y1="([\d.]+)"', svg)) >= 46


def test_conditions_with_different_classes_of_gaps_are_refused():
    with pytest.raises(ValueError, match="off: expected the same classes"):
        recurrence_plot("T", {"on": figures(1), "off": figures(1)[:2]})


def test_more_than_three_series_are_refused():
    with pytest.raises(ValueError, match="at most 3"):
        line_plot("T", ["a"], [Series(name=str(n), values=(1.0,)) for n in range(4)], across="", up="", low=0, high=1)


def test_a_series_of_another_length_is_refused_by_name():
    with pytest.raises(ValueError, match="mara: expected 2"):
        line_plot("T", ["a", "b"], [Series(name="mara", values=(1.0,))], across="", up="", low=0, high=1)
