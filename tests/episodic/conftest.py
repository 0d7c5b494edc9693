"""A small series of two episodes, rendered once with the colour-card backbone. Tests work on copies."""

import shutil

import pytest

from episodic.production.graph.events import Event
from episodic.production.graph.in_process import InProcessRunner
from episodic.series.series import Series, SeriesSettings
from episodic.studio import Studio
from planners.plan.model import CastMember, EpisodePlan, FactText, Place, Scene, Shot
from planners.plan_file.read_write import write_plan


def render_in_process(series, *numbers, **options):
    """Render in this process, and return the events."""
    events: list[Event] = []
    Studio(series, events.append, InProcessRunner).render(numbers or None, **options)
    return events


@pytest.fixture(scope="session")
def render():
    return render_in_process


def planned_scene(name, *facts, people=("mara",), **fields):
    """A scene with one silent shot."""
    statements = tuple(FactText.model_validate(fact) for fact in facts)
    shots = (Shot(id=f"{name}.1", focus=people, seconds=1),)
    return Scene(id=name, at="shore", synopsis=f"What happens in {name}.", shots=shots, facts=statements, **fields)


def planned_episode(*scenes, **fields):
    cast = {name: CastMember(kind="human") for name in ("mara", "tom")}
    return EpisodePlan(title="The Lamp", cast=cast, locations={"shore": Place()}, scenes=scenes, **fields)


FIRST = planned_episode(
    planned_scene("a1", "mara.wearing = yellow raincoat"),
    planned_scene("a2", "tom.wearing = grey hat", people=("mara", "tom")),
)
SECOND = planned_episode(
    planned_scene("b1"), planned_scene("b2", "mara.wearing = blue dress"), planned_scene("b3", people=("mara", "tom"))
)


@pytest.fixture(scope="session")
def rendered_series(tmp_path_factory):
    settings = SeriesSettings(title="The Lamp", size="64x64", fps=8, backbone="cards")
    series = Series.create(tmp_path_factory.mktemp("rendered") / "series", settings)
    for number, plan in ((1, FIRST), (2, SECOND)):
        series.episode_folder(number).mkdir(parents=True, exist_ok=True)
        write_plan(series.plan_path(number), plan)
    render_in_process(series)
    return series


@pytest.fixture
def two_episodes(rendered_series, tmp_path):
    shutil.copytree(rendered_series.root, tmp_path / "series")
    return Series.open(tmp_path / "series")
