"""The grammar checks: planted faults are reported, sound sentences are not."""

from __future__ import annotations

from pathlib import Path

from planners.data_file import DataFile, read_data_file
from planners.plan.model import EpisodePlan
from planners.plan_checks.grammar import check_grammar, check_texts
from planners.plan_checks.plan_texts import TextKind


class Sentences(DataFile):
    """Sentences by kind of text."""

    planted: dict[TextKind, tuple[str, ...]]
    sound: dict[TextKind, tuple[str, ...]]


SENTENCES = read_data_file(Path(__file__).with_name("grammar_sentences.yaml"), Sentences)


def pairs(table: dict[TextKind, tuple[str, ...]]) -> list[tuple[TextKind, str]]:
    return [(kind, text) for kind, texts in table.items() for text in texts]


def test_at_least_85_percent_of_planted_faults_are_reported() -> None:
    planted = pairs(SENTENCES.planted)
    reported = {(fault.kind, fault.text) for fault in check_texts(planted)}
    assert len(planted) >= 60
    assert len(reported) >= 0.85 * len(planted), sorted(set(planted) - reported)


def test_at_most_2_percent_of_sound_sentences_are_reported() -> None:
    sound = pairs(SENTENCES.sound)
    reported = {fault.text for fault in check_texts(sound)}
    assert len(sound) >= 200
    assert len(reported) <= 0.02 * len(sound), sorted(reported)


def test_a_fault_names_its_scene_shot_rule_and_words() -> None:
    plan = EpisodePlan.model_validate(
        {
            "title": "The Bell",
            "cast": {"olga": {}},
            "locations": {"tower": {}},
            "scenes": [
                {
                    "id": "s1",
                    "at": "tower",
                    "shots": [{"id": "a", "action": {"olga": "rings"}, "lines": [{"olga": "An bell rings."}]}],
                }
            ],
        }
    )
    [(text, fault)] = check_grammar(plan)
    assert (text.scene, text.shot, text.who, fault.rule, fault.words) == ("s1", "a", "olga", "a or an", "An bell")
