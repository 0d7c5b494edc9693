"""An episode from plan to film, with the colour-card backbone and otherwise real parts."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from functools import partial

import av
import pytest

from episodic.errors import InputError, SeriesBusy
from episodic.production.graph.events import Event, silent
from episodic.production.graph.in_process import InProcessRunner
from episodic.series.series import Series, SeriesSettings
from episodic.studio import Studio
from memory.model.facts import Fact, StoryPosition
from memory.store import MemoryStore
from planners.plan_file.read_write import read_plan

PLAN = """format: episodic/plan@1
title: The Keeper
seed: 5
cast:
  mara: {kind: human, description: "old lighthouse keeper, grey braid"}
  storm: {kind: spirit, description: a towering cloud}
locations:
  lamp_room: {description: round glass room}
scenes:
  - id: s01
    at: lamp_room
    synopsis: The light goes out.
    relations: [[mara, fears, storm]]
    shots:
      - id: s01.1
        transition: fade
        action: {mara: walks to the window}
        lines:
          - mara (afraid): Not tonight.
      - id: s01.2
        action: {mara: looks around}
    opens: {lamp: Will it burn?}
    facts: [mara.wearing = yellow raincoat]
  - id: s02
    at: lamp_room
    time: night
    synopsis: It burns again.
    relations: [[mara, trusts, storm]]
    shots:
      - id: s02.1
        transition: dissolve
        lines:
          - storm (tender): Like this?
          - mara (happy): Just like that.
    closes: [lamp]
"""


def start(root, plan=PLAN):
    series = Series.create(root, SeriesSettings(title="The Keeper", backbone="cards", size="128x72", fps=12))
    series.plan_path(1).parent.mkdir(parents=True)
    series.plan_path(1).write_text(plan)
    return series


def film_hash(series):
    return hashlib.sha256(series.film_path(1).read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A rendered series. Tests that change it work on copies."""
    series = start(tmp_path_factory.mktemp("made") / "series")
    Studio(series, silent, InProcessRunner).render()
    return series


@pytest.fixture
def copy(made, tmp_path):
    import shutil

    shutil.copytree(made.root, tmp_path / "series")
    return Series.open(tmp_path / "series")


def ran(series, **how):
    events: list[Event] = []
    Studio(series, events.append, InProcessRunner).render(**how)
    return [event.task for event in events if event.event == "start"], [event.task for event in events if event.event == "stale"]


def test_the_film_has_picture_sound_subtitles_and_chapters(made):
    with av.open(str(made.film_path(1))) as box:
        assert (box.streams.video[0].width, box.streams.video[0].height) == (128, 72)
        assert box.streams.audio[0].rate == 48_000
        assert len(box.streams.subtitles) == 1
        assert len(box.chapters()) == 2
    assert "Just like that." in (made.episode_folder(1) / "episode.srt").read_text()
    assert sorted(path.name for path in (made.episode_folder(1) / "stems").iterdir()) == [
        "ambience.flac",
        "dialogue.flac",
        "effects.flac",
        "music.flac",
    ]


def test_without_stale_tasks_nothing_runs(copy):
    before = film_hash(copy)
    assert ran(copy) == ([], [])
    assert film_hash(copy) == before


def test_an_edited_line_remakes_its_speech_its_shot_its_mix_and_the_cut(copy):
    plan = copy.plan_path(1)
    plan.write_text(plan.read_text().replace("Just like that.", "Exactly like that, my friend."))
    expected = {"speech:s02.1/2", "shoot:s02.1", "picture:s02.1", "survey:s02.1", "mix:s02", "cut"}
    (ready,) = Studio(copy).status()
    assert {stale_task.task.id for stale_task in ready.stale} == expected
    started, announced = ran(copy)
    assert set(started) == set(announced) == expected


def test_a_changed_garment_remakes_only_the_shots_from_its_scene_on(copy):
    plan = copy.plan_path(1)
    plan.write_text(plan.read_text() + "    facts: [mara.wearing = red coat]\n")
    (ready,) = Studio(copy).status()
    assert {stale_task.task.id for stale_task in ready.stale} == {
        "shoot:s02.1",
        "picture:s02.1",
        "survey:s02.1",
        "mix:s02",
        "cut",
    }
    assert any("look" in stale_task.reason for stale_task in ready.stale if stale_task.task.id == "shoot:s02.1")


def test_a_lost_artifact_is_remade_and_the_film_is_the_same(copy):
    before = film_hash(copy)
    (ready,) = Studio(copy).status()
    lost = copy.artifacts.folder(ready.graph.keys["picture:s01.2"])
    next(lost.glob("*.mp4")).unlink()
    assert ran(copy)[0] == ["picture:s01.2"]
    assert film_hash(copy) == before


def test_a_deleted_film_is_restored_without_running_a_task(copy):
    before = film_hash(copy)
    copy.film_path(1).unlink()
    assert ran(copy) == ([], [])
    assert film_hash(copy) == before


