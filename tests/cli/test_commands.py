import json
import re
import subprocess
import sys
from pathlib import Path

from typer.main import get_command
from typer.testing import CliRunner

from cli.main import app

README = Path(__file__).parents[2] / "README.md"
OPTIONS = {
    "bench backbones": ["--every", "--json", "--model", "--quick", "--seconds", "--size", "--steps"],
    "bench continuity": ["--characters", "--episodes", "--json", "--out", "--scenes", "--seed"],
    "bench memory": ["--branches", "--database", "--facts", "--json", "--scenes", "--seed"],
    "doctor": ["--json"],
    "generate": ["--backbone", "--dry-run", "--fps", "--json", "--minutes", "--seed", "--series", "--size", "--style", "--takes"],
    "memory branch": ["--at", "--delete", "--from", "--json", "--series", "--yes"],
    "memory diff": ["--at", "--json", "--series"],
    "memory export": ["--series"],
    "memory history": ["--branch", "--json", "--series"],
    "memory import": ["--series"],
    "memory merge": ["--choose", "--dry-run", "--into", "--json", "--rule", "--series"],
    "memory rollback": ["--branch", "--json", "--series", "--to", "--yes"],
    "memory search": ["--branch", "--entity", "--json", "--kind", "--limit", "--series", "--words"],
    "memory set": ["--branch", "--clear", "--dry-run", "--from", "--json", "--json-value", "--note", "--series", "--until"],
    "memory show": ["--at", "--branch", "--json"],
    "memory verify": ["--json"],
    "models fetch": ["--json"],
    "models show": ["--json"],
    "next": ["--branch", "--dry-run", "--json", "--minutes", "--seed", "--series"],
    "plan": ["--backbone", "--fps", "--json", "--minutes", "--seed", "--series", "--size", "--style", "--takes"],
    "render": ["--branch", "--dry-run", "--json", "--only"],
    "status": ["--branch", "--conditioning", "--json"],
    "train stage": ["--device", "--fresh", "--minutes", "--out", "--resume", "--seed"],
    "version": [],
}


def commands():
    found = {}
    for name, command in get_command(app).commands.items():
        for part, leaf in getattr(command, "commands", {"": command}).items():
            found[f"{name} {part}".strip()] = leaf
    return found


def test_an_option_is_added_on_purpose_or_not_at_all():
    options = {
        name: sorted(one for param in leaf.params for one in (*param.opts, *param.secondary_opts) if one.startswith("--"))
        for name, leaf in commands().items()
    }
    assert options == OPTIONS


def test_every_command_and_option_has_help():
    for name, leaf in commands().items():
        assert leaf.help, name
        assert all(getattr(param, "help", None) for param in leaf.params), name


def test_every_command_is_in_the_readme():
    text = README.read_text("utf-8")
    for name in commands():
        assert re.search(rf"episodic {name}\b", text), name


def test_help_loads_no_model_library():
    heavy = "torch,diffusers,transformers,spacy,skia,onnxruntime,sqlalchemy,scipy,av,networkx"
    code = f"import sys, cli.main; print([one for one in '{heavy}'.split(',') if one in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_version_names_the_formats():
    result = CliRunner().invoke(app, ["version"])
    assert result.exit_code == 0
    assert "episodic/plan@1" in result.output


def test_doctor_finds_everything_this_environment_has():
    result = CliRunner().invoke(app, ["doctor", "--json"])
    findings = {one["what"]: one["state"] for one in map(json.loads, result.output.splitlines())}
    assert {"packages", "painter", "encoder", "voices", "weights"} <= set(findings)
    assert "missing" not in findings.values(), result.output
