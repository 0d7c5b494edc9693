"""`episodic memory …` as text and as JSON, on a memory filled by the tests."""

import json
import shutil
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from cli.main import app
from episodic.series.series import Series, SeriesSettings
from memory.errors import EpisodicError
from memory.model.facts import Fact, StoryPosition
from memory.model.records import EntityRecord, SceneRecord, TakeRecord
from memory.store import MemoryStore

PLAN = """format: episodic/plan@1
title: The Lamp
cast:
  mara: {kind: human}
locations:
  shore: {}
scenes:
"""
SCENE = """  - id: SCENE
    at: shore
    present: [mara]
    synopsis: Mara mends the broken lamp in SCENE.
    shots:
      - id: SCENE.1
        focus: [mara]
        seconds: 1
"""


def at(text):
    return StoryPosition.parse(text)


def scene(position, wearing=None, **more):
    facts = [Fact(entity="mara", attribute="name", value="Mara", since=at(position))]
    if wearing:
        facts.append(Fact(entity="mara", attribute="wearing", value=wearing, since=at(position)))
    entities = (
        EntityRecord(id="mara", kind="character", character_kind="human"),
        EntityRecord(id="shore", kind="location"),
    )
    name = f"s{position.replace(':', '')}"
    synopsis = f"Mara mends the broken lamp in {name}."
    fields = {"scene_id": name, "key": f"{name} {wearing}", "synopsis": synopsis, "entities": entities, "facts": tuple(facts)}
    return SceneRecord(position=at(position), **{**fields, **more})


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    series = Series.create(
        tmp_path_factory.mktemp("begun") / "lamp", SeriesSettings(title="The Lamp", size="64x64", backbone="cards")
    )
    for episode in (1, 2):
        series.episode_folder(episode).mkdir(parents=True)
        scenes = [SCENE.replace("SCENE", f"s{episode}{number}") for number in (1, 2)]
        series.plan_path(episode).write_text(PLAN + "".join(scenes), "utf-8")
    with MemoryStore.open(series.database, create=True) as memory:
        memory.commit(scene("1:1", "yellow raincoat", opens={"lamp": "Who broke the lamp?"}))
        memory.commit(scene("1:2"))
        memory.commit(scene("2:1", "blue dress"))
        memory.branch("what-if", at("2:1"))
        memory.commit(scene("2:1", "black dress", branch="what-if"))
        memory.set_fact(Fact(entity="mara", attribute="wearing", value="red coat", since=at("1:2"), until=at("2:1")))
    return series


@pytest.fixture
def lamp(begun, tmp_path, monkeypatch):
    shutil.copytree(begun.root, tmp_path / "lamp")
    monkeypatch.chdir(tmp_path)
    return Series.open(tmp_path / "lamp")


def run(*words, code=0):
    done = CliRunner().invoke(app, ["memory", *words], env={"COLUMNS": "200"})
    if isinstance(done.exception, EpisodicError):
        return done.exception
    assert done.exit_code == code, (done.output, done.exception)
    return done.output


def run_json(*words, code=0):
    return json.loads(run(*words, "--json", code=code))


def test_show_lists_facts_with_their_evidence_and_start(lamp):
    assert "wearing = red coat (user, from 1:2)" in run("show", "lamp", "--at", "1:2")
    assert "wearing = yellow raincoat" in run("show", "lamp", "--at", "1:1")
    canon = run_json("show", "lamp")
    assert canon["characters"]["mara"]["state"] == {"wearing": "blue dress"}
    assert {"attribute": "wearing", "since": "2:1", "evidence": "planned"}.items() <= canon["facts"][-1].items()


def test_show_reads_the_branch_given(lamp):
    assert run_json("show", "lamp", "--branch", "what-if")["characters"]["mara"]["state"] == {"wearing": "black dress"}


def test_history_lists_each_span_with_its_evidence(lamp):
    facts = run_json("history", "mara", "--series", "lamp")["facts"]
    line = [(fact["value"], fact["since"], fact["until"], fact["evidence"]) for fact in facts if fact["attribute"] == "wearing"]
    assert line == [
        ("yellow raincoat", "1:1", "1:2", "planned"),
        ("red coat", "1:2", "2:1", "user"),
        ("blue dress", "2:1", None, "planned"),
    ]
    assert "blue dress" in run("history", "mara", "--series", "lamp")


def test_search_by_words_finds_scenes_and_facts(lamp):
    results = run_json("search", "who broke the lamp", "--series", "lamp", "--words")["found"]
    assert {result["kind"] for result in results} >= {"scene", "thread"}
    (thread,) = run_json("search", "lamp", "--series", "lamp", "--words", "--kind", "thread", "--limit", "1")["found"]
    assert thread["text"] == "Who broke the lamp?"
    assert "nothing found" in run("search", "submarine", "--series", "lamp", "--words")