def test_memory_keeps_the_canon_of_each_scene(made):
    studio = Studio(made)
    first, last = studio.canon(StoryPosition(1, 1)), studio.canon()
    assert [(relationship.relation, relationship.object) for relationship in first.relationships] == [("fears", "storm")]
    assert [(relationship.relation, relationship.object) for relationship in last.relationships] == [("trusts", "storm")]
    assert [thread.closed for thread in first.threads] == [False]
    assert [thread.closed for thread in last.threads] == [True]
    assert last.characters["mara"].state["wearing"] == "yellow raincoat"
    assert last.characters["mara"].voice != last.characters["storm"].voice
    assert last.synopses == ("The light goes out.", "It burns again.")


def test_memory_keeps_facts_that_a_scene_implies(made):
    canon = Studio(made).canon()
    mara, storm, room = canon.characters["mara"].state, canon.characters["storm"].state, canon.locations["lamp_room"].state
    assert (mara["whereabouts"], storm["whereabouts"]) == ("lamp_room", "lamp_room")
    assert (mara["knows:lamp"], storm["knows:lamp"]) == ("answered", "answered")
    assert (room["time"], room["weather"]) == ("night", "clear")
    assert Studio(made).canon(StoryPosition(1, 1)).characters["mara"].state["knows:lamp"] == "Will it burn?"


def test_a_changed_motif_makes_later_mixes_stale(copy):
    with MemoryStore.open(copy.memory_location) as memory:
        memory.set_fact(Fact(entity="story", attribute="motif", value="sea shanty", since=StoryPosition(1, 2)))
    (ready,) = Studio(copy).status()
    assert {stale_task.task.id for stale_task in ready.stale} == {"mix:s02", "cut"}
    assert dict(Studio(copy).canon(StoryPosition(1, 2)).story) == {"motif": "sea shanty"}


def test_a_scene_removed_from_the_plan_is_removed_from_memory(copy):
    plan = copy.plan_path(1)
    plan.write_text(plan.read_text().split("  - id: s02")[0].replace("    opens: {lamp: Will it burn?}\n", ""))
    ran(copy)
    assert Studio(copy).canon().synopses == ("The light goes out.",)


def test_only_the_requested_shot_is_made(tmp_path):
    series = start(tmp_path / "series")
    assert set(ran(series, only="s02.1")[0]) == {
        "speech:s02.1/1",
        "speech:s02.1/2",
        "shoot:s02.1",
        "picture:s02.1",
        "survey:s02.1",
    }
    assert not series.film_path(1).exists()
    with pytest.raises(InputError, match=r"s02\.1"):
        ran(series, only="s09")


def test_a_second_render_of_a_busy_series_is_refused(copy):
    with copy.locked(), pytest.raises(SeriesBusy, match="another episodic"):
        Studio(Series.open(copy.root)).render()


def test_the_second_episode_starts_with_the_cast_of_the_first(copy):
    second = copy.plan_path(2)
    second.parent.mkdir()
    second.write_text(
        PLAN.replace('{kind: human, description: "old lighthouse keeper, grey braid"}', "{}")
        .replace("{kind: spirit, description: a towering cloud}", "{}")
        .replace("    facts: [mara.wearing = yellow raincoat]\n", "")
    )
    ready = {episode.number: episode for episode in Studio(copy).status()}
    assert ready[1].stale == []
    before, after = ready[1].cast.characters["mara"], ready[2].cast.characters["mara"]
    assert (after.look, after.voice) == (before.look, before.voice)
    requests = (ready[2].conditioned.briefs["s01.1"].request, ready[1].conditioned.briefs["s02.1"].request)
    second_mara, first_mara = (request.performer("mara") for request in requests)
    assert first_mara is not None
    assert second_mara is not None
    assert second_mara.look == first_mara.look


def test_a_render_that_is_killed_again_and_again_gives_the_same_film(made, tmp_path):
    series = start(tmp_path / "series")
    words = [sys.executable, "-m", "cli.main", "render", str(series.root)]
    total = len(Studio(made).status()[0].graph.tasks)
    for moment in (0.3, 0.6, 0.85):
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 120
        while process.poll() is None and time.monotonic() < deadline:
            if len(list(series.artifacts.root.glob("??/[!.]*/artifact.json"))) >= moment * total:
                break
            time.sleep(0.01)
        process.kill()
        process.wait()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    assert film_hash(series) == film_hash(made)
    assert Studio(series).canon().synopses == Studio(made).canon().synopses


def test_a_folder_without_write_permission_is_refused(copy):
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    copy.root.chmod(0o500)
    try:
        with pytest.raises(InputError, match="no permission"):
            Studio(copy).render()
    finally:
        copy.root.chmod(0o700)


def test_ctrl_c_stops_cleanly_and_says_how_to_resume(tmp_path):
    series = start(tmp_path / "series")
    words = [sys.executable, "-m", "cli.main", "render", str(series.root)]
    # a shell starts its background jobs deaf to Ctrl-C, and these tests may be one
    hear = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hear)
    deadline = time.monotonic() + 60
    while not list(series.artifacts.root.glob("??/*")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "run the same command again" in err
    assert "Traceback" not in err
    assert read_plan(series.plan_path(1)).title == "The Keeper"
