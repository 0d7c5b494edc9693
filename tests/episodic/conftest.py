"""A small series of two episodes, filmed once in colour cards; tests work on copies of it."""

import shutil

import pytest

from episodic.production.graph.in_process import InProcessRunner
from episodic.series.series import Series, SeriesSettings
from episodic.studio import Studio
from planners.plan.model import CastMember, EpisodePlan, FactText, Place, Scene, Shot
from planners.plan_file.read_write import write_plan


def render_here(series, *numbers, **how):
    """Render in this process; the events."""
    heard = []
    Studio(series, heard.append, InProcessRunner).render(numbers or None, **how)
    return heard


@pytest.fixture(scope="session")
def render():
    return render_here


def planned_scene(name, *facts, who=("mara",), **more):
    """One scene of one shot without words."""
    said = tuple(FactText.model_validate(one) for one in facts)
    shots = (Shot(id=f"{name}.1", focus=who, seconds=1),)
    return Scene(id=name, at="shore", synopsis=f"What happens in {name}.", shots=shots, facts=said, **more)


def planned_episode(*scenes, **more):
    cast = {one: CastMember(kind="human") for one in ("mara", "tom")}
    return EpisodePlan(title="The Lamp", cast=cast, locations={"shore": Place()}, scenes=scenes, **more)


FIRST = planned_episode(
    planned_scene("a1", "mara.wearing = yellow raincoat"),
    planned_scene("a2", "tom.wearing = grey hat", who=("mara", "tom")),
)
SECOND = planned_episode(
    planned_scene("b1"), planned_scene("b2", "mara.wearing = blue dress"), planned_scene("b3", who=("mara", "tom"))
)


@pytest.fixture(scope="session")
def told(tmp_path_factory):
    settings = SeriesSettings(title="The Lamp", size="64x64", fps=8, backbone="cards")
    series = Series.create(tmp_path_factory.mktemp("told") / "series", settings)
    for number, plan in ((1, FIRST), (2, SECOND)):
        series.episode_folder(number).mkdir(parents=True, exist_ok=True)
        write_plan(series.plan_path(number), plan)
    render_here(series)
    return series


@pytest.fixture
def two_episodes(told, tmp_path):
    shutil.copytree(told.root, tmp_path / "series")
    return Series.open(tmp_path / "series")
