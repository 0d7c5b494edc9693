"""Checks of what both databases and the exchange format can store.

Text has no NUL characters or lone surrogates and fits its column; values have a sane size; numbers are in range. SQLite accepts
almost anything, PostgreSQL refuses some of it, and an import checks everything (`memory.exchange.values`). These checks make all
of them refuse the same, with a message that names the place in the user's scene: whatever is committed can be exported and
imported again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import String

from memory.errors import MemoryRefusal
from memory.model.facts import FactValue
from memory.model.limits import ARTIFACT_KEY, FILE_NAME, MOST_DIMENSIONS, MOST_TEXT, InvalidValueError, check_json_size
from memory.model.records import SceneRecord, TakeRecord
from memory.schema.tables import (
    BranchRow,
    CommitRow,
    EmbeddingRow,
    KeyFrameRow,
    MetaRow,
    SceneRow,
    StatementRow,
    TakeRow,
    ThreadRow,
    canonical_json,
)

__all__ = ["check_attribute", "check_branch_name", "check_note", "check_record", "check_title", "check_value"]

_LARGEST: Final = 2**63 - 1
_LARGEST_FRAME: Final = 2**31 - 1
_LARGEST_FLOAT32: Final = (2 - 2**-23) * 2.0**127


def check_record(record: SceneRecord, where: str) -> None:
    """Check every text and number of a scene; `where` names the scene. Raises MemoryFault."""
    for what, text, column in _texts(record):
        _check_text(text, column, f"{where}: {what}")
    for take in record.takes:
        _check_take(take, f"{where}: shot {take.shot_id}")
    if record.text_embedding:
        _check_vector(record.text_embedding, f"{where}: the vector of its text")


def _check_take(take: TakeRecord, where: str) -> None:
    """Check the texts and numbers of a take. Raises MemoryRefusal."""
    if not -_LARGEST <= take.seed <= _LARGEST:
        raise MemoryRefusal(f"{where}: the seed {take.seed} is out of range; expected at most {_LARGEST}")
    check_value(dict(take.measures), f"{where}: the measures")
    _check_place(take.artifact, ARTIFACT_KEY, f"{where}: its artifact")
    for embedding in take.embeddings:
        _check_vector(embedding.vector, f"{where}: the {embedding.kind} vector of {embedding.entity}")
        _check_number(embedding.likeness, f"{where}: the likeness of {embedding.entity}")
    for frame in take.key_frames:
        if not 0 <= frame.frame <= _LARGEST_FRAME:
            raise MemoryRefusal(f"{where}: there is no frame {frame.frame}; frames count from 0")
        _check_place(frame.artifact, ARTIFACT_KEY, f"{where}: the artifact of frame {frame.frame}")
        _check_place(frame.file, FILE_NAME, f"{where}: the file of frame {frame.frame}")
        _check_number(frame.quality, f"{where}: the quality of frame {frame.frame}")
        _check_number(frame.novelty, f"{where}: the novelty of frame {frame.frame}")
        for entity, sighting in frame.shows.items():
            for number in (*sighting.box, sighting.likeness):
                _check_number(number, f"{where}: where {entity} is in frame {frame.frame}, or its likeness there,")


def _check_number(number: float | None, what: str) -> None:
    if number is not None and not math.isfinite(number):
        raise MemoryRefusal(f"{what} is {number}; expected a number")


def _check_vector(vector: Sequence[float], what: str) -> None:
    if not 0 < len(vector) <= MOST_DIMENSIONS:
        raise MemoryRefusal(f"{what}: has {len(vector)} dimensions; expected 1 to {MOST_DIMENSIONS:,}")
    # one that is not finite would spoil every comparison with it
    if not all(map(math.isfinite, vector)) or max(map(abs, vector)) > _LARGEST_FLOAT32:
        raise MemoryRefusal(f"{what}: holds a number that is not a finite float32; its encoder failed: render the shot again")


def _check_place(name: str, form: re.Pattern[str], what: str) -> None:
    if not form.fullmatch(name):
        raise MemoryRefusal(f"{what}: {name[:60]!r} is not a valid artifact key or file name; expected {form.pattern}")


def check_value(value: FactValue, where: str) -> None:
    """Check that a JSON value is not too large and not too deep; `where` names the attribute. Raises MemoryFault."""
    try:
        check_json_size(value)
        canonical_json(value)
    except InvalidValueError as err:
        raise MemoryRefusal(f"{where}: {err}") from err
    except (TypeError, ValueError) as err:
        raise MemoryRefusal(f"{where}: expected a JSON value, found {str(value)[:60]!r} ({err})") from err


def check_title(title: str) -> None:
    """Check the title of a series. Raises MemoryFault."""
    # JSON could store any text, but a reader of the title may have to write it as plain text
    _check_text(title, MetaRow.value, "the title of the series")


def check_branch_name(name: str) -> None:
    """Check that the name of a branch can be stored. Raises MemoryFault."""
    _check_text(name, BranchRow.name, f"branch {name[:80]!r}")


def check_note(note: str) -> None:
    """Check that the note of an edit can be stored. Raises MemoryFault."""
    _check_text(note, CommitRow.note, "the note")


def check_attribute(attribute: str, where: str) -> None:
    """Check that an attribute's name can be stored; `where` names the entity. Raises MemoryFault."""
    _check_text(attribute, StatementRow.attribute, f"{where}: attribute {attribute[:60]!r}")


def _texts(record: SceneRecord) -> Iterator[tuple[str, str, Any]]:
    """Every text that is stored as it is: its name in messages, the text and its column. Facts' values are escaped as JSON."""
    yield "its id", record.scene_id, SceneRow.scene_id
    yield "the title", record.title, SceneRow.title
    yield "the synopsis", record.synopsis, SceneRow.synopsis
    yield "its key", record.key, SceneRow.key
    yield "the text encoder", record.text_encoder, EmbeddingRow.encoder
    for fact in record.facts:
        yield f"{fact.entity}: attribute {fact.attribute[:60]!r}", fact.attribute, StatementRow.attribute
    for thread, text in record.opens.items():
        yield f"thread {thread[:40]!r}", thread, ThreadRow.thread
        yield f"the text of thread {thread[:40]!r}", text, ThreadRow.text
    for thread in record.closes:
        yield f"thread {thread[:40]!r}", thread, ThreadRow.thread
    for take in record.takes:
        shot = f"shot {take.shot_id[:40]!r}"
        yield shot, take.shot_id, TakeRow.shot_id
        yield f"{shot}: its artifact", take.artifact, TakeRow.artifact
        for embedding in take.embeddings:
            yield f"{shot}: the encoder of {embedding.entity}'s {embedding.kind}", embedding.encoder, EmbeddingRow.encoder
        for frame in take.key_frames:
            yield f"{shot}: the artifact of frame {frame.frame}", frame.artifact, KeyFrameRow.artifact
            yield f"{shot}: the file of frame {frame.frame}", frame.file, KeyFrameRow.file


def _check_text(text: str, column: Any, what: str) -> None:
    if "\0" in text:
        raise MemoryRefusal(f"{what}: has a NUL character at {text.index(chr(0)) + 1}, which databases cannot store; remove it")
    try:
        text.encode()
    except UnicodeEncodeError as err:
        raise MemoryRefusal(
            f"{what}: has half of a character (a lone surrogate) at {err.start + 1}, which databases cannot store; remove it"
        ) from err
    kind = column.type
    limit = (kind.length if isinstance(kind, String) else None) or MOST_TEXT
    if len(text) > limit:
        raise MemoryRefusal(f"{what}: is {len(text)} characters long; expected at most {limit}")
