"""What memory gets of a scene's takes: their surveys, each verified against what memory holds of those it shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from episodic.backbones.request import ShotRequest
from episodic.conditioning.cast import EpisodeCast
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
    for one in takes:
        changed = _changed(one.request, before, cast) - seen
        record = verify_take(one.survey.record(take=one.key, survey=one.survey_key, seed=one.request.seed), references, changed)
        for vector in record.embeddings:
            if vector.verified:
                references.add(vector.kind, vector.encoder, [vector.entity], [vector.vector])
                seen.add((vector.kind, vector.entity))
        records.append(record)
    return tuple(records)


def _changed(request: ShotRequest, before: Canon, cast: EpisodeCast) -> set[tuple[EmbeddingKind, str]]:
    """Who is drawn, moves or sounds otherwise in this take than the canon had them before its scene, and what of them."""
    from episodic.looks.look import dress

    found: set[tuple[EmbeddingKind, str]] = set()
    for one in request.performers:
        known = before.characters.get(one.id)
        if known is not None and dress(known.look, known.state) != dict(one.look):
            found.add(("look", one.id))
        if known is not None and tuple(known.motion) != one.motion:
            found.add(("motion", one.id))
    voices = {one.id: one.voice for one in cast.characters.values()}
    found |= {("voice", one.id) for one in before.characters.values() if one.id in voices and voices[one.id] != one.voice}
    place = before.locations.get(request.setting.location)
    if place is not None and tuple(place.light) != request.setting.light:
        found.add(("light", place.id))
    return found


def _references(takes: Iterable[SurveyedTake], memory: MemoryStore, branch: str, at: StoryPosition) -> References:
    wanted = dict.fromkeys((vector.kind, vector.encoder) for one in takes for vector in one.survey.embeddings)
    references = References()
    for kind, encoder in wanted:
        owners, matrix = memory.vectors(kind, encoder, branch)
        rows = [row for row, owner in enumerate(owners) if owner.entity and owner.position < at]
        references.add(kind, encoder, [owners[row].entity for row in rows], matrix[rows])
    return references
