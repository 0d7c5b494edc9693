"""A writer's own families, jobs and places: the examples of `docs/extending.md` are used by the planner."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FILES = ("jobs.yaml", "places.yaml", "things.yaml", "families/fumigate.yaml")
CODE = """
import json
from memory.model.canon import empty_canon
from planners.knowledge.families import family_of
from planners.knowledge.job_facts import job_facts
from planners.knowledge.place_facts import place_facts
from planners.planner import Brief
from planners.planner_registry import open_planner
plan = open_planner().plan(Brief(prompt="An apiarist fumigates a smoker in the honey house."), empty_canon())
print(json.dumps({
    "family": family_of("fumigate"),
    "dress": job_facts("apiarist").dress,
    "baker": job_facts("baker").workplace,
    "place": place_facts("honey house").shell,
    "cast": [member.description for member in plan.cast.values()],
    "locations": [place.description for place in plan.locations.values()],
    "actions": [text for scene in plan.scenes for shot in scene.shots for text in shot.action.values()],
}))
"""


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    """Plan with a folder of one's own knowledge, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=ROOT,
        env={**os.environ, "EPISODIC_KNOWLEDGE": str(folder), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the examples of the documentation."""
    texts = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "extending.md").read_text("utf-8"), re.DOTALL)
    assert len(texts) == len(FILES)
    (tmp_path / "families").mkdir()
    for name, text in zip(FILES, texts, strict=True):
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_a_new_family_job_and_place_are_used(folder: Path) -> None:
    done = run(folder)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["family"], result["place"], result["baker"]) == ("fumigate", "room", "bakery")
    assert result["dress"] == "white suit, veil on the hat"
    assert any("veil on the hat" in text for text in result["cast"])
    assert any("combs on racks" in text for text in result["locations"])
    assert {"puts on a veil", "lifts a frame"} & set(result["actions"])


def test_a_mistake_names_the_file_and_the_entry(folder: Path) -> None:
    (folder / "families" / "fumigate.yaml").write_text("verbs: fumigate\nroles: {agent: {is_a: [bird]}}\n", "utf-8")
    done = run(folder)
    assert done.returncode != 0
    assert "fumigate.yaml: roles.agent.is_a.0" in done.stderr


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = run(tmp_path / "nowhere")
    assert done.returncode != 0
    assert "there is no folder" in done.stderr
