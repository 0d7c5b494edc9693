"""Wrong input by the user gives one clear message, exit code 2, and no half-written files."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command_line import run_command

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


PLAN = """format: episodic/plan@1
title: Small
cast:
  mara: {kind: human}
locations:
  shore: {}
scenes:
  - id: s01
    at: shore
    shots:
      - id: s01.1
        lines:
          - mara: Hello there.
"""

BAD_PLANS = {
    "an unknown key": (PLAN.replace("title: Small", "title: Small\ntitel: Smal"), "titel"),
    "an unknown place": (PLAN.replace("at: shore", "at: shoer"), "shore"),
    "a wrong type": (PLAN.replace("title: Small", "title: [1, 2]"), "2:8: expected text"),
    "a duplicate shot id": (PLAN + "      - id: s01.1\n", "s01.1"),
    "an unknown speaker": (PLAN.replace("- mara: Hello", "- marra: Hello"), "mara"),
    "a speaker who is not in the scene": (
        PLAN.replace("    at: shore", "    at: shore\n    present: [mara]").replace(
            "mara: {kind: human}", "mara: {}\n  storm: {}"
        )
        + "          - storm: Boo.\n",
        "storm",
    ),
    "a tag": (PLAN.replace("title: Small", "title: !!python/object/apply:os.system [ls]"), "tag"),
    "an anchor bomb": ("a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n" + PLAN, "anchor"),
    "a newer plan": (PLAN.replace("plan@1", "plan@7"), "plan@7"),
}


@pytest.mark.parametrize("name", BAD_PLANS)
def test_a_plan_is_refused_with(name, folder):
    text, expected = BAD_PLANS[name]
    (folder / "plan.yaml").write_text(text)
    done = run_command("render", "plan.yaml")
    assert done.exit_code == 2, done.stderr
    assert expected in done.stderr
    assert "plan.yaml:" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in folder.iterdir()] == ["plan.yaml"]


BAD_WORDS = {
    "an empty prompt": (["generate", "  "], "prompt"),
    "a prompt of 100,000 characters": (["generate", "storm " * 16_667], "100"),
    "control characters": (["generate", "a \x07 bell"], "control"),
    "an unknown style": (["generate", "A storm.", "--style", "storybok"], "storybook"),
    "an impossible size": (["generate", "A storm.", "--size", "1279x720"], "1280x720"),
    "an unknown backbone": (["generate", "A storm.", "--backbone", "stag"], "stage"),
    "an impossible length": (["generate", "A storm.", "--minutes", "900"], "40"),
    "seconds that are no number": (["bench", "backbones", "--seconds", "nan"], "--seconds"),
    "an unknown planner to measure": (["bench", "planner", "--planner", "tarot"], "story"),
    "a source that does not exist": (["plan", "a lesson about otters", "--source", "notes.md"], "notes.md: no such file"),
    "a folder that is no series": (["status", "."], "not a series"),
    "a folder that does not exist": (["render", "nowhere"], "nowhere"),
    "no series to go on with": (["next", "--series", "."], "not a series"),
    "a story position that is none": (["memory", "show", ".", "--at", "three"], "EPISODE:SCENE"),
}


@pytest.mark.parametrize("name", BAD_WORDS)
def test_the_command_line_is_refused_with(name, folder):
    words, expected = BAD_WORDS[name]
    done = run_command(*words)
    assert done.exit_code == 2, done.stdout + done.stderr
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
    assert list(folder.iterdir()) == []


def test_a_refusal_in_a_process_of_its_own_is_one_message_on_standard_error(folder):
    (folder / "plan.yaml").write_text(BAD_PLANS["an unknown place"][0])
    words = [sys.executable, "-m", "cli.main", "render", "plan.yaml"]
    done = subprocess.run(words, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("episodic: plan.yaml:")
    assert "Traceback" not in done.stderr
    assert [path.name for path in folder.iterdir()] == ["plan.yaml"]