def test_branches_are_listed_created_and_deleted(lamp):
    assert [branch["name"] for branch in run_json("branch", "--series", "lamp")["branches"]] == ["main", "what-if"]
    begun = run_json("branch", "other", "--at", "2:2", "--series", "lamp")
    assert begun["plan"].endswith("branches/other/episodes/02/plan.yaml")
    assert "what-if" in run("branch", "--series", "lamp")
    run("branch", "other", "--delete", "--yes", "--series", "lamp")
    assert [branch["name"] for branch in run_json("branch", "--series", "lamp")["branches"]] == ["main", "what-if"]


def test_a_diff_names_both_values_and_their_origins(lamp):
    (difference,) = run_json("diff", "what-if", "--series", "lamp")["differences"]
    assert (difference["before"], difference["after"], difference["position"]) == ("blue dress", "black dress", "2:1")
    assert (difference["before_origin"]["branch"], difference["after_origin"]["branch"]) == ("main", "what-if")
    assert "what-if 2:1 (scene s21, planned)" in run("diff", "what-if", "--series", "lamp")
    assert "do not differ" in run("diff", "main", "main", "--series", "lamp")


def test_a_merge_with_conflicts_shows_them_and_changes_nothing(lamp):
    table = run("merge", "what-if", "--series", "lamp", code=2)
    assert "blue dress" in table
    assert "main 2:1 (scene s21, planned)" in table
    assert run_json("merge", "what-if", "--series", "lamp", code=2)["conflicts"][0]["after"] == "black dress"
    (difference,) = run_json("merge", "what-if", "--choose", "mara.wearing=theirs", "--dry-run", "--series", "lamp")["settled"]
    assert difference["attribute"] == "wearing"
    run("merge", "what-if", "--rule", "theirs", "--series", "lamp")
    assert run_json("show", "lamp", "--at", "2:1")["characters"]["mara"]["state"]["wearing"] == "black dress"


def test_a_rollback_asks_unless_yes_is_given(lamp):
    refused = run("rollback", "--to", "1:2", "--branch", "main", "--series", "lamp")
    assert "pass --yes" in refused.message
    gone = run_json("rollback", "--to", "1:2", "--yes", "--series", "lamp")
    assert [scene["scene_id"] for scene in gone["scenes"]] == ["s21"]
    assert run_json("show", "lamp")["position"] == "1:2"


def test_set_reports_consequences_and_conflicts(lamp):
    preview = run_json("set", "mara.wearing", "grey coat", "--from", "2:2", "--series", "lamp", "--dry-run")
    assert (preview["statements"], preview["kept"], preview["stale"]) == (1, False, [])
    run("set", "mara.wearing", "grey coat", "--from", "2:1", "--note", "cold", "--series", "lamp")
    assert run_json("show", "lamp")["characters"]["mara"]["state"] == {"wearing": "grey coat"}
    (conflict,) = run_json("show", "lamp")["conflicts"]
    assert (conflict["holds"], conflict["overruled"], conflict["holds_origin"]["note"]) == ("grey coat", "blue dress", "cold")
    run("set", "mara.wearing", "--clear", "--series", "lamp")
    assert run_json("show", "lamp")["characters"]["mara"]["state"] == {"wearing": "blue dress"}


def test_an_export_can_be_imported_into_an_empty_memory(lamp, tmp_path):
    run("export", "all.json", "--series", "lamp")
    before = run_json("show", "lamp", "--branch", "what-if")
    for path in lamp.root.glob("memory.db*"):
        path.unlink()
    assert "4 scenes" in run("import", "all.json", "--series", "lamp")
    assert run_json("show", "lamp", "--branch", "what-if") == before
    assert "empty" in run("import", "all.json", "--series", "lamp").message


def test_verify_names_a_missing_artifact_and_fails(lamp):
    assert "memory is intact" in run("verify", "lamp")
    with MemoryStore.open(lamp.database) as memory:
        memory.commit(scene("2:2", takes=(TakeRecord(shot_id="s22.1", artifact="ab" * 32),)))
    (fault,) = run_json("verify", "lamp", code=1)["faults"]
    assert "ab" * 6 in fault["what"] + fault["row"]
    assert fault["remedy"]


