"""Lines that come again in other films, lines of exchanges, and lengths."""

from __future__ import annotations

import pytest

from planners.plan_checks.exchange_match import lines_of_exchanges
from planners.plan_checks.length import is_as_long_as_asked, length_ratio
from planners.plan_checks.line_reuse import content_forms, masked_lines, quoted_texts, reused, shared_between_seeds
from planners.reading.reader import read_premise
from tests.planners.plan_checks.small_plans import scene, small_plan


def film(*lines: dict[str, str]) -> list[str]:
    return masked_lines(small_plan(scene({"lines": list(lines)})))


def test_names_marks_and_capitals_do_not_make_a_line_new() -> None:
    assert film({"olga": "Run, Tom!"}) == film({"tom": "Run, Olga."}) == ["run _"]


def test_words_of_the_prompt_are_masked_in_all_their_forms() -> None:
    forms = content_forms("Four pensioners steal a bell.", {"four"})
    plan = small_plan(scene({"lines": [{"olga": "Nobody has stolen four bells."}]}))
    assert masked_lines(plan, forms) == ["nobody has _ four _"]


def test_quoted_lines_are_not_counted() -> None:
    quoted = quoted_texts(read_premise('Olga says "Boom boom" to the guard.'))
    assert masked_lines(small_plan(scene({"lines": [{"olga": "Boom, boom!"}, {"tom": "Who is there?"}]})), quoted=quoted) == [
        "who is there"
    ]


def test_the_share_of_lines_that_another_film_has() -> None:
    films = [["a", "b", "b"], ["b", "c"], ["d"]]
    assert reused(films) == [(2, 3), (1, 2), (0, 1)]
    assert shared_between_seeds(films) == pytest.approx(3 / 6)
    assert shared_between_seeds([[], []]) is None


def test_a_whole_exchange_is_recognised_and_half_of_it_is_not() -> None:
    turns = [
        {"olga": "You can't take your eyes off the bell."},
        {"tom": "I have wanted it for as long as I remember."},
        {"olga": "The bell is not yours."},
    ]
    assert lines_of_exchanges(small_plan(scene({"lines": [*turns, {"tom": "Rain again."}]}))) == (3, 4)
    assert lines_of_exchanges(small_plan(scene({"lines": turns[:2]}))) == (0, 2)


def test_one_speaker_does_not_hold_both_ends_of_an_exchange() -> None:
    turns = [
        {"olga": "You can't take your eyes off the bell."},
        {"tom": "I have wanted it for as long as I remember."},
        {"tom": "The bell is not yours."},
    ]
    assert lines_of_exchanges(small_plan(scene({"lines": turns}))) == (0, 3)


def test_a_plan_within_a_tenth_is_as_long_as_asked() -> None:
    plan = small_plan(scene({"seconds": 30}, {"seconds": 27}))
    assert length_ratio(plan, 1.0) == pytest.approx(0.95)
    assert is_as_long_as_asked(plan, 1.0)
    assert not is_as_long_as_asked(plan, 0.5)
