"""The help of every command stays light: reading it imports no model library."""

import json
import subprocess
import sys

from cli.lazy import read_commands

HEAVY = ("torch", "diffusers", "transformers", "spacy", "skia", "onnxruntime", "scipy", "av")
PRINT_ALL_HELP = """
import contextlib, io, json, sys
from cli.lazy import read_commands
from cli.main import app

loaded = {}
for row in read_commands():
    with contextlib.redirect_stdout(io.StringIO()) as text:
        app([*row.command.split(), "--help"], standalone_mode=False)
    assert "Usage:" in text.getvalue(), row.command
    loaded[row.command] = sorted(set(sys.argv[1:]) & set(sys.modules))
print(json.dumps(loaded))
"""


def test_no_help_imports_a_model_library() -> None:
    result = subprocess.run(
        [sys.executable, "-c", PRINT_ALL_HELP, *HEAVY], capture_output=True, text=True, timeout=120, check=True
    )
    loaded = json.loads(result.stdout)
    assert loaded.keys() == {row.command for row in read_commands()}
    assert {command: modules for command, modules in loaded.items() if modules} == {}
