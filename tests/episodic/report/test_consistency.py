"""The identity figures of a report: their judges, and the vectors missing from them."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from episodic.report.consistency import consistency_of
from episodic.report.survey_rows import ShotSurvey
from memory.model.facts import StoryPosition
from memory.model.records import VectorOwner

ENCODERS = {"look": "look-lda-1", "motion": "abc-motion"}


class Verified:
    """A memory of two characters in two scenes, in which the second look of otto failed verification."""

    def committed(self, branch):
        return {StoryPosition(1, 1): "first", StoryPosition(1, 2): "second"}

    def vectors(self, kind, encoder, branch):
        seen = [("mara", 1), ("otto", 1), ("mara", 2), *([("otto", 2)] if kind == "motion" else [])]
        owners = tuple(
            VectorOwner(position=StoryPosition(1, scene), scene_id="", shot_id="", artifact="", entity=entity)
            for entity, scene in seen
        )
        return owners, np.array([[entity == "mara", entity == "otto"] for entity, _ in seen], np.float32)


@pytest.fixture
def measured():
    def of(*, selected):
        survey = ShotSurvey(key="k", picture=None, quality=0.0, light=None, encoders=ENCODERS, vectors={"look": 2, "motion": 2})
        memory: Any = Verified()
        ready: Any = SimpleNamespace(
            number=1, plan=SimpleNamespace(scenes=[SimpleNamespace(shots=[]), SimpleNamespace(shots=[])])
        )
        return consistency_of(ready, memory, {"s01.1": survey, "s02.1": survey}, "main", selected=selected)

    return of


def test_a_figure_names_its_judge_ways_chance_interval_and_unmeasured_parts(measured):
    (look, _) = measured(selected=False).figures
    assert look.name == "Identified by look"
    assert look.state == "good"
    assert "look (judge: look-lda-1): 1/1 = 100 % (21-100), 2 ways, chance 50 %" in look.note
    assert "ceiling: not measured; ablation: not measured" in look.note
    assert "recall of stored looks" in look.note


def test_movement_is_a_consistency_check_and_never_good_or_poor(measured):
    (_, motion) = measured(selected=False).figures
    assert motion.name == "Consistency check by motion"
    assert motion.state == ""
    assert "part of its training loss" in motion.note
    assert "motion (check), share identified" in measured(selected=False).plots[0].svg


def test_looks_of_takes_that_the_judge_selected_are_a_consistency_check(measured):
    (look, _) = measured(selected=True).figures
    assert look.name == "Consistency check by look"
    assert look.state == ""


def test_a_note_counts_vectors_that_failed_verification(measured):
    (note, _) = measured(selected=False).notes
    assert note == "Measured by look, 1 failed verification and are not in its figure, which may be too high for that reason."
