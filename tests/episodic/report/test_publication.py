"""Delivery record and report beside the plan: when they are written, and that they are deterministic."""

import json
import shutil
import time

import pytest

from episodic.conditioning.delivery import DELIVERY_FORMAT
from episodic.production.graph.events import Event, silent
from episodic.production.graph.in_process import InProcessRunner
from episodic.report.publication import DELIVERY_FILE, REPORT_FILE, publish_record, publish_report
from episodic.series.series import Series, SeriesSettings
from episodic.studio import Studio
from memory.model.facts import Fact, StoryPosition
from memory.store import MemoryStore

PLAN = """format: episodic/plan@1
title: The <Keeper>
seed: 5
cast:
  mara: {kind: human, description: "old lighthouse keeper, grey braid"}
locations:
  lamp_room: {description: round glass room}
scenes:
  - id: s01
    at: lamp_room
    synopsis: The light goes out.
    shots:
      - {id: s01.1, size: close, lines: [{mara: Not tonight.}]}
    facts: [mara.wearing = yellow raincoat]
  - id: s02
    at: lamp_room
    synopsis: It burns again.
    shots:
      - {id: s02.1, action: {mara: looks around}}
    facts: [mara.wearing = blue coat]
"""


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    series = Series.create(
        tmp_path_factory.mktemp("rendered") / "series", SeriesSettings(title="Nights", backbone="cards", size="128x72", fps=8)
    )
    series.plan_path(1).parent.mkdir(parents=True)
    series.plan_path(1).write_text(PLAN)
    Studio(series, silent, InProcessRunner).render()
    return series


@pytest.fixture
def copy(rendered, tmp_path):
    shutil.copytree(rendered.root, tmp_path / "series")
    return Series.open(tmp_path / "series")


def report(series):
    return series.episode_folder(1) / REPORT_FILE


def render(series):
    events: list[Event] = []
    Studio(series, events.append, InProcessRunner).render()
    return [event.task for event in events if event.event == "start"]


def test_a_render_writes_the_record_with_one_entry_per_shot(rendered):
    record = json.loads((rendered.episode_folder(1) / DELIVERY_FILE).read_text())
    assert record["format"] == DELIVERY_FORMAT
    assert [(shot["scene"], shot["shot"]) for shot in record["shots"]] == [("s01", "s01.1"), ("s02", "s02.1")]
    assert all(shot["take"] for shot in record["shots"])
    heard = [delivery for shot in record["shots"] for delivery in shot["deliveries"] if delivery["delivered"] == "heard"]
    assert [delivery["entity"] for delivery in heard] == ["mara"]
    assert not any(delivery["error"] for shot in record["shots"] for delivery in shot["deliveries"])


def test_a_render_writes_the_report(rendered):
    text = report(rendered).read_text()
    assert "The &lt;Keeper&gt;" in text
    assert "Not tonight." in text
    assert "LUFS" in text


def test_a_missing_report_is_written_again_with_the_same_bytes_and_without_tasks(copy):
    before = report(copy).read_bytes()
    film = copy.film_path(1).stat().st_mtime_ns
    report(copy).unlink()
    assert render(copy) == []
    assert report(copy).read_bytes() == before
    assert copy.film_path(1).stat().st_mtime_ns == film


def test_an_existing_report_is_not_written_again(copy):
    before = report(copy).stat().st_mtime_ns
    assert render(copy) == []
    assert report(copy).stat().st_mtime_ns == before


def test_the_record_is_not_part_of_a_take(copy):
    (copy.episode_folder(1) / DELIVERY_FILE).write_text("{}")
    assert render(copy) == []
    assert json.loads((copy.episode_folder(1) / DELIVERY_FILE).read_text())["shots"]
    (ready,) = Studio(copy).status()
    assert "delivery" not in json.dumps(ready.graph.tasks["shoot:s01.1"].step.to_json())


def test_writing_record_and_report_costs_little(copy):
    (ready,) = Studio(copy).status()
    report(copy).unlink()
    with MemoryStore.open(copy.database) as memory:
        started = time.perf_counter()
        assert publish_report(copy, ready, memory, publish_record(copy, ready, memory))
        assert time.perf_counter() - started < 1.0  # the goal is half a second on an idle machine


def test_a_fact_set_by_the_user_shows_in_its_scenes_and_as_a_conflict(copy):
    with MemoryStore.open(copy.database) as memory:
        memory.set_fact(Fact(entity="mara", attribute="wearing", value="red coat", since=StoryPosition(1, 2)))
    (ready,) = Studio(copy).status()
    assert {task.task.id for task in ready.stale if task.task.kind == "shoot"} == {"shoot:s02.1"}
    render(copy)
    text = report(copy).read_text()
    assert "mara.wearing" in text
    assert "red coat" in text
    assert "blue coat" in text.split('id="conflicts"')[1]


def test_rendering_does_not_change_the_requests_of_its_own_episode(copy):
    (before,) = Studio(copy).status()
    render(copy)
    (after,) = Studio(copy).status()
    assert after.graph.keys == before.graph.keys
    assert after.conditioned.deliveries == before.conditioned.deliveries


def test_the_studio_lists_deliveries_without_rendering(copy):
    report(copy).unlink()
    (record,) = Studio(copy).deliveries()
    assert [shot.shot for shot in record.shots] == ["s01.1", "s02.1"]
    assert not report(copy).exists()


def test_a_shot_without_a_take_has_no_confirmed_deliveries(copy):
    shutil.rmtree(copy.root / "artifacts")
    (record,) = Studio(copy).deliveries()
    assert {shot.take for shot in record.shots} == {""}
    assert not any(shot.errors for shot in record.shots)
