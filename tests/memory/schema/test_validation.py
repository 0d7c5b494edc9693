"""Values that a database cannot store are named before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from memory.errors import MemoryFault
from memory.model.facts import Fact, StoryPosition
from memory.model.records import EmbeddingRecord, EntityRecord, KeyFrame, SceneRecord, Sighting, TakeRecord
from memory.schema.validation import check_attribute, check_branch_name, check_note, check_record, check_title

AT = StoryPosition(1, 3)
FINE = SceneRecord(
    position=AT,
    scene_id="s03",
    key="k" * 128,
    title="Ünï — 🌩",
    synopsis="x" * 100_000,
    entities=(EntityRecord(id="mara", kind="character", character_kind="human"),),
    facts=(Fact(entity="mara", attribute="note", value="a\0b\ud800", since=AT),),  # JSON spells these out
    opens={"dark": "Why?"},
    closes=("light",),
    takes=(
        TakeRecord(
            shot_id="s03.1",
            artifact="a" * 64,
            seed=2**63 - 1,
            embeddings=(EmbeddingRecord(kind="look", entity="mara", vector=(1.0,), encoder="look-1", likeness=0.5),),
            key_frames=(KeyFrame(frame=3, artifact="a" * 64, file="key-3.png"),),
        ),
    ),
    text_encoder="words",
)
TAKE = FINE.takes[0]
NOWHERE = Sighting(box=(0.0, 0.0, float("nan"), 1.0))


def test_values_that_every_database_can_store_pass() -> None:
    check_record(FINE, "1:3 (s03)")
    check_title("Ünï")
    check_branch_name("x" * 80)
    check_note("why not")
    check_attribute("relation:" + "x" * 40, "mara")


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (replace(FINE, title="a\0b"), "the title: has a NUL character at 2"),
        (replace(FINE, synopsis="\0"), "the synopsis: has a NUL character at 1"),
        (replace(FINE, synopsis="ab\ud800"), r"the synopsis: has half of a character \(a lone surrogate\) at 3"),
        (replace(FINE, scene_id="s" * 41), "its id: is 41 characters long; expected at most 40"),
        (replace(FINE, key="k" * 129), "its key: is 129 characters long; expected at most 128"),
        (replace(FINE, opens={"dark": "\0"}), "the text of thread 'dark': has a NUL"),
        (replace(FINE, opens={"d" * 41: ""}), "thread 'd+': is 41 characters long"),
        (replace(FINE, closes=("\0",)), "thread .*: has a NUL"),
        (replace(FINE, facts=(Fact(entity="mara", attribute="\0", value=1, since=AT),)), "mara: attribute .*: has a NUL"),
        (replace(FINE, text_encoder="e" * 81), "the text encoder: is 81 characters long"),
        (replace(FINE, takes=(replace(TAKE, shot_id="\0"),)), "shot .*: has a NUL"),
        (replace(FINE, takes=(replace(TAKE, artifact="a" * 129),)), "shot 's03.1': its artifact: is 129"),
        (replace(FINE, takes=(replace(TAKE, seed=2**63),)), "the seed 9223372036854775808 is out of range"),
        (
            replace(FINE, takes=(replace(TAKE, embeddings=(replace(TAKE.embeddings[0], likeness=float("nan")),)),)),
            "the likeness of mara is nan",
        ),
        (
            replace(FINE, takes=(replace(TAKE, key_frames=(replace(TAKE.key_frames[0], quality=float("inf")),)),)),
            "the quality of frame 3 is inf",
        ),
        (replace(FINE, takes=(replace(TAKE, key_frames=(replace(TAKE.key_frames[0], frame=-1),)),)), "no frame -1"),
        (
            replace(FINE, takes=(replace(TAKE, embeddings=(replace(TAKE.embeddings[0], vector=(float("nan"),)),)),)),
            "shot s03.1: the look vector of mara: holds a number that is not a finite float32",
        ),
        (
            replace(FINE, takes=(replace(TAKE, embeddings=(replace(TAKE.embeddings[0], vector=(1e39,)),)),)),
            "the look vector of mara: holds a number that is not a finite float32",
        ),
        (replace(FINE, takes=(replace(TAKE, embeddings=(replace(TAKE.embeddings[0], vector=()),)),)), "has 0 dimensions"),
        (replace(FINE, text_embedding=(float("inf"),)), "the vector of its text: holds a number that is not a finite"),
        (
            replace(FINE, takes=(replace(TAKE, measures={"light": float("nan")}),)),
            "the measures: holds a number that is not",
        ),
        (
            replace(FINE, takes=(replace(TAKE, artifact="../.."),)),
            r"its artifact: '../..' is not a valid artifact key or file name",
        ),
        (
            replace(FINE, takes=(replace(TAKE, key_frames=(replace(TAKE.key_frames[0], file="../key.png"),)),)),
            "the file of frame 3: '../key.png' is not a valid artifact key or file name",
        ),
        (
            replace(FINE, takes=(replace(TAKE, key_frames=(replace(TAKE.key_frames[0], shows={"mara": NOWHERE}),)),)),
            "where mara is in frame 3, or its likeness there, is nan",
        ),
        (replace(FINE, synopsis="x" * 1_000_001), "the synopsis: is 1000001 characters long; expected at most 1000000"),
        (
            replace(FINE, takes=(replace(TAKE, key_frames=(replace(TAKE.key_frames[0], file="f" * 81),)),)),
            "the file of frame 3: is 81 characters long",
        ),
    ],
)
def test_values_that_some_database_cannot_store_are_named_with_their_place(record: SceneRecord, message: str) -> None:
    with pytest.raises(MemoryFault, match=rf"^1:3 \(s03\): .*{message}"):
        check_record(record, "1:3 (s03)")


@pytest.mark.parametrize(
    ("check", "text", "message"),
    [
        (check_title, "a\0", "the title of the series: has a NUL character at 2"),
        (check_branch_name, "b" * 81, "branch .*: is 81 characters long; expected at most 80"),
        (check_note, "\0", "the note: has a NUL"),
        (lambda text: check_attribute(text, "mara"), "a" * 161, "mara: attribute .*: is 161 characters long"),
    ],
)
def test_other_texts_are_checked_too(check: Callable[[str], None], text: str, message: str) -> None:
    with pytest.raises(MemoryFault, match=message):
        check(text)
