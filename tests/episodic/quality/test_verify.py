"""Whether a take shows the right people, decided against what memory holds."""

import numpy as np
import pytest

from episodic.quality.verify import THRESHOLDS, References, verify_take
from memory.model.records import EmbeddingRecord, KeyFrame, Sighting, TakeRecord

MARA, TOM = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)


def look(entity, vector, encoder="look-x", kind="look"):
    return EmbeddingRecord(kind=kind, entity=entity, vector=vector, encoder=encoder)


def take(*records, frames=()):
    return TakeRecord(shot_id="s01.1", artifact="a", embeddings=records, key_frames=frames)


@pytest.fixture
def known():
    references = References()
    references.add("look", "look-x", ["mara", "tom"], np.array([MARA, TOM]) * 3)
    return references


def judged(record, references, changed=()):
    return verify_take(record, references, changed).embeddings[0]


def test_who_looks_as_before_is_verified_with_their_likeness(known):
    found = judged(take(look("mara", (0.9, 0.1, 0.0))), known)
    assert found.verified
    assert found.likeness == pytest.approx(0.9 / np.hypot(0.9, 0.1))


def test_who_looks_like_somebody_else_is_not(known):
    found = judged(take(look("mara", (0.6, 0.7, 0.0))), known)
    assert not found.verified
    assert found.likeness > THRESHOLDS["look"]


def test_who_looks_like_nobody_known_is_not(known):
    assert not judged(take(look("mara", (0.1, 0.0, 1.0))), known).verified


def test_a_first_sighting_is_its_own_reference(known):
    found = judged(take(look("finn", MARA)), known)
    assert found.verified
    assert found.likeness is None


def test_twins_are_no_fault_of_the_take(known):
    known.add("look", "look-x", ["maras_twin"], [MARA])
    assert judged(take(look("mara", MARA)), known).verified


def test_vectors_of_another_encoder_or_kind_are_not_compared(known):
    assert judged(take(look("mara", TOM, encoder="look-y")), known).likeness is None
    assert judged(take(look("mara", TOM, kind="voice")), known).likeness is None


def test_a_look_that_the_story_changed_is_noted_and_not_judged(known):
    found = judged(take(look("mara", TOM)), known, {("look", "mara")})
    assert found.verified
    assert found.likeness == pytest.approx(0)
    assert not judged(take(look("mara", TOM)), known, {("voice", "mara")}).verified


def test_key_frames_carry_the_verdict_on_those_they_show(known):
    box = (0.1, 0.1, 0.5, 0.9)
    frame = KeyFrame(frame=3, artifact="s", file="frame.png", shows={"mara": Sighting(box=box), "tom": Sighting(box=box)})
    record = verify_take(take(look("mara", TOM), look("tom", TOM), frames=(frame,)), known)
    shows = record.key_frames[0].shows
    assert not shows["mara"].verified
    assert shows["tom"].verified
    assert shows["tom"].likeness == pytest.approx(1)
    assert shows["tom"].box == box


def test_somebody_too_small_to_be_known_is_no_reference(known):
    frame = KeyFrame(frame=3, artifact="s", file="frame.png", shows={"tom": Sighting(box=(0, 0, 0.01, 0.01))})
    assert not verify_take(take(frames=(frame,)), known).key_frames[0].shows["tom"].verified
