"""What `docs/plans.md` shows can be read, and it names every key, correction and link."""

from __future__ import annotations

import re
from pathlib import Path

from planners.plan.model import CastMember, EpisodePlan, Place, Scene, Shot
from planners.plan.vocabulary import STORY_LINKS
from planners.plan_file.read_write import read_plan_text
from planners.reading.corrections import CORRECTIONS
from planners.season_file import read_season

GUIDE = (Path(__file__).parents[2] / "docs" / "plans.md").read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)


def test_the_example_plan_is_valid() -> None:
    plan = read_plan_text(EXAMPLES[0], "docs/plans.md", open_threads=())
    assert [scene.id for scene in plan.scenes] == ["s01", "s02"]


def test_the_example_season_is_valid(tmp_path: Path) -> None:
    (tmp_path / "season.yaml").write_text(EXAMPLES[1], "utf-8")
    assert len(read_season(tmp_path / "season.yaml").episodes) == 2


def test_every_key_of_the_format_is_named() -> None:
    for model in (EpisodePlan, CastMember, Place, Scene, Shot):
        for key in model.model_fields:
            assert f"`{key}`" in GUIDE, key


def test_every_correction_and_link_is_named() -> None:
    for name in [*re.findall(r"(?:^|· )([a-z]+)", CORRECTIONS), *STORY_LINKS]:
        assert f"`{name}" in GUIDE, name
