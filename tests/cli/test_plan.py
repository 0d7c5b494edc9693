"""`episodic plan`: what was understood is shown, kept in the plan and can be corrected."""

import json

import pytest
from typer.testing import CliRunner

from cli.main import app
from episodic.errors import InputError
from planners.errors import PromptError
from planners.plan_file.read_write import head_comments

SAILOR = "An old sailor in Lisbon refuses to sell his boat to two greedy bankers."


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def episodic(*words, typed=""):
    return CliRunner().invoke(app, words, input=typed)


def planned(folder, name="boat"):
    return (folder / name / "episodes" / "01" / "plan.yaml").read_text("utf-8")


def events(output):
    return [json.loads(line) for line in output.splitlines()]


def test_what_was_understood_is_printed_and_kept_at_the_head_of_the_plan(folder):
    result = episodic("plan", SAILOR, "--series", "boat")
    assert result.exit_code == 0, result.output
    printed = [line for line in result.output.splitlines() if line.startswith(("who", "happens", "not shown", "confidence"))]
    assert len(printed) == 4
    comments = head_comments(planned(folder))
    assert comments[0] == "What was understood of the prompt:"
    assert {f"  {line}" for line in printed} <= set(comments)


def test_programs_get_the_same_as_json(folder):
    understood, plan = events(episodic("plan", SAILOR, "--series", "boat", "--json").output)
    assert (understood["event"], plan["event"]) == ("understood", "plan")
    assert understood["data"]["rows"]["where"] == ["Lisbon"]
    assert understood["data"]["confidence"] == 1


def test_unused_words_are_reported_with_what_to_do(folder):
    result = events(episodic("plan", "Why is the sky blue?", "--series", "sky", "--json").output)
    (hint,) = [event["text"] for event in result if event["event"] == "note" and "not used" in event["text"]]
    assert "“blue”" in hint
    assert "--interactive" in hint


def test_the_length_that_the_prompt_asks_for_is_planned(folder):
    result = events(episodic("plan", "A 30 second film: a fox gives an owl a lantern.", "--series", "fox", "--json").output)
    assert [event["seconds"] for event in result if event["event"] == "plan"] == [pytest.approx(30, rel=0.1)]


def test_a_length_that_is_missed_is_reported(folder):
    result = events(episodic("plan", "A fox sings.", "--minutes", "40", "--series", "fox", "--json").output)
    (length,) = [event for event in result if event["event"] == "length"]
    assert length["data"]["asked_s"] == 2400
    assert length["seconds"] == length["data"]["planned_s"] < 2160
    assert "the prompt tells of 1 event" in length["text"]


def test_corrections_are_taken_until_an_empty_line(folder):
    typed = "drop 2\nnonsense\nrename 1 Ada\nplace an old mill\nstyle noir\n\nnot read\n"
    result = episodic("plan", SAILOR, "--series", "boat", "--interactive", typed=typed)
    assert result.exit_code == 0, result.output
    assert "there is no correction “nonsense”" in result.output
    text = planned(folder)
    for part in ("Ada, a sailor (old)", "old_mill:", "style: noir", "refuses to sell his boat"):
        assert part in text
    assert "banker" not in text.replace(SAILOR, "")


def test_a_prompt_that_is_read_again_is_the_prompt_of_the_plan(folder):
    typed = "prompt A goat opens a hotel."  # the end of the input ends the questions, too
    assert episodic("plan", SAILOR, "--series", "goat", "--interactive", typed=typed).exit_code == 0
    assert "prompt: A goat opens a hotel." in planned(folder, "goat")


@pytest.mark.parametrize("prompt", ["Ein Hund jagt eine Katze durch die Stadt", "asdf qwer zxcv"])
def test_a_refused_prompt_leaves_nothing_behind(folder, prompt):
    result = episodic("plan", prompt)
    assert isinstance(result.exception, PromptError)
    assert result.exception.exit_code == 2
    assert list(folder.iterdir()) == []


def test_the_same_command_finds_its_own_plan_again(folder):
    assert episodic("plan", SAILOR).exit_code == 0
    assert "resuming the plan" in episodic("plan", SAILOR).output
    assert len(list(folder.iterdir())) == 1


def test_a_season_is_outlined_beside_the_first_plan(folder):
    result = episodic("plan", SAILOR, "--series", "boat", "--minutes", "0.2", "--episodes", "2")
    assert result.exit_code == 0, result.output
    assert "a season of 2" in result.output
    assert "format: episodic/season@1" in (folder / "boat" / "season.yaml").read_text("utf-8")


def test_an_impossible_number_of_episodes_is_refused_before_anything_is_planned(folder):
    assert isinstance(episodic("plan", SAILOR, "--episodes", "1").exception, InputError)
    assert list(folder.iterdir()) == []
