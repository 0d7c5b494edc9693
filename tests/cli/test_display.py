"""Output for people: user text unchanged, rounded lengths, the hint on Ctrl-C, and `doctor` with missing parts."""

import errno
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from rich.console import Console
from rich.progress import Progress
from typer.testing import CliRunner

from cli.canon_tables import print_canon
from cli.display import _StageBars, duration_text, show_plan
from cli.interrupt import resume_hint_on_interrupt
from cli.main import app
from cli.status_tables import print_status
from episodic.doctor import check_machine
from episodic.editing.show_canon import KnownCanon
from episodic.errors import InputError, explain_os_error
from episodic.production.graph.events import Event
from episodic.series.series import Series, SeriesSettings
from memory.model.canon import Canon, Character, Thread
from memory.model.facts import StoryPosition
from planners.plan_file.read_write import read_plan_text

ROOT = Path(__file__).parents[2]
TITLE = "[sighs] Mara [/x] :smile:"
PLAN = f"""format: episodic/plan@1
title: "{TITLE}"
cast:
  mara: {{kind: human}}
locations:
  shore: {{name: "the [b]shore[/y]"}}
scenes:
  - id: s01
    at: shore
    synopsis: "{TITLE} sings"
    shots:
      - id: s01.1
        lines:
          - mara: Hello there.
"""


def words(text):
    """Return the text without whitespace and the borders of tables."""
    return "".join(letter for letter in text if not letter.isspace() and letter not in "│┃")


def test_brackets_in_a_plan_are_not_read_as_markup(capsys):
    show_plan(read_plan_text(PLAN, "plan.yaml"), Path("a/[red]b[/z]/episodes/01/plan.yaml"))
    shown = words(capsys.readouterr().out)
    assert "[sighs]Mara[/x]:smile:" in shown
    assert "the[b]shore[/y]" in shown
    assert "a/[red]b[/z]/episodes" in shown


def test_brackets_in_the_canon_are_not_read_as_markup(capsys):
    mara = Character(id="mara", name="[Mara]", kind="human", state={"holds": "[/lamp]"})
    threads = (Thread(id="why", text="[why] now?[/]"),)
    canon = Canon(position=StoryPosition(1, 1), title=TITLE, characters={"mara": mara}, threads=threads)
    print_canon(KnownCanon(canon=canon, facts=(), conflicts=()))
    shown = words(capsys.readouterr().out)
    for text in ("[sighs]Mara[/x]:smile:", "[Mara]", "holds=[/lamp]", "[why]now?[/]"):
        assert text in shown


def test_brackets_in_a_series_title_are_not_read_as_markup(capsys, tmp_path):
    settings = SeriesSettings(title=TITLE, size="64x36", fps=8)
    print_status(Series(root=tmp_path, settings=settings), [])
    assert TITLE in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["note", "failed"])
def test_live_bars_print_text_unchanged(kind):
    output = io.StringIO()
    _StageBars(Progress(console=Console(file=output, width=200))).hear(Event(event=kind, text=TITLE))
    assert TITLE in output.getvalue()


@pytest.mark.parametrize(
    ("seconds", "read"),
    [
        (0, "0.0 s"),
        (59.94, "59.9 s"),
        (59.97, "1:00 min"),
        (60, "1:00 min"),
        (119.4, "1:59 min"),
        (119.6, "2:00 min"),
        (3725, "62:05 min"),
    ],
)
def test_a_length_is_rounded_once(seconds, read):
    assert duration_text(seconds) == read


def test_ctrl_c_says_how_to_resume(capsys):
    with pytest.raises(typer.Exit) as stopped, resume_hint_on_interrupt():
        raise KeyboardInterrupt
    assert stopped.value.exit_code == 130
    assert "same command again" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "named"),
    [(["--minutes", "0"], "--minutes"), (["--minutes", "nan"], "--minutes"), (["--device", "abacus"], "--device")],
)
def test_training_refuses_impossible_options(options, named, tmp_path):
    result = CliRunner().invoke(app, ["train", "stage", "--out", str(tmp_path / "out"), *options])
    assert isinstance(result.exception, InputError)
    assert result.exception.exit_code == 2
    assert named in result.exception.message
    assert not (tmp_path / "out").exists()


def test_findings_of_doctor_are_yielded_one_at_a_time():
    findings = check_machine()
    assert iter(findings) is findings
    assert next(findings).what == "python"


def test_doctor_reports_broken_libraries(tmp_path):
    for name in ("torch", "psutil", "skia", "av"):
        (tmp_path / f"{name}.py").write_text(f"raise ImportError('{name} is broken')\n")
    env = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    done = subprocess.run([sys.executable, "-m", "cli.main", "doctor"], capture_output=True, text=True, env=env, cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for name in ("torch", "psutil", "skia", "av"):
        assert f"{name} is broken" in done.stdout
    assert "install" in done.stdout


def test_doctor_reports_an_encoder_without_codecs(tmp_path):
    codec = "class codec:\n    @staticmethod\n    def Codec(name, mode):\n        raise ValueError(name)\n"
    (tmp_path / "av.py").write_text(codec)
    env = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    code = "from episodic.doctor import _check_encoder; print(_check_encoder())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert "state='missing'" in done.stdout, done.stderr
    assert "libx264" in done.stdout


@pytest.mark.parametrize(
    ("number", "explanation"),
    [
        (errno.ENAMETOOLONG, "longer than"),
        (errno.EACCES, "no permission for this file or folder"),
        (errno.ENOSPC, "disk is full"),
    ],
)
def test_a_system_error_is_explained(number, explanation):
    explained = explain_os_error(OSError(number, "x", "series/a"))
    assert explained is not None
    assert explained.startswith("series/a: ")
    assert explanation in explained


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize("way", ["argument", "environment"])
def test_make_passes_the_prompt_unchanged(way, tmp_path):
    prompt = 'He said "stop", it\'s `touch pwned` $(touch pwned) $(shell touch pwned) $HOME # end'
    shutil.copy(ROOT / "Makefile", tmp_path)
    installed = tmp_path / ".venv" / "bin"
    installed.mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    (installed / "python").touch()
    (installed.parent / ".installed").touch()
    (installed / "episodic").write_text('#!/bin/sh\nprintf "%s" "$2" > heard\n')
    (installed / "episodic").chmod(0o755)
    words_for_make = [f"PROMPT={prompt}"] if way == "argument" else []
    env = {**os.environ, "PROMPT": prompt} if way == "environment" else dict(os.environ)
    subprocess.run(["make", "episode", *words_for_make], cwd=tmp_path, env=env, check=True, capture_output=True)
    assert (tmp_path / "series" / "heard").read_text() == prompt
    assert not list(tmp_path.rglob("pwned"))
