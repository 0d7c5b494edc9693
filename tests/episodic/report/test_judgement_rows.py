"""Judged takes in the report."""

import dataclasses

from episodic.backbones.cards import Cards
from episodic.backbones.request import Setting, ShotRequest
from episodic.production.take_selection import shoot_best, take_seed
from episodic.quality.judge import CriterionResult, Verdict
from episodic.report.judgement_rows import judged_shot
from episodic.report.page import Page, render_page

REQUEST = ShotRequest(
    shot_id="s01.1",
    seed=5,
    frames=12,
    fps=12,
    width=64,
    height=36,
    style="storybook",
    size="full",
    camera="static",
    setting=Setting(location="shore", look={}),
    performers=(),
)
EMPTY = Page(
    key="k",
    series="Nights",
    episode=1,
    title="The Keeper",
    prompt="",
    settings=(),
    seconds=1.0,
    scenes=(),
    figures=(),
    plots=(),
    conflicts=(),
    sound=(),
)


def judge(request, take):
    value = 0.8 if request.seed == take_seed(5, 2) else 0.3
    light = CriterionResult(criterion="light", value=value, threshold=0.5, against="the <place>", measured="dE00 4")
    return Verdict(shot_id=take.shot_id, seed=request.seed, results=(light,), absent={"sync": "nobody speaks"})


def judged():
    take = shoot_best(Cards(), REQUEST, takes=2, retries=0, good_enough=0.9, judge=judge)
    shot = judged_shot("s01.1", take.notes)
    assert shot is not None
    return shot


def test_every_take_is_listed_with_its_verdict_and_the_choice():
    shot = judged()
    assert [(take.name, take.score, take.chosen) for take in shot.takes] == [("take 1", "0.30", False), ("take 2", "0.80", True)]
    light, sync = shot.takes[0].criteria
    assert (light.name, light.value, light.passed) == ("light", "0.30", False)
    assert (sync.value, sync.words) == ("", "nobody speaks")


def test_an_unjudged_take_is_not_listed():
    assert judged_shot("s01.1", Cards().shoot(REQUEST).notes) is None
    assert judged_shot("s01.1", {"judgement": {"format": "episodic/judgement@9"}}) is None


def test_the_page_shows_and_escapes_a_judgement():
    page = render_page(dataclasses.replace(EMPTY, judged=(judged(),)))
    assert 'id="takes"' in page
    assert "chosen" in page
    assert "the &lt;place&gt;" in page
    assert "sync not measured" in page
    assert 'id="takes"' not in render_page(EMPTY)
