"""`allow_missing`, the key of a shot that may be made without a performer it names."""

import pytest

from planners.errors import PlanError
from planners.plan_file.read_write import plan_text, read_plan_text

PLAN = """format: episodic/plan@1
title: Crew
cast:
  mara:
locations:
  deck:
scenes:
  - id: a
    at: deck
    shots:
      - id: a.1
        focus: [mara]
"""


def test_it_is_false_by_default_and_then_not_written():
    plan = read_plan_text(PLAN, "plan.yaml")
    assert plan.scenes[0].shots[0].allow_missing is False
    assert "allow_missing" not in plan_text(plan)
    assert "allow_missing" not in plan_text(read_plan_text(PLAN + "        allow_missing: false\n", "plan.yaml"))


def test_it_is_read_and_written():
    plan = read_plan_text(PLAN + "        allow_missing: true\n", "plan.yaml")
    assert plan.scenes[0].shots[0].allow_missing is True
    assert "allow_missing: true" in plan_text(plan)


@pytest.mark.parametrize("wrong", ["perhaps", "[mara]", "3"])
def test_another_value_is_an_error_with_its_place(wrong):
    with pytest.raises(PlanError, match=r"plan\.yaml:13:\d+: .*true or false"):
        read_plan_text(f"{PLAN}        allow_missing: {wrong}\n", "plan.yaml")


def test_a_misspelt_key_is_reported_with_the_right_name():
    with pytest.raises(PlanError, match="did you mean ‘allow_missing’"):
        read_plan_text(f"{PLAN}        allow_mising: true\n", "plan.yaml")
