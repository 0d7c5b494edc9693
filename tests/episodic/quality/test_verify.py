"""Verification of the entities in a take against memory."""

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


def verified(record, references, changed=()):
    return verify_take(record, references, changed).embeddings[0]


def test_an_unchanged_look_is_verified_with_its_likeness(known):
    mara = verified(take(look("mara", (0.9, 0.1, 0.0))), known)
    assert mara.verified
    assert mara.likeness == pytest.approx(0.9 / np.hypot(0.9, 0.1))


def test_a_look_more_like_another_character_is_not_verified(known):
    mara = verified(take(look("mara", (0.6, 0.7, 0.0))), known)
    assert not mara.verified
    assert mara.likeness > THRESHOLDS["look"]


def test_a_look_unlike_every_known_character_is_not_verified(known):
    assert not verified(take(look("mara", (0.1, 0.0, 1.0))), known).verified


def test_a_first_appearance_is_verified_without_a_likeness(known):
    finn = verified(take(look("finn", MARA)), known)
    assert finn.verified
    assert finn.likeness is None


def test_a_look_as_much_like_a_twin_is_verified(known):
    known.add("look", "look-x", ["maras_twin"], [MARA])
    assert verified(take(look("mara", MARA)), known).verified


def test_vectors_of_another_encoder_or_kind_are_not_compared(known):
    assert verified(take(look("mara", TOM, encoder="look-y")), known).likeness is None
    assert verified(take(look("mara", TOM, kind="voice")), known).likeness is None


def test_a_look_that_the_story_changed_is_measured_but_not_judged(known):
    mara = verified(take(look("mara", TOM)), known, {("look", "mara")})
    assert mara.verified
    assert mara.likeness == pytest.approx(0)
    assert not verified(take(look("mara", TOM)), known, {("voice", "mara")}).verified


def test_a_sighting_in_a_key_frame_has_the_likeness_of_its_entity(known):
    box = (0.1, 0.1, 0.5, 0.9)
    frame = KeyFrame(frame=3, artifact="s", file="frame.png", shows={"mara": Sighting(box=box), "tom": Sighting(box=box)})
    record = verify_take(take(look("mara", TOM), look("tom", TOM), frames=(frame,)), known)
    shows = record.key_frames[0].shows
    assert not shows["mara"].verified
    assert shows["tom"].verified
    assert shows["tom"].likeness == pytest.approx(1)
    assert shows["tom"].box == box


def test_a_sighting_without_a_look_is_not_verified(known):
    frame = KeyFrame(frame=3, artifact="s", file="frame.png", shows={"tom": Sighting(box=(0, 0, 0.01, 0.01))})
    assert not verify_take(take(frames=(frame,)), known).key_frames[0].shows["tom"].verified
