"""Topics and processes: each can be performed, is traceable to its source and is found by its names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from planners.fabula.lesson import known_lesson
from planners.fabula.process import known_process
from planners.knowledge.lesson_words import lesson_words
from planners.knowledge.place_facts import place_facts
from planners.knowledge.processes import Process, WrongMove, process, process_names, processes
from planners.knowledge.topics import Claim, Topic, lesson_topic, lesson_topics, listed_names, topic_names
from planners.plan.actions import read_action
from planners.reading.reader import read_premise
from planners.reading.texts.imperatives import as_action

CLAIM: dict[str, Any] = {
    "claim": "Magma is lighter than the rock around it, so it rises.",
    "more": "It collects in a chamber.",
    "wrong": "Does somebody push it?",
    "hand": "pushes a cork under water",
    "thing": "cork",
    "ask": "Why does magma rise?",
    "answer": "It is lighter than the rock.",
    "source": "usgs",
}


def test_there_are_topics_for_what_people_ask() -> None:
    assert len(lesson_topics()) >= 120
    assert len(processes()) >= 45


@pytest.mark.parametrize("key", topic_names())
def test_every_topic_can_be_taught(key: str) -> None:
    topic = lesson_topics()[key]
    assert place_facts(topic.place) is not None
    assert place_facts(topic.analogy.place) is not None
    actions = [claim.hand for claim in topic.claims] + [act.does for act in topic.analogy.acts]
    assert [
        action for action in actions if not read_action(action).exact or read_action(action).moves in {"enters", "leaves"}
    ] == []
    assert set(topic.sources) == {claim.source for claim in topic.claims}
    assert len({claim.wrong for claim in topic.claims}) == len(topic.claims)


@pytest.mark.parametrize("key", process_names())
def test_every_process_can_be_shown(key: str) -> None:
    process = processes()[key]
    assert place_facts(process.place) is not None
    moves: list[Any] = [*process.steps, process.wrong]
    assert [move.do for move in moves if not read_action(as_action(move.do)).exact] == []
    seen = [f"watches {move.see}" for move in moves] + [as_action(move.do) for move in moves]
    assert [text for text in seen if read_action(text).moves in {"enters", "leaves"}] == []
    assert [move.do for move in moves if len(move.do.split()) > 12] == []


def test_names_are_read_from_one_line_and_have_a_word_that_few_questions_have() -> None:
    assert topic_names() == {key: topic.names for key, topic in lesson_topics().items()}
    assert process_names() == {key: process.names for key, process in processes().items()}
    skipped = {*lesson_words().function_words, *lesson_words().generic, *lesson_words().manner}
    names = [*topic_names().values(), *process_names().values()]
    assert [name for listed in names for name in listed if all(word in skipped for word in name.split())] == []


@pytest.mark.parametrize("key", ["gps", "salty_sea", "titanic", "pi", "lawmaking", "guitar_sound", "yawning", "ants"])
def test_the_question_of_a_topic_finds_it_among_all_topics(key: str) -> None:
    assert known_lesson(read_premise(f"Explain {lesson_topic(key).subject} to a class of pupils"))[1].key == key


@pytest.mark.parametrize("key", ["pancakes", "tyre", "letter_post", "loaf_factory", "potted_plant", "soap_making"])
def test_the_title_of_a_process_finds_it_among_all_processes(key: str) -> None:
    assert known_process(read_premise(process(key).title))[1].key == key


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"answer": "It is hotter."}, "hotter"),
        ({"thing": "bottle"}, "no hand does anything to the bottle"),
        ({"claim": "magma rises"}, "claim"),
        ({"claim": "Magma " + "very " * 30 + "slowly rises."}, "claim"),
        ({"hand": "push a cork"}, "hand"),
        ({"ask": "Say why."}, "ask"),
        ({"picture": "cork.png"}, "picture"),
    ],
)
def test_a_faulty_claim_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Claim.model_validate({**CLAIM, **change})


def test_a_claim_without_a_source_and_a_topic_without_a_key_claim_are_refused() -> None:
    whole = lesson_topics()["volcano"].model_dump()
    stray = {**whole, "claims": [{**claim, "source": "hearsay"} for claim in whole["claims"]]}
    with pytest.raises(ValidationError, match="unknown source 'hearsay'"):
        Topic.model_validate(stray)
    with pytest.raises(ValidationError, match="key: true"):
        Topic.model_validate({**whole, "claims": [{**claim, "key": False} for claim in whole["claims"]]})


def test_a_wrong_move_belongs_to_a_step() -> None:
    whole = processes()["cheese"].model_dump()
    with pytest.raises(ValidationError, match="step 20"):
        Process.model_validate({**whole, "wrong": WrongMove(step=20, do="stir it hard", see="crumbs")})


def test_a_file_without_names_has_none(tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_text("title: Odd\n")
    assert listed_names(tmp_path) == {"odd": ("",)}