WRONG = {
    "an unknown branch": (["show", "lamp", "--branch", "what-is"], "no branch 'what-is'; branches: main, what-if"),
    "an unknown entity": (["history", "marra", "--series", "lamp"], "did you mean mara? Known: mara, shore"),
    "an unknown kind": (["search", "lamp", "--kind", "scenes", "--words", "--series", "lamp"], "valid: scene, entity"),
    "a search about a stranger": (["search", "lamp", "--entity", "marra", "--words", "--series", "lamp"], "did you mean mara?"),
    "an import into nothing": (["import", "all.json", "--series", "copy"], "copy series.yaml and episodes/"),
    "an empty search": (["search", " ", "--series", "lamp"], "TEXT is empty"),
    "a branch that exists": (["branch", "what-if", "--at", "2:1", "--series", "lamp"], "already"),
    "a branch from nowhere": (["branch", "new", "--series", "lamp"], "--at 2:3"),
    "a delete without a name": (["branch", "--delete", "--series", "lamp"], "name the branch"),
    "main deleted": (["branch", "main", "--delete", "--yes", "--series", "lamp"], "rollback"),
    "a rule that is none": (["merge", "what-if", "--rule", "mine", "--series", "lamp"], "ask, ours, theirs"),
    "a choice about nothing": (
        ["merge", "what-if", "--choose", "mara.hat=ours", "--series", "lamp"],
        "nothing differs in mara.hat",
    ),
    "a rollback to nowhere": (["rollback", "--to", "9:1", "--yes", "--series", "lamp"], "memory ends at 2:1"),
    "an import of nothing": (["import", "none.json", "--series", "lamp"], "none.json"),
    "a fact without a place in time": (["set", "mara.wearing", "hat", "--series", "lamp"], "--from EPISODE:SCENE"),
    "a fact about a stranger": (["set", "marra.wearing", "hat", "--from", "1:1", "--series", "lamp"], "did you mean mara?"),
}


@pytest.mark.parametrize("name", WRONG)
def test_memory_commands_refuse(name, lamp):
    words, expected = WRONG[name]
    before = run_json("show", "lamp")
    assert expected in run(*words).message
    assert run_json("show", "lamp") == before


def test_showing_memory_loads_no_production_library(lamp):
    heavy = "torch,numpy,scipy,networkx,av,skia,spacy,sentence_transformers,alembic,episodic.studio,planners.plan.model"
    code = (
        "import sys; sys.argv[1:] = ['memory', 'show', 'lamp']; import cli.main\n"
        "try: cli.main.main()\n"
        f"finally: print([name for name in '{heavy}'.split(',') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr


# Where the memory is


def settings(series, line):
    path = series.root / "series.yaml"
    path.write_text(path.read_text("utf-8") + line + "\n", "utf-8")


def test_the_memory_may_be_another_file(lamp, tmp_path):
    (lamp.root / "memory.db").rename(lamp.root / "elsewhere.db")
    settings(lamp, "memory: sqlite:///elsewhere.db")
    assert run_json("show", "lamp")["position"] == "2:1"
    assert not (lamp.root / "memory.db").exists()
    assert Series.open(lamp.root).memory_location == lamp.root / "elsewhere.db"


def test_showing_a_missing_memory_creates_no_file(lamp):
    settings(lamp, "memory: sqlite:///none.db")
    assert "nothing is known" in run("show", "lamp")
    assert not (lamp.root / "none.db").exists()


def test_passwords_come_from_the_environment_and_are_never_shown(lamp, monkeypatch):
    settings(lamp, "memory: postgresql+psycopg://mara:${LAMP_PASSWORD}@127.0.0.1:1/lamp?connect_timeout=2")
    monkeypatch.delenv("LAMP_PASSWORD", raising=False)
    assert "no environment variable LAMP_PASSWORD" in run("show", "lamp").message
    monkeypatch.setenv("LAMP_PASSWORD", "sea/cret")
    assert Series.open(lamp.root).memory_location == "postgresql+psycopg://mara:sea%2Fcret@127.0.0.1:1/lamp?connect_timeout=2"
    refused = run("show", "lamp").message
    assert "no server answers there" in refused
    assert "127.0.0.1:1" in refused
    assert "cret" not in refused


def test_a_missing_driver_is_reported_with_its_remedy(lamp):
    settings(lamp, "memory: postgresql+psycopg://mara:secret@127.0.0.1:1/lamp")
    code = (
        "import sys; sys.modules['psycopg'] = None; sys.argv[1:] = ['memory', 'show', 'lamp']; import cli.main; cli.main.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode in (1, 2)
    assert "the driver for PostgreSQL cannot be loaded" in done.stderr
    assert "pip install" in done.stderr
    assert "secret" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_an_unsupported_database_is_refused_with_the_supported_one(lamp):
    settings(lamp, "memory: mysql://localhost/lamp")
    assert "postgresql+psycopg://" in run("show", "lamp").message


def test_saving_a_series_adds_no_memory_setting(lamp):
    Series.open(lamp.root).save()
    assert "memory" not in (lamp.root / "series.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    "words",
    [
        ("branch", "what-if", "--at", "2:1", "--series", "lamp"),
        ("branch", "nobody", "--delete", "--series", "lamp"),
        ("merge", "main", "--series", "lamp"),
        ("merge", "what-if", "--choose", "mara.hat=ours", "--series", "lamp"),
        ("history", "storm", "--series", "lamp"),
        ("show", "lamp", "--at", "9:9"),
        ("import", "nothing.json", "--series", "lamp"),
    ],
)
def test_impossible_requests_of_memory_exit_as_wrong_input(lamp, words):
    assert run(*words).exit_code == 2
