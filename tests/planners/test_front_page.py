"""The public names of `planners`, and the planner registry."""

import inspect
import textwrap

import pytest

import planners


def test_the_example_of_the_front_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    example = inspect.cleandoc(planners.__doc__ or "").partition("\n\n")[2]
    exec(textwrap.dedent(example), {})  # noqa: S102 - our own docstring
    assert "format: episodic/plan@1" in capsys.readouterr().out


def test_every_public_name_is_importable() -> None:
    assert all(hasattr(planners, name) for name in planners.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'Plans'"):
        _ = planners.Plans


def test_an_unknown_planner_is_refused_with_the_valid_names() -> None:
    with pytest.raises(ValueError, match="unknown planner ‘novel’; expected one of: story"):
        planners.open_planner("novel")
