"""The plans of the story planner fit the `stage` backbone."""

from pathlib import Path

import pytest

from episodic.backbones.registry import open_backbone
from episodic.conditioning.canon_requests import check_deliverable, named_in
from episodic.conditioning.cast import cast_episode
from episodic.conditioning.shot_brief import brief_episode
from memory.model.canon import empty_canon
from planners.planner import Brief
from planners.planner_registry import open_planner

PROMPTS = (Path(__file__).parents[2] / "bench" / "prompts.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize("seed", [0, 1])
def test_story_plans_name_no_more_performers_than_stage_can_show(seed):
    backbone, planner = open_backbone("stage"), open_planner()
    for prompt in PROMPTS:
        plan = planner.plan(Brief(prompt=prompt, minutes=2.0, seed=seed), empty_canon())
        cast = cast_episode(plan, empty_canon(), 0)
        check_deliverable(plan, brief_episode(plan, cast, backbone, size=(128, 72), fps=12), backbone)
        assert not any(shot.allow_missing for scene in plan.scenes for shot in scene.shots)
        assert all(len(named_in(shot)) <= backbone.capabilities.max_performers for scene in plan.scenes for shot in scene.shots)
