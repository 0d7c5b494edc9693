"""A season is outlined from its first episode, and the next episodes follow the outline as the user edits it."""

import pytest

from episodic.errors import InputError
from episodic.options import Options
from episodic.plan_season import plan_season
from episodic.production.graph.events import Event
from episodic.production.graph.in_process import InProcessRunner
from episodic.start import start_series
from episodic.studio import Studio
from planners.errors import SeasonError
from planners.season_file import read_season

PROMPT = "An old sailor refuses to sell his boat to a banker."
SMALL = Options(minutes=0.1, size="64x64", fps=8, backbone="cards")


@pytest.fixture(scope="module")
def outlined(tmp_path_factory):
    """A series with a planned first episode and an outline of three, and what was reported."""
    events: list[Event] = []
    series = start_series(PROMPT, SMALL, tmp_path_factory.mktemp("season") / "boat", events.append)
    Studio(series, events.append, InProcessRunner).plan_season(3, SMALL)
    return series, events


def test_each_episode_has_a_prompt_of_its_own_that_goes_on_with_the_threads(outlined):
    series, events = outlined
    season = read_season(series.season_path)
    assert [episode.number for episode in season.episodes] == [1, 2, 3]
    first, second, third = season.episodes
    assert first.prompt == PROMPT
    assert len({first.prompt, second.prompt, third.prompt}) == 3
    assert all(episode.happens for episode in season.episodes)
    (thread,) = first.opens
    assert "sell" in second.prompt
    assert second.closes == (thread,)
    (reported,) = [event for event in events if event.event == "season"]
    assert reported.text == str(series.season_path)


def test_an_outline_is_kept_and_another_length_is_refused(outlined):
    series, _ = outlined
    before = series.season_path.read_bytes()
    Studio(series).plan_season(3, SMALL)
    with pytest.raises(InputError, match="outlines 3 episodes; delete it to outline 4"):
        Studio(series).plan_season(4, SMALL)
    for number in (1, 101):
        with pytest.raises(InputError, match="--episodes: expected 2 to 100"):
            Studio(series).plan_season(number, SMALL)
    assert series.season_path.read_bytes() == before


def test_the_next_episode_follows_the_outline_as_it_was_edited_and_beyond_its_end_the_threads(outlined):
    series, _ = outlined
    text = series.season_path.read_text("utf-8")
    second = read_season(series.season_path).prompt(2)
    broken = text.replace("number: 2", "number: 1")
    series.season_path.write_text(text.replace(f"prompt: {second}", "prompt: The sailor paints the boat."), "utf-8")
    events: list[Event] = []
    studio = Studio(series, events.append, InProcessRunner)
    studio.render()
    series.season_path.write_text(broken, "utf-8")
    with pytest.raises(SeasonError, match="episode 1 is there twice"):
        studio.plan_next("", SMALL)
    series.season_path.write_text(text.replace(f"prompt: {second}", "prompt: The sailor paints the boat."), "utf-8")
    assert studio.plan_next("", Options(minutes=0.1)) == 2
    plan = studio.plan_of(2)
    assert plan.prompt == "The sailor paints the boat."
    assert any("paints the boat" in text for scene in plan.scenes for shot in scene.shots for text in shot.action.values())
    assert any("as outlined in" in event.text for event in events if event.event == "note")
    studio.render()
    assert studio.plan_next("The sailor sings.", Options(minutes=0.1)) == 3
    assert studio.plan_of(3).prompt == "The sailor sings."
    studio.render()
    assert studio.plan_next("", Options(minutes=0.1)) == 4
    assert studio.plan_of(4).prompt == ""
    studio.render()
    assert series.film_path(4).is_file()


def test_a_film_about_nobody_has_no_season(tmp_path):
    series = start_series("Why is the sky blue?", SMALL, tmp_path / "sky")
    first = Studio(series).plan_of(1).model_copy(update={"cast": {}})
    with pytest.raises(InputError, match="nobody is in the first episode"):
        plan_season(series, first, 2, SMALL)
