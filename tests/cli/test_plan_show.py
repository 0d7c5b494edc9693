"""`episodic plan show`: the plan of an episode as a table, as Mermaid, as a picture; `plan` keeps its prompt."""

import pytest
from typer.testing import CliRunner

from cli.main import app
from episodic.errors import InputError
from planners.errors import PromptError
from planners.plan_file.read_write import read_plan_text, write_plan

PLAN = """format: episodic/plan@1
title: The Bell
locations:
  shore: {}
scenes:
  - id: s01
    at: shore
    events: {e1: They find a cart.}
    shots:
      - id: s01.1
  - id: s02
    at: shore
    events: {e2: They steal the bell.}
    because: [[e1, enables, e2]]
    shots:
      - id: s02.1
"""


@pytest.fixture
def series(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bell").mkdir()
    (tmp_path / "bell" / "series.yaml").write_text("format: episodic/series@1\ntitle: The Bell\n")
    for number in (1, 2):
        path = tmp_path / "bell" / "episodes" / f"{number:02d}" / "plan.yaml"
        write_plan(path, read_plan_text(PLAN.replace("The Bell", f"Part {number}"), "plan.yaml"), ["What was understood:"])
    return tmp_path / "bell"


def show(*words):
    return CliRunner().invoke(app, ["plan", "show", *map(str, words)])


def test_without_options_the_table_and_the_report_are_printed(series):
    result = show(series)
    assert result.exit_code == 0, result.output
    assert "What was understood:" in result.output
    assert "Part 2" in result.output
    assert "Part 1" in show(series, 1).output


def test_a_graph_is_printed_as_mermaid(series):
    for option in ("--graph", "--mermaid"):
        output = show(series, 1, option).output
        assert output.startswith("flowchart TD\n")
        assert "-->|enables|" in output


def test_a_graph_is_drawn_into_a_file(series):
    assert show(series, "--graph", "--svg", "events.svg").output == f"{series.parent / 'events.svg'}\n"
    assert "They steal the bell." in (series.parent / "events.svg").read_text("utf-8")


def test_a_plan_file_is_shown_by_itself(series):
    assert "Part 1" in show(series / "episodes" / "01" / "plan.yaml").output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["bell", "7"], "no episode 7. Valid: 1, 2"),
        (["nowhere"], "no such folder"),
        (["bell/episodes/01/plan.yaml", "1"], "leave the number 1 out"),
        (["bell", "--svg", "none/events.svg"], "existing folder"),
    ],
)
def test_wrong_input_is_refused(series, words, message):
    error = show(*words).exception
    assert isinstance(error, InputError)
    assert message in error.message


def test_a_plan_without_events_has_no_graph(series):
    plain = "\n".join(line for line in PLAN.splitlines() if "events" not in line and "because" not in line)
    write_plan(series / "episodes" / "02" / "plan.yaml", read_plan_text(plain, "plan.yaml"))
    error = show(series, "--graph").exception
    assert isinstance(error, InputError)
    assert "name no events" in error.message


def test_a_dry_run_says_of_every_scene_why_it_is_there(series):
    result = CliRunner().invoke(app, ["render", str(series), "--dry-run"])
    assert result.exit_code == 0, result.output
    assert "s02: They steal the bell. Made possible by (s01): They find a cart." in result.output
    only = CliRunner().invoke(app, ["render", str(series / "episodes/01/plan.yaml"), "--dry-run", "--only", "s02.1", "--json"])
    assert '"event": "scene", "task": "s02"' in only.output
    assert '"task": "s01", "text"' not in only.output


def test_after_two_dashes_show_is_a_prompt(series):
    assert isinstance(CliRunner().invoke(app, ["plan", "--", "show"]).exception, PromptError)
