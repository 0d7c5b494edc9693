"""The records of a scene's takes: their surveys, each verified against what memory holds of the entities it shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from episodic.backbones.request import ShotRequest
from episodic.conditioning.cast import EpisodeCast
from episodic.looks.look import dress
from episodic.quality.survey import Survey
from episodic.quality.verify import References, verify_take
from memory.model.canon import Canon
from memory.model.facts import StoryPosition
from memory.model.records import EmbeddingKind, TakeRecord
from memory.store import MemoryStore

__all__ = ["SurveyedTake", "verified_takes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyedTake:
    """One take of a scene with its survey. `key` and `survey_key` are those of their artifacts."""

    key: str
    request: ShotRequest
    survey_key: str
    survey: Survey


def verified_takes(
    takes: Sequence[SurveyedTake], memory: MemoryStore, branch: str, at: StoryPosition, cast: EpisodeCast
) -> tuple[TakeRecord, ...]:
    """The records of one scene's takes, in story order.

    References are the verified vectors of all earlier scenes, and of the takes of this scene that were verified before.
    """
    if not takes:
        return ()
    references = _references(takes, memory, branch, at)
    before = memory.as_of(StoryPosition(at.episode, at.scene - 1), branch)
    seen: set[tuple[EmbeddingKind, str]] = set()
    records = []
    for take in takes:
        changed = _changed(take.request, before, cast) - seen
        record = verify_take(
            take.survey.record(take=take.key, survey=take.survey_key, seed=take.request.seed), references, changed
        )
        for vector in record.embeddings:
            if vector.verified:
                references.add(vector.kind, vector.encoder, [vector.entity], [vector.vector])
                seen.add((vector.kind, vector.entity))
        records.append(record)
    return tuple(records)


def _changed(request: ShotRequest, before: Canon, cast: EpisodeCast) -> set[tuple[EmbeddingKind, str]]:
    """The kinds of vectors, each with its entity, in which this take differs from the canon before its scene."""
    changed: set[tuple[EmbeddingKind, str]] = set()
    for performer in request.performers:
        known = before.characters.get(performer.id)
        if known is not None and dress(known.look, known.state) != dict(performer.look):
            changed.add(("look", performer.id))
        if known is not None and tuple(known.motion) != performer.motion:
            changed.add(("motion", performer.id))
    voices = {character.id: character.voice for character in cast.characters.values()}
    known_voices = {character.id: character.voice for character in before.characters.values() if character.id in voices}
    changed |= {("voice", entity) for entity, voice in known_voices.items() if voices[entity] != voice}
    place = before.locations.get(request.setting.location)
    if place is not None and tuple(place.light) != request.setting.light:
        changed.add(("light", place.id))
    return changed


def _references(takes: Iterable[SurveyedTake], memory: MemoryStore, branch: str, at: StoryPosition) -> References:
    """The verified vectors of all earlier scenes, of the kinds and encoders that the takes have."""
    encoders = dict.fromkeys((vector.kind, vector.encoder) for take in takes for vector in take.survey.embeddings)
    references = References()
    for kind, encoder in encoders:
        owners, matrix = memory.vectors(kind, encoder, branch)
        rows = [row for row, owner in enumerate(owners) if owner.entity and owner.position < at]
        references.add(kind, encoder, [owners[row].entity for row in rows], matrix[rows])
    return references
