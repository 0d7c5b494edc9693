"""What a plan costs in a fresh process. CPU time is measured where nothing else runs; memory and imports can be tested anywhere."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import sys
from memory.model.canon import empty_canon
from planners.planner import Brief
from planners.planner_registry import open_planner
open_planner("story").plan(Brief(prompt="A boy gives his last sandwich to a stray dog.", minutes=10.0), empty_canon())
with open("/proc/self/status") as status:  # ru_maxrss would begin with the memory of the process that started this one
    print(next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM")))
print(sorted({"torch", "transformers", "pydantic.v1", "requests", "spacy.cli"} & sys.modules.keys()))
print("lemma_dict" in vars(sys.modules["lemminflect.core.Lemmatizer"].Lemmatizer()))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc")
def test_ten_minutes_are_planned_in_400_mb_without_torch_and_without_the_tables_of_lemminflect() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    megabytes, imported, tables = done.stdout.splitlines()
    assert int(megabytes) <= 400
    assert (imported, tables) == ("[]", "False")
