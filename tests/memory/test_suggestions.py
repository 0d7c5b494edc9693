"""Suggestions for misspelt names."""

from memory.suggestions import did_you_mean, nearest_name


def test_the_nearest_name_is_suggested():
    assert nearest_name("marra", ["storm", "mara", "mark"]) == "mara"
    assert did_you_mean("marra", ("storm", "mara")) == "; did you mean mara?"


def test_a_name_that_is_like_none_ends_the_sentence():
    assert nearest_name("xyz", ["storm", "mara"]) is None
    assert nearest_name("mara", []) is None
    assert did_you_mean("xyz", {"storm", "mara"}) == "."
