"""Reading a large model for the first time shows progress, on a terminal only."""

import contextlib
import io

import pytest
from rich.console import Console

from cli.read_progress import show_read_progress
from episodic.backbones.diffusers.folder.digests import fingerprint
from episodic.progress import ReadProgress, report_read

LARGE = 20 << 20


@pytest.fixture
def model(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "my [wan]"
    folder.mkdir()
    with (folder / "weights.safetensors").open("wb") as stream:
        stream.truncate(LARGE)
    return folder


def shown(folder, *, terminal, least_bytes):
    output = io.StringIO()
    console = Console(file=output, force_terminal=terminal, width=120)
    with show_read_progress(console, least_bytes):
        fingerprint(folder, [folder / "weights.safetensors"])
    return output.getvalue()


def test_a_bar_names_the_folder_and_is_removed_afterwards(model):
    output = shown(model, terminal=True, least_bytes=LARGE)
    assert "reading my [wan] for the first time" in output
    assert output.endswith("\x1b[2K")
    assert shown(model, terminal=True, least_bytes=LARGE) == ""


@pytest.mark.parametrize(("terminal", "least_bytes"), [(False, LARGE), (True, LARGE + 1)])
def test_no_bar_without_a_terminal_or_for_little_data(model, terminal, least_bytes):
    assert shown(model, terminal=terminal, least_bytes=least_bytes) == ""


def test_a_bar_is_removed_when_reading_is_interrupted(model):
    output = io.StringIO()
    console = Console(file=output, force_terminal=True, width=120)
    with contextlib.suppress(KeyboardInterrupt), show_read_progress(console, 1):
        report_read(ReadProgress(root=model, bytes=1, total_bytes=2))
        raise KeyboardInterrupt
    assert "reading my" in output.getvalue()
    assert output.getvalue().endswith("\x1b[2K")
