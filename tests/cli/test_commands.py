import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from typer.core import TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

import cli.lazy
from cli.lazy import LazyCommand, read_commands
from cli.main import app

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
OPTIONS = YAML(typ="safe", pure=True).load(Path(__file__).with_name("options.yaml"))


def loaded_commands(group=None, prefix="", *, groups=False):
    """Every command, with `groups` also every group, by its full name; its module is imported."""
    commands = {}
    group = group or get_command(app)
    assert isinstance(group, TyperGroup)
    for name, command in group.commands.items():
        assert isinstance(command, LazyCommand)
        loaded = command.load()
        is_group = isinstance(loaded, TyperGroup)
        if groups or not is_group:
            commands[f"{prefix}{name}"] = loaded
        if is_group:
            commands |= loaded_commands(loaded, f"{prefix}{name} ", groups=groups)
        commands |= {f"{prefix}{name} {word}": below for word, below in command.below().items()}
    return commands


def option_names(command):
    return sorted(name for param in command.params for name in (*param.opts, *param.secondary_opts) if name.startswith("--"))


def test_the_options_of_every_command_are_frozen():
    assert {name: option_names(command) for name, command in loaded_commands().items()} == OPTIONS


def test_every_command_and_option_has_help():
    for name, command in loaded_commands().items():
        assert command.help, name
        assert all(getattr(param, "help", None) for param in command.params), name


def test_the_table_of_commands_repeats_the_first_paragraph_of_every_help():
    commands = loaded_commands(groups=True)
    help_lines = {name: " ".join(command.help.split("\n\n")[0].split()) for name, command in commands.items()}
    assert help_lines == {row.command: row.help for row in read_commands()}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("command\thelp\n", "expected the columns"),
        ("command\ttarget\thelp\nplan\tcli.plan\tPlan.\n", ":2: expected command, MODULE:NAME"),
    ],
)
def test_a_malformed_table_of_commands_is_refused(text, fault, tmp_path, monkeypatch):
    (tmp_path / "commands.tsv").write_text(text)
    monkeypatch.setattr(cli.lazy, "_TABLE", tmp_path / "commands.tsv")
    with pytest.raises(ValueError, match=fault):
        read_commands.__wrapped__()


def test_every_command_is_in_the_readme():
    text = README.read_text("utf-8")
    for name in loaded_commands():
        assert re.search(rf"episodic {name}\b", text), name


def test_help_loads_no_model_library():
    heavy = "torch,diffusers,transformers,spacy,skia,onnxruntime,sqlalchemy,scipy,av,networkx"
    code = (
        "import sys; sys.argv[1:] = ['--help']; import cli.main\n"
        "try: cli.main.main()\n"
        f"finally: print([name for name in '{heavy}'.split(',') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "Make an episode from a prompt" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_version_names_the_formats():
    result = CliRunner().invoke(app, ["version"])
    assert result.exit_code == 0
    assert "episodic/plan@1" in result.output


def test_doctor_finds_everything_this_environment_has():
    result = CliRunner().invoke(app, ["doctor", "--json"])
    findings = {finding["what"]: finding["state"] for finding in map(json.loads, result.output.splitlines())}
    assert {"packages", "painter", "encoder", "voices", "weights"} <= set(findings)
    assert "missing" not in findings.values(), result.output
