"""Commands of the studio without rendering: planning, resuming after a kill, dry runs, plans from other folders."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from episodic.errors import InputError
from episodic.options import Options
from episodic.production.graph.events import Event, silent
from episodic.production.graph.in_process import InProcessRunner
from episodic.seeds import derive_seed
from episodic.series.series import Series, SeriesSettings
from episodic.start import dry_run_series, start_series
from episodic.studio import Studio, announce
from episodic.targets import dry_run_target, find_target
from planners.errors import PlanError
from planners.plan.model import CastMember, EpisodePlan, Line, Look, Place, Scene, Shot
from planners.plan_file.read_write import read_plan, write_plan
from planners.planner import Brief
from planners.reading.texts.clean_prompt import clean_prompt

PROMPT = "A lamp goes out."
SMALL = Options(size="128x72", fps=12, backbone="cards")


class Planner:
    """Plans one scene with one shot, and keeps the prompt as the embedded planner does."""

    def __init__(self, title="The Lamp"):
        self.title = title
        self.briefs = []

    def plan(self, brief, canon):
        self.briefs.append(brief)
        scene = f"e{brief.episode}"
        shot = Shot(id=f"{scene}.1", lines=(Line(speaker="mara", text="Not tonight."),))
        return EpisodePlan(
            title=self.title,
            prompt=clean_prompt(brief.prompt) if brief.prompt.strip() else "",
            seed=brief.seed,
            look=Look(style=brief.style or "noir"),
            cast={"mara": CastMember(kind="human")},
            locations={"shore": Place()},
            scenes=(Scene(id=scene, at="shore", synopsis="It goes out.", shots=(shot,)),),
        )


def brief_of(number):
    return Brief(prompt=PROMPT, episode=number)


def begin(root=None, prompt=PROMPT, planner=None, **options):
    return start_series(prompt, replace(SMALL, **options), root, planner=planner or Planner())


def everything(root):
    return {path: path.read_bytes() if path.is_file() else None for path in root.rglob("*")}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def filmed(tmp_path_factory):
    """A series whose first episode is rendered. Tests work on copies."""
    series = begin(tmp_path_factory.mktemp("filmed") / "series", seed=7)
    Studio(series, silent, InProcessRunner).render()
    return series


@pytest.fixture
def series(filmed, folder):
    shutil.copytree(filmed.root, folder / "series")
    return Series.open(folder / "series")


# Resuming after a kill


def test_a_series_file_without_a_plan_is_planned_by_the_same_command(folder):
    Series.create(folder / "lamp", SeriesSettings(title="The Lamp", style="noir", size="128x72", fps=12, backbone="cards"))
    assert begin(folder / "lamp").episodes() == [1]


def test_leftovers_of_a_run_killed_before_the_series_file_do_not_block(folder):
    for name in ("episodes/01", "artifacts"):
        (folder / "lamp" / name).mkdir(parents=True)
    (folder / "lamp" / ".series.yaml.4711").write_text("format:")
    (folder / "lamp" / "episodes" / "01" / ".plan.yaml.4711.tmp").write_text("for")
    assert begin(folder / "lamp").episodes() == [1]


def test_a_killed_run_is_resumed_in_its_own_folder(folder):
    for begun in (lambda: (folder / "the-lamp" / "episodes").mkdir(parents=True), lambda: None):
        begun()
        assert begin().root.name == "the-lamp"
    (folder / "the-lamp" / "episodes" / "01" / "plan.yaml").unlink()
    assert begin().root.name == "the-lamp"
    assert [path.name for path in folder.iterdir()] == ["the-lamp"]


def test_a_folder_with_other_files_is_refused(folder):
    (folder / "lamp" / "artifacts").mkdir(parents=True)
    (folder / "lamp" / "artifacts" / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="new or empty folder"):
        begin(folder / "lamp")


def test_whitespace_does_not_make_another_prompt(folder):
    first = begin(folder / "lamp", prompt="A  lamp\ngoes out. ")
    assert begin(folder / "lamp", prompt=" A lamp goes\tout.").root == first.root
    assert begin(prompt="A  lamp goes out.").root == begin(prompt="A lamp\ngoes out.").root
    with pytest.raises(InputError, match="another prompt"):
        begin(folder / "lamp", prompt="A boat goes out.")


# Options that differ from an existing series


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"size": "640x360"}, r"--size 640x360: .*series\.yaml says 128x72"),
        ({"fps": 30}, r"--fps 30: .*series\.yaml says 12"),
        ({"backbone": "stage"}, r"--backbone stage: .*series\.yaml says cards"),
        ({"seed": 4}, r"--seed 4: .*series\.yaml says 0"),
        ({"style": "neon"}, r"--style neon: .*plan\.yaml says noir"),
    ],
)
def test_an_option_that_differs_from_the_series_is_refused(folder, given, expected):
    begin(folder / "lamp")
    with pytest.raises(InputError) as caught:
        begin(folder / "lamp", **given)
    assert re.search(expected, caught.value.message), caught.value.message


def test_options_not_given_never_contradict(folder):
    begin(folder / "lamp", seed=9)
    again = start_series(PROMPT, Options(), folder / "lamp", planner=Planner())
    assert (again.settings.size, again.settings.fps, again.settings.backbone, again.settings.seed) == ("128x72", 12, "cards", 9)


def test_a_new_series_takes_the_defaults(folder):
    settings = start_series(PROMPT, Options(), folder / "lamp", planner=Planner()).settings
    assert (settings.size, settings.fps, settings.backbone, settings.seed) == ("1280x720", 24, "stage", 0)


def test_a_deeply_nested_series_file_is_refused(folder):
    begin(folder / "lamp")
    (folder / "lamp" / "series.yaml").write_text("[" * 20_000)
    with pytest.raises(InputError, match="YAML"):
        Series.open(folder / "lamp")


# Rendering one scene or shot


@pytest.fixture
def two(folder):
    """A series of two planned episodes, not rendered."""
    series = begin(folder / "lamp")
    write_plan(series.plan_path(2), Planner().plan(brief_of(2), None))
    return series


def test_only_searches_every_episode(two):
    (ready,) = Studio(two).status(only="e2.1")
    assert ready.number == 2
    events: list[Event] = []
    announce(ready, events.append, "e2.1")
    assert "shoot:e2.1" in [event.task for event in events]


def test_an_unknown_scene_or_shot_is_refused_with_the_valid_names(two):
    for ask in (Studio(two).status, Studio(two).render):
        with pytest.raises(InputError, match=r"'s09'\. Valid: e1, e1\.1, e2, e2\.1"):
            ask(only="s09")
    with pytest.raises(InputError, match=r"Valid: e1, e1\.1$"):
        announce(Studio(two).status([1])[0], silent, "e2")


def test_a_shot_is_rendered_in_the_episode_that_has_it(two):
    events: list[Event] = []
    assert Studio(two, events.append, InProcessRunner).render(only="e2.1") == []
    note = events[-1].text
    assert note.startswith("episode 2: e2.1, without sound: ")
    assert Path(note.partition("sound: ")[2]).is_file()
    stale = {ready.number: {task.task.id for task in ready.stale} for ready in Studio(two).status()}
    assert "shoot:e1.1" in stale[1]
    assert "shoot:e2.1" not in stale[2]


# Plans from other folders


def plan_file(path, title="The Lamp", text=PROMPT):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_plan(path, Planner(title).plan(brief_of(1), None).model_copy(update={"prompt": text}))
    return path


def test_a_bad_plan_leaves_nothing_behind(folder):
    path = plan_file(folder / "in" / "mine.yaml")
    path.write_text(path.read_text() + "    closes: [never_opened]\n")
    with pytest.raises(PlanError):
        find_target(path)
    assert [path.name for path in folder.iterdir()] == ["in"]


def test_a_changed_original_is_copied_again(folder):
    path = plan_file(folder / "in" / "mine.yaml")
    series, _ = find_target(path)
    plan_file(path, text="Another.")
    find_target(path)
    assert read_plan(series.plan_path(1)).prompt == "Another."


def test_another_plan_of_the_same_title_is_refused(folder):
    series, _ = find_target(plan_file(folder / "in" / "one.yaml"))
    with pytest.raises(InputError, match=r"another plan of the same title.*one\.yaml"):
        find_target(plan_file(folder / "in" / "two.yaml", text="Another."))
    assert read_plan(series.plan_path(1)).prompt == PROMPT


def test_a_copy_edited_by_hand_is_not_overwritten(folder):
    path = plan_file(folder / "in" / "mine.yaml")
    series, _ = find_target(path)
    plan_file(series.plan_path(1), text="By hand.")
    with pytest.raises(InputError, match="edited since"):
        find_target(path)


def test_a_kill_between_copy_and_mark_is_repaired_by_the_next_call(folder):
    path = plan_file(folder / "in" / "mine.yaml")
    series, _ = find_target(path)
    mark = series.episode_folder(1) / "plan.source"
    old = mark.read_text()
    plan_file(path, text="Second.")
    shutil.copy(path, series.plan_path(1))
    find_target(path)
    assert mark.read_text() != old
    assert json.loads(mark.read_text())["path"] == str(path)
    plan_file(path, text="Third.")
    find_target(path)
    assert read_plan(series.plan_path(1)).prompt == "Third."


def test_only_an_episodes_own_plan_file_names_the_episode(folder):
    series = begin(folder / "lamp")
    assert find_target(series.plan_path(1))[1] == [1]
    draft = plan_file(series.episode_folder(1) / "draft.yaml", title="A Draft")
    assert find_target(draft)[0].root.name == "a-draft"
    odd = plan_file(folder / "lamp" / "episodes" / "1" / "plan.yaml", title="An Odd One")
    assert find_target(odd)[0].root.name == "an-odd-one"


# Dry runs


def test_a_dry_run_of_a_new_series_writes_nothing(folder):
    events: list[Event] = []
    (ready,) = dry_run_series(PROMPT, SMALL, None, events.append, Planner())
    assert "shoot:e1.1" in [task.task.id for task in ready.stale]
    assert ["nothing is written" in event.text for event in events] == [True]
    dry_run_series(PROMPT, SMALL, folder / "deep" / "lamp", planner=Planner())
    assert everything(folder) == {}


def test_a_dry_run_of_a_planned_series_writes_nothing(folder):
    begin(folder / "lamp")
    before = everything(folder)
    dry_run_series(PROMPT, Options(), folder / "lamp", planner=Planner())
    dry_run_target(folder / "lamp")
    Studio(Series.open(folder / "lamp")).canon()
    assert everything(folder) == before


def test_a_dry_run_of_a_plan_from_elsewhere_writes_nothing(folder):
    path = plan_file(folder / "in" / "mine.yaml")
    before = everything(folder)
    assert dry_run_target(path)[0].stale
    with pytest.raises(InputError, match="Valid: e1"):
        dry_run_target(path, only="s09")
    assert everything(folder) == before


def test_a_dry_run_of_the_next_episode_writes_nothing(series):
    before = everything(series.root)
    (ready,) = Studio(series).dry_run_next("More.", Options(), Planner())
    assert ready.number == 2
    assert {path: content for path, content in everything(series.root).items() if "memory.db-" not in path.name} == before


# The next episode


def test_the_next_episode_takes_seed_and_style_from_the_series(series):
    planner = Planner()
    assert Studio(series).plan_next("More.", Options(), planner) == 2
    assert planner.briefs[0].seed == derive_seed(7, "episode", "2")
    assert planner.briefs[0].style == "noir"


def test_seed_zero_is_not_replaced_by_the_default(series):
    planner = Planner()
    Studio(series).plan_next("More.", Options(seed=0), planner)
    assert planner.briefs[0].seed == 0


def test_the_next_episode_needs_changed_episodes_rendered_first(series):
    plan = series.plan_path(1)
    plan.write_text(plan.read_text().replace("Not tonight.", "Not ever."))
    for prompt in ("More.", ""):
        with pytest.raises(InputError, match=r"episode 1 was changed.*episodic render"):
            Studio(series).plan_next(prompt, Options(), Planner())
    assert Studio(series).plan_next(PROMPT, Options(), Planner()) == 1


def test_the_next_episode_needs_the_film_and_the_memory_of_the_last(series):
    memory = series.database.read_bytes()
    for path in series.root.glob("memory.db*"):
        path.unlink()
    with pytest.raises(InputError, match="memory"):
        Studio(series).plan_next("More.", Options(), Planner())
    series.database.write_bytes(memory)
    series.film_path(1).unlink()
    with pytest.raises(InputError, match="no film yet"):
        Studio(series).plan_next("More.", Options(), Planner())


def test_an_unfinished_plan_is_resumed_unless_the_seed_differs(series):
    Studio(series).plan_next("More.", Options(seed=3), Planner())
    assert Studio(series).plan_next(" More. ", Options(seed=3), Planner()) == 2
    assert Studio(series).plan_next("", Options(), Planner()) == 2
    with pytest.raises(InputError, match=r"--seed 5: .*02/plan\.yaml says 3"):
        Studio(series).plan_next("More.", Options(seed=5), Planner())
