"""Rendering while the disk fills up."""

import subprocess

import pytest

from episodic.production.graph.events import silent
from episodic.production.graph.in_process import InProcessRunner
from episodic.series.series import Series
from episodic.studio import Studio
from planners.plan_file.read_write import read_plan
from tests.cli.command_line import run_command

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
          - mara: Hello there, and good evening to you all.
"""


@pytest.fixture
def small_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1200k", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_reported_and_finished_artifacts_stay(small_disk):
    root = small_disk / "series"
    (root / "episodes/01").mkdir(parents=True)
    (root / "artifacts").mkdir()
    (root / "episodes/01/plan.yaml").write_text(PLAN)
    (root / "series.yaml").write_text("format: episodic/series@1\ntitle: Small\nbackbone: cards\nsize: 128x72\nfps: 12\n")
    done = run_command("render", root)
    assert done.exit_code == 2, done.stderr
    assert "disk" in done.stderr
    assert "full" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (root / "episodes/01/episode.mp4").exists()
    assert not list(root.glob("artifacts/??/.*"))
    assert read_plan(root / "episodes/01/plan.yaml").title == "Small"
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    Studio(Series.open(root), silent, InProcessRunner).render()
    assert (root / "episodes/01/episode.mp4").exists()
