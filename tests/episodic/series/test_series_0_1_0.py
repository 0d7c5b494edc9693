"""A series made by release 0.1.0 opens, lists stale tasks, renders, resumes, and continues with a second episode."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cli.status_tables import print_status
from episodic.errors import InputError
from episodic.options import Options
from episodic.production.files.names import TAKE_FILE
from episodic.production.files.take_file import read_take, read_take_head
from episodic.production.graph.events import Event
from episodic.production.graph.in_process import InProcessRunner
from episodic.production.graph.ledger import Ledger
from episodic.series.memory_access import open_memory
from episodic.series.series import Series
from episodic.studio import Studio
from memory.model.facts import StoryPosition

DATA = Path(__file__).parents[2] / "data" / "series_0_1_0"
EARLIER = "made by an earlier version of episodic"


def unpacked(folder):
    """Unpack the series as the release left it into a folder."""
    root = Path(shutil.copytree(DATA, folder / "series", ignore=shutil.ignore_patterns("memory.sql", "README.md")))
    with closing(sqlite3.connect(root / "memory.db")) as database:
        database.executescript((DATA / "memory.sql").read_text("utf-8"))
    return Series.open(root)


@pytest.fixture
def series(tmp_path):
    return unpacked(tmp_path)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """The series, rendered by this version, with the artifacts that the release had made."""
    series = unpacked(tmp_path_factory.mktemp("rendered"))
    before = {path.parent.relative_to(series.artifacts.root) for path in series.artifacts.root.glob("??/*/artifact.json")}
    Studio(series, lambda _: None, InProcessRunner).render()
    return series, before


def test_an_old_series_opens_with_every_task_stale_for_one_reason(series):
    (ready,) = Studio(series).status()
    assert {entry.reason for entry in ready.stale} == {EARLIER}
    assert {entry.task.id for entry in ready.stale} == ready.graph.tasks.keys() == ready.ledger.tasks.keys()
    assert not ready.published


def test_an_old_ledger_keeps_the_measured_times(series):
    ledger = Ledger.read(series.ledger_path(1))
    assert (ledger.tasks["meaning"].seconds, ledger.tasks["cut"].seconds) == (19.463, 2.873)
    assert ledger.wall_s > 0


def test_the_status_of_an_old_series_is_printed(series, capsys):
    print_status(series, Studio(series).status())
    output = capsys.readouterr().out
    assert "The Keeper" in output
    assert "no film yet" in output


def test_artifacts_named_by_an_old_memory_are_found(series):
    with open_memory(series) as memory:
        ((owner, _),) = memory.measures("lamp_room", StoryPosition(1, 2))
    request, _ = read_take(series.artifacts.folder(owner.artifact) / TAKE_FILE)
    assert (owner.shot_id, request.shot_id) == ("s01.1", "s01.1")
    assert series.artifacts.has(owner.artifact)


def test_rendering_an_old_series_keeps_shot_lengths_and_leaves_nothing_stale(rendered):
    series, before = rendered
    assert series.film_path(1).is_file()
    (ready,) = Studio(series).status()
    assert (ready.stale, ready.published) == ([], True)
    old = {head.object("request").text("shot_id"): head for head in _takes(series, before)}
    request, take = read_take(series.artifacts.folder(ready.graph.keys["shoot:s01.1"]) / TAKE_FILE)
    assert request.frames == old["s01.1"].object("request").integer("frames")
    assert request.seed == old["s01.1"].object("request").integer("seed")
    assert take.notes == old["s01.1"].values("notes")
    assert all((series.artifacts.root / folder).is_dir() for folder in before)


def _takes(series, folders):
    files = [series.artifacts.root / folder / TAKE_FILE for folder in folders]
    return [read_take_head(file) for file in files if file.is_file()]


def test_an_interrupted_render_resumes_where_it_stopped(series, rendered):
    complete, _ = rendered
    (ready,) = Studio(complete).status()
    open_still = {"mix:s01", "cut"}
    for key in {ready.graph.keys[name] for name in ready.graph.tasks.keys() - open_still}:
        folder = series.artifacts.folder(key)
        folder.parent.mkdir(exist_ok=True)
        shutil.copytree(complete.artifacts.folder(key), folder)
    events: list[Event] = []
    Studio(series, events.append, InProcessRunner).render()
    assert {event.task for event in events if event.event == "start"} == open_still
    assert series.film_path(1).read_bytes() == complete.film_path(1).read_bytes()
    assert Ledger.read(series.ledger_path(1)).published == ready.graph.keys["cut"]


def test_the_next_episode_is_planned_once_the_first_is_rendered(series, rendered, tmp_path):
    complete, _ = rendered
    copy = Series.open(shutil.copytree(complete.root, tmp_path / "rendered"))
    number = Studio(copy).plan_next("Mara repairs the lamp before the next storm.", Options(minutes=0.1))
    (ready,) = Studio(copy).status([number])
    assert number == 2
    assert ready.cast.characters["mara"].look == Studio(copy).canon().characters["mara"].look
    with pytest.raises(InputError, match="no film yet; first: episodic render"):
        Studio(series).plan_next("Mara repairs the lamp.", Options(minutes=0.1))
