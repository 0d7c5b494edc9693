"""What both databases can keep: text without NUL characters and halves of characters, not longer than its column, numbers in range.

SQLite keeps almost anything, PostgreSQL refuses some of it, each in words of its own. Asked here, both refuse the same, and the
message names the place in the user's scene.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import String

from memory.errors import MemoryFault
from memory.record import SceneRecord
from memory.tables import BranchRow, CommitRow, EmbeddingRow, KeyFrameRow, MetaRow, SceneRow, StatementRow, TakeRow, ThreadRow

__all__ = ["check_attribute", "check_branch_name", "check_note", "check_record", "check_title"]

_LARGEST: Final = 2**63 - 1
_LARGEST_FRAME: Final = 2**31 - 1


def check_record(record: SceneRecord, where: str) -> None:
    """Make sure that every text and number of a scene can be kept; `where` names the scene. Raises MemoryFault."""
    for what, text, column in _texts(record):
        _check_text(text, column, f"{where}: {what}")
    for take in record.takes:
        if not -_LARGEST <= take.seed <= _LARGEST:
            raise MemoryFault(f"{where}: shot {take.shot_id}: the seed {take.seed} is out of range; expected at most {_LARGEST}")
        measured = {f"the likeness of {one.entity}": one.likeness for one in take.embeddings if one.likeness is not None}
        for frame in take.key_frames:
            if not 0 <= frame.frame <= _LARGEST_FRAME:
                raise MemoryFault(f"{where}: shot {take.shot_id}: there is no frame {frame.frame}; frames count from 0")
            measured |= {
                f"the quality of frame {frame.frame}": frame.quality,
                f"the novelty of frame {frame.frame}": frame.novelty,
            }
        for what, number in measured.items():
            if not math.isfinite(number):
                raise MemoryFault(f"{where}: shot {take.shot_id}: {what} is {number}; expected a number")


def check_title(title: str) -> None:
    """Make sure that the title of a series can be kept. Raises MemoryFault."""
    # it is kept as JSON, which spells every character out, but who reads it later wants to write it somewhere
    _check_text(title, MetaRow.value, "the title of the series")


def check_branch_name(name: str) -> None:
    """Make sure that the name of a branch can be kept. Raises MemoryFault."""
    _check_text(name, BranchRow.name, f"branch {name[:80]!r}")


def check_note(note: str) -> None:
    """Make sure that the note of an edit can be kept. Raises MemoryFault."""
    _check_text(note, CommitRow.note, "the note")


def check_attribute(attribute: str, where: str) -> None:
    """Make sure that an attribute's name can be kept; `where` names the entity. Raises MemoryFault."""
    _check_text(attribute, StatementRow.attribute, f"{where}: attribute {attribute[:60]!r}")


def _texts(record: SceneRecord) -> Iterator[tuple[str, str, Any]]:
    """Every text that is kept as it is, with what it is to the user, and its column. Facts' values are JSON, which escapes."""
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
        for one in take.embeddings:
            yield f"{shot}: the encoder of {one.entity}'s {one.kind}", one.encoder, EmbeddingRow.encoder
        for frame in take.key_frames:
            yield f"{shot}: the artifact of frame {frame.frame}", frame.artifact, KeyFrameRow.artifact
            yield f"{shot}: the file of frame {frame.frame}", frame.file, KeyFrameRow.file


def _check_text(text: str, column: Any, what: str) -> None:
    if "\0" in text:
        raise MemoryFault(f"{what}: has a NUL character at {text.index(chr(0)) + 1}, which databases cannot keep; remove it")
    try:
        text.encode()
    except UnicodeEncodeError as err:
        raise MemoryFault(
            f"{what}: has half of a character (a lone surrogate) at {err.start + 1}, which databases cannot keep; remove it"
        ) from err
    kind = column.type
    limit = kind.length if isinstance(kind, String) else None
    if limit is not None and len(text) > limit:
        raise MemoryFault(f"{what}: is {len(text)} characters long; expected at most {limit}")
