"""A shot whose length follows from its speech: the inputs and needs of every step that plays or shoots it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from episodic.backbones.request import ShotDraft, ShotRequest
from episodic.backbones.speech_cue import PlannedLine, SpeechCue, Spoken
from episodic.production.blueprint import ShotBlueprint
from episodic.production.files.embedding_file import read_embedding
from episodic.production.files.speech_file import read_speech
from episodic.production.graph.needs import Need, Slot
from episodic.production.graph.step import task_id
from episodic.production.graph.step_run import StepRun
from episodic.production.steps.parts.shot_timing import time_shot
from episodic.sound.audio import SAMPLE_RATE
from planners.plan.model import Line, Shot
from planners.plan.vocabulary import SoundCut, Transition

__all__ = ["TIMED_SLOTS", "NeedsByName", "TimedShot", "cut_into", "needs_of_timed", "played", "speech_ids"]

NeedsByName = dict[str, Need | tuple[Need, ...] | Mapping[str, Need]]

TIMED_SLOTS: Final[Mapping[str, Slot]] = {
    "auditions": Slot.named("audition"),
    "light": Slot.optional("light"),
    "speech": Slot.ordered("speech"),
    "line_before": Slot.optional("speech"),
    "line_after": Slot.optional("speech"),
}
"""Auditions of newcomers by their id and of a new place; the shot's lines; the lines of its neighbours that are heard in it."""
_TRANSITION_HOLD_S: Final[Mapping[Transition, float]] = {"cut": 0.0, "match_cut": 0.0, "dissolve": 0.5, "fade": 0.25}
"""How much of a shot's end or start lies under a transition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedShot:
    """Everything that determines how long a shot is and how it is played, except what other steps make."""

    draft: ShotDraft
    moves: bool
    """Whether anybody crosses the floor."""
    wanted_s: float | None
    """The length that the plan asks for."""
    transition: Transition
    next_transition: Transition
    sound: SoundCut = "straight"
    """How sound crosses the cut into the shot."""
    next_sound: SoundCut = "straight"
    line_before: PlannedLine | None = None
    """The line of the shot before that continues over this one (L cut)."""
    before_crosses: bool = False
    """Whether that line is the only one of the shot before, and began before it (J cut)."""
    line_after: PlannedLine | None = None
    """The line of the shot after that is heard in this one already (J cut)."""

    @classmethod
    def of(cls, shot: ShotBlueprint) -> TimedShot:
        """The inputs of a shot of the episode."""
        before, after = _last_line_before(shot), _first_line_after(shot)
        return cls(
            draft=shot.draft,
            moves=shot.brief.moves,
            wanted_s=shot.shot.seconds,
            transition=cut_into(shot.shot),
            next_transition=cut_into(shot.after) if shot.after else "fade",
            sound=shot.shot.sound,
            next_sound=shot.after.sound if shot.after else "straight",
            line_before=_planned(before),
            before_crosses=before is not None and shot.before is not None and _crosses_whole(shot.before),
            line_after=_planned(after),
        )

    def played(self) -> TimedShot:
        """The shot without texts and pictures, which do not change how it is played."""
        return dataclasses.replace(self, draft=played(self.draft))

    def request(self, run: StepRun) -> ShotRequest:
        """The request, timed by its speech, with what auditions found."""
        light = run.optional_need("light")
        draft = self.draft.auditioned(
            {entity: read_embedding(folder) for entity, folder in run.named_needs("auditions").items()},
            None if light is None else read_embedding(light),
        )
        lines = [read_speech(folder) for folder in run.needs("speech")]
        before = read_speech(run.need("line_before")) if self.line_before else None
        after = read_speech(run.need("line_after")) if self.line_after else None
        timing = time_shot(
            [_seconds(line) for line in lines],
            fps=draft.fps,
            head_s=_TRANSITION_HOLD_S[self.transition],
            tail_s=_TRANSITION_HOLD_S[self.next_transition],
            moves=self.moves,
            wanted_s=self.wanted_s,
            sound=self.sound,
            next_sound=self.next_sound,
            before_s=_seconds(before),
            before_crosses=self.before_crosses,
            after_s=_seconds(after),
        )
        neighbours = [
            (line, spoken) for line, spoken in ((self.line_before, before), (self.line_after, after)) if line and spoken
        ]
        overheard = [
            SpeechCue.of(line, start_s, spoken) for (line, spoken), start_s in zip(neighbours, timing.overheard_s, strict=True)
        ]
        return draft.timed(timing.frames, timing.starts_s, lines, overheard)


def _seconds(spoken: Spoken | None) -> float:
    """The length of a spoken line; 0 where there is none."""
    return 0.0 if spoken is None else len(spoken.samples) / SAMPLE_RATE


def played(draft: ShotDraft) -> ShotDraft:
    """A draft without texts and pictures."""
    return dataclasses.replace(
        draft, text=(), references=(), prompt="", negative="", first_frame=None, last_frame=None, light_from=None
    )


def needs_of_timed(shot: ShotBlueprint) -> NeedsByName:
    """The needs for `TIMED_SLOTS` of a shot of the episode."""
    needs: NeedsByName = {}
    if shot.brief.auditions:
        needs["auditions"] = {entity: task_id("audition", entity) for entity in shot.brief.auditions}
    if shot.brief.light_audition:
        needs["light"] = task_id("light", shot.scene.at)
    if shot.shot.lines:
        needs["speech"] = speech_ids(shot.shot)
    if shot.before is not None and _last_line_before(shot):
        needs["line_before"] = speech_ids(shot.before)[-1]
    if shot.after is not None and _first_line_after(shot):
        needs["line_after"] = speech_ids(shot.after)[0]
    return needs


def speech_ids(shot: Shot) -> tuple[str, ...]:
    """The tasks that speak the lines of a shot."""
    return tuple(task_id("speech", shot.id, str(number)) for number in range(1, len(shot.lines) + 1))


def cut_into(shot: Shot) -> Transition:
    """The transition into a shot as it takes time: a match cut takes as long as a cut."""
    return "cut" if shot.transition == "match_cut" else shot.transition


def _last_line_before(shot: ShotBlueprint) -> Line | None:
    return shot.before.lines[-1] if shot.before is not None and shot.shot.sound == "l_cut" else None


def _first_line_after(shot: ShotBlueprint) -> Line | None:
    return shot.after.lines[0] if shot.after is not None and shot.after.sound == "j_cut" else None


def _crosses_whole(shot: Shot) -> bool:
    """Whether the only line of a shot begins before it."""
    return shot.sound == "j_cut" and len(shot.lines) == 1


def _planned(line: Line | None) -> PlannedLine | None:
    """A line of the plan as a draft has it."""
    return None if line is None else PlannedLine(speaker=line.speaker, emotion=line.emotion)
