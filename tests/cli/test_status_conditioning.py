"""`episodic status --conditioning`: for each shot the requests, how each was delivered, and why not."""

import json

from typer.testing import CliRunner

from cli.main import app
from episodic.series.series import Series, SeriesSettings

PLAN = """format: episodic/plan@1
title: The [bold]Keeper
cast:
  mara: {kind: human, description: "old lighthouse keeper, grey braid"}
locations:
  shore:
scenes:
  - id: s01
    at: shore
    relations: [[mara, loves, shore]]
    shots:
      - {id: s01.1, lines: [{mara: Not tonight.}]}
    facts: [mara.wants = peace]
"""


def start(root):
    series = Series.create(root, SeriesSettings(title="Nights", backbone="stage", size="128x72", fps=12))
    series.plan_path(1).parent.mkdir(parents=True)
    series.plan_path(1).write_text(PLAN)
    return series


def test_conditioning_is_a_table_per_shot(tmp_path):
    start(tmp_path / "series")
    result = CliRunner().invoke(app, ["status", "--conditioning", str(tmp_path / "series")], env={"COLUMNS": "160"})
    assert result.exit_code == 0, result.output
    for text in (
        "The [bold]Keeper",
        "scene s01, shot s01.1 (on stage, not shot yet)",
        "requested",
        "delivered as",
        "dropped because",
        "mara: look: old lighthouse keeper, grey braid",
        "drawn, from the canon",
        "tokens, from an audition",
        "heard,",
        "mara loves shore",
        "no slot: stage reads no text",
        "wants = peace",
        "memories delivered",
    ):
        assert text in result.output, text


def test_conditioning_as_json_is_one_line_per_shot(tmp_path):
    start(tmp_path / "series")
    result = CliRunner().invoke(app, ["status", "--conditioning", "--json", str(tmp_path / "series")])
    (line,) = result.output.splitlines()
    record = json.loads(line)
    assert (record["episode"], record["scene"], record["shot"], record["take"]) == (1, "s01", "s01.1", "")
    outcomes = {row["kind"]: row["delivered"] or row["dropped"] for row in record["deliveries"]}
    assert outcomes == {
        "look": "drawn",
        "motion": "tokens",
        "state": "no slot",
        "voice": "heard",
        "layout": "drawn",
        "light": "tokens",
        "relation": "no slot",
    }


def test_a_series_without_an_episode_says_so(tmp_path):
    Series.create(tmp_path / "series", SeriesSettings(title="Nights"))
    result = CliRunner().invoke(app, ["status", "--conditioning", str(tmp_path / "series")])
    assert "no episode yet" in result.output


def test_an_unavailable_performer_is_reported_before_anything_is_rendered(tmp_path):
    series = start(tmp_path / "series")
    people = [f"p{number}" for number in range(5)]
    crew = "".join(f"  {name}: {{kind: human, description: a sailor}}\n" for name in people)
    text = PLAN.replace("cast:\n", f"cast:\n{crew}").replace("{id: s01.1,", f"{{id: s01.1, focus: [{', '.join(people)}],")
    series.plan_path(1).write_text(text)
    result = CliRunner().invoke(app, ["render", "--dry-run", str(series.root)])
    assert result.exit_code != 0
    assert "scene s01, shot s01.1: p4 is named here" in str(result.exception)
    series.plan_path(1).write_text(text.replace("{id: s01.1,", "{id: s01.1, allow_missing: true,"))
    assert CliRunner().invoke(app, ["render", "--dry-run", str(series.root)]).exit_code == 0
