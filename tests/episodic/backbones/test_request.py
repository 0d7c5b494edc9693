"""Shot drafts and requests: how one becomes the other, and how both are stored."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from episodic.backbones.request import (
    MadeHere,
    Mark,
    Performer,
    ReferencePicture,
    Setting,
    ShotDraft,
    ShotRequest,
    picture_source,
)
from episodic.backbones.speech_cue import PlannedLine, SpeechCue, Spoken
from episodic.storage.artifacts import Stored
from episodic.storage.json_object import JsonObject

STORED = Path(__file__).parent / "data" / "request_0_1_0.json"
LIPS = np.full((3, 3), 0.5, np.float32)
SPOKEN = Spoken(samples=np.zeros(4800, np.float32), lips=LIPS)


def a_draft() -> ShotDraft:
    standing = Mark(x=0.0, z=2.0)
    return ShotDraft(
        shot_id="s01.1",
        seed=7,
        fps=24,
        width=320,
        height=180,
        style="noir",
        size="close",
        camera="static",
        setting=Setting(location="pier", look={"ground": "#aabbcc"}),
        performers=(
            Performer(id="mara", kind="human", look={}, motion=(), start=standing, end=standing, looks_at=standing),
            Performer(id="crab", kind="animal", look={}, motion=(0.25,), start=standing, end=standing, in_frame=False),
        ),
        focus=("mara",),
        lines=(PlannedLine(speaker="mara", emotion="afraid"),),
        references=(ReferencePicture(entity="mara", source=MadeHere("sheet"), file="front.png"),),
    )


def test_a_request_stored_by_version_0_1_0_is_read_and_written_as_it_was() -> None:
    stored = json.loads(STORED.read_text("utf-8"))
    request = ShotRequest.from_json(JsonObject(stored), [LIPS])
    assert [picture.source for picture in request.references] == [MadeHere("sheet"), Stored("ab" * 32)]
    assert request.performers[0].looks_at == Mark(x=1, z=2)
    assert json.loads(json.dumps(request.to_json())) == stored


def test_a_stored_request_may_lack_the_fields_of_memory() -> None:
    stored = json.loads(STORED.read_text("utf-8"))
    for name in ("text", "references", "prompt", "negative", "first_frame", "last_frame", "light_from", "draft"):
        del stored[name]
    request = ShotRequest.from_json(JsonObject(stored), [LIPS])
    assert not request.pictures
    assert (request.text, request.prompt, request.draft) == ((), "", False)


def test_a_draft_survives_json_and_leaves_out_what_is_empty() -> None:
    draft = a_draft()
    stored = json.loads(json.dumps(draft.to_json()))
    assert ShotDraft.from_json(JsonObject(stored)) == draft
    assert "references" in stored
    assert not {"text", "prompt", "first_frame"} & stored.keys()
    assert "references" not in draft.played_json()


def test_auditions_fill_in_embeddings_and_leave_the_others() -> None:
    draft = a_draft().auditioned({"mara": [0.5, 0.75]}, [0.125])
    assert [performer.motion for performer in draft.performers] == [(0.5, 0.75), (0.25,)]
    assert draft.setting.light == (0.125,)
    assert a_draft().auditioned({}) == a_draft()


def test_a_timed_draft_is_a_request_whose_lines_have_begin_and_lips() -> None:
    neighbour = SpeechCue.of(PlannedLine(speaker="crab", emotion="neutral"), -0.4, SPOKEN)
    request = a_draft().timed(48, [0.3], [SPOKEN], [neighbour])
    (cue,) = request.speech
    assert (request.frames, request.seconds) == (48, 2.0)
    assert (cue.speaker, cue.emotion, cue.start_s) == ("mara", "afraid", 0.3)
    assert cue.lips is LIPS
    assert cue.samples is SPOKEN.samples
    assert request.overheard == (neighbour,)
    assert request.references == a_draft().references


def test_every_line_needs_its_recording() -> None:
    with pytest.raises(ValueError, match="zip"):
        a_draft().timed(48, [0.3], [])


def test_pictures_are_placed_by_name(tmp_path: Path) -> None:
    frame = ReferencePicture(entity="s01.1", source=MadeHere("keyframe"), file="first.png")
    request = dataclasses.replace(a_draft(), first_frame=frame).timed(48, [0.3], [SPOKEN])
    assert [picture.name for picture in request.pictures] == ["s01.1:keyframe/first.png", "mara:sheet/front.png"]
    located = {picture.name: dataclasses.replace(picture, path=tmp_path / picture.file) for picture in request.pictures}
    placed = request.with_pictures(located)
    assert [picture.path.name for picture in placed.pictures] == ["first.png", "front.png"]
    assert placed.light_from is None


@pytest.mark.parametrize("source", [MadeHere("sheet"), MadeHere("keyframe"), Stored("ab" * 32)])
def test_a_source_of_a_picture_is_read_back_from_its_text(source: Stored | MadeHere) -> None:
    assert picture_source(str(source)) == source
