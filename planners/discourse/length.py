"""Fill a film to its length: which steps, exchanges and reactions are shown beside the events themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from planners.discourse.exchanges import DEED, RECALL, Spoken, choose_exchange
from planners.discourse.manner import in_manner_of
from planners.discourse.passages import Beat, Passage, circumstances_of
from planners.fabula.plot import Plot
from planners.knowledge.families import ACTS, Phase
from planners.plan.durations import line_seconds
from planners.plan.model import Line
from planners.reading.premise import Premise

__all__ = ["Selection", "select_beats"]

_SPOKEN_DEEDS: Final = frozenset(
    [
        "argue",
        "persuade",
        "negotiate",
        "ask",
        "tell",
        "confess",
        "forgive",
        "accuse",
        "refuse",
        "promise",
        "threaten",
        "deceive",
        "judge",
    ]
)
"""Families of events that are done by speaking: their exchange is part of the event."""
_ACTION_SECONDS: Final = 2.75
_MOST_EXCHANGES: Final = 5
"""Exchanges in one phase of an event."""
_ORDER: Final[tuple[tuple[str, Phase], ...]] = (
    ("talk", "oppose"),
    ("talk", "want"),
    ("talk", "after"),
    ("step", "want"),
    ("step", "prepare"),
    ("trouble", "do"),
    ("talk", "do"),
    ("talk", "prepare"),
    ("reaction", "do"),
    ("step", "after"),
    ("step", "oppose"),
)
"""What is added in each round, to every event in turn."""


_STATED: Final[tuple[Phase, ...]] = ("want", "oppose", "do", "after")
"""Where it is said what an event is, the first phase that has an exchange for it."""
_RECALLED: Final[tuple[Phase, ...]] = ("want", "oppose", "after")
"""Where an earlier episode is spoken of."""


@dataclass(slots=True)
class Selection:
    """What is shown of one event."""

    passage: Passage
    errands: bool = True
    troubles: int = 0
    steps: dict[Phase, int] = field(default_factory=dict)
    talk: dict[Phase, list[tuple[Beat, ...]]] = field(default_factory=dict)
    reaction: bool = False

    def beats(self) -> list[Beat]:
        """The beats in order."""
        passage = self.passage
        beats: list[Beat] = []
        beats += [*self._mixed("want"), *self._mixed("prepare")]
        beats += passage.errands if self.errands else ()
        for trouble in passage.troubles[: self.troubles]:
            beats += trouble
        beats += [beat for exchange in self.talk.get("do", ()) for beat in exchange]
        beats += passage.deed
        if self.reaction and passage.reaction is not None:
            beats.append(passage.reaction)
        return [*beats, *self._mixed("oppose"), *self._mixed("after")]

    def _mixed(self, phase: Phase) -> Iterator[Beat]:
        """Steps and exchanges of a phase by turns, a step first."""
        steps = list(self.passage.steps.get(phase, ())[: self.steps.get(phase, 0)])
        for exchange in self.talk.get(phase, ()):
            yield from steps[:1]
            del steps[:1]
            yield from exchange
        yield from steps


def _seconds(beats: tuple[Beat, ...] | list[Beat]) -> float:
    """Estimated length of beats."""
    return sum(max(1.6, sum(line_seconds(line.text) for line in beat.lines)) if beat.lines else _ACTION_SECONDS for beat in beats)


@dataclass(slots=True)
class _Filler:
    premise: Premise
    plot: Plot
    target: float
    seed: int
    selections: list[Selection]
    used: set[str]
    length: float = 0.0

    def fits(self, seconds: float) -> bool:
        """Whether so much more is still no more than asked for."""
        return self.length + seconds <= self.target * 1.03

    def talk(self, selection: Selection, phase: Phase, names: tuple[str | None, ...] | None = None) -> bool:
        """Add an exchange to a phase of an event, from its family or from the named ones."""
        event = selection.passage.event
        if self.premise.silent or len(selection.talk.get(phase, ())) >= _MOST_EXCHANGES:
            return False
        before = set(self.used)
        lines = choose_exchange(
            self.plot, event, phase, circumstances_of(self.premise, self.plot, event), self.used, self.seed, names
        )
        if lines is None:
            return False
        beats = tuple(
            Beat(
                "line",
                lines=(self._line(line),),
                focus=(line.speaker, line.hearer) if at == 0 and line.hearer else (line.speaker,),
                first=at == 0,
            )
            for at, line in enumerate(lines)
        )
        if not self.fits(_seconds(beats)):
            self.used.intersection_update(before)
            return False
        selection.talk.setdefault(phase, []).append(beats)
        self.length += _seconds(beats)
        return True

    def _line(self, line: Spoken) -> Line:
        """A spoken line in the manner of its speaker."""
        text = in_manner_of(self.plot.members[line.speaker], line.text)
        return Line(speaker=line.speaker, text=text, emotion=ACTS[line.act])

    def add(self, what: str, phase: Phase, selection: Selection) -> bool:
        """Add one thing to an event if there is one and time for it."""
        passage = selection.passage
        if what == "talk":
            return self.talk(selection, phase)
        if what == "step":
            number = selection.steps.get(phase, 0)
            beats: tuple[Beat, ...] = passage.steps.get(phase, ())[number : number + 1]
        elif what == "trouble":
            beats = passage.troubles[selection.troubles] if selection.troubles < len(passage.troubles) else ()
        else:
            beats = (passage.reaction,) if passage.reaction is not None and not selection.reaction else ()
        if not beats or not self.fits(_seconds(beats)):
            return False
        if what == "step":
            selection.steps[phase] = selection.steps.get(phase, 0) + 1
        elif what == "trouble":
            selection.troubles += 1
        else:
            selection.reaction = True
        self.length += _seconds(beats)
        return True

    def fill(self) -> None:
        """Add until the film is as long as asked for, or nothing is left to add."""
        self.length = _seconds([beat for selection in self.selections for beat in selection.beats()])
        for selection in self.selections:
            if self.length > self.target and selection.passage.errands:
                selection.errands = False
                self.length -= _seconds(selection.passage.errands)
        led = [selection for selection in self.selections if selection.passage.event.origin != "introduction"]
        for selection in led:
            if selection.passage.event.family in _SPOKEN_DEEDS:
                self.talk(selection, "do")
        for selection in led[:1]:
            for phase in _RECALLED:
                if self.talk(selection, phase, (RECALL,)):
                    break
        for selection in led:
            if selection.passage.event.origin == "prompt" and selection.passage.event.source is not None:
                for phase in _STATED:
                    if self.talk(selection, phase, (DEED,)):
                        break
        added = True
        while added and self.length < self.target * 0.97:
            added = False
            for what, phase in _ORDER:
                for selection in led:
                    added |= self.add(what, phase, selection)


def select_beats(
    premise: Premise, plot: Plot, passages: list[Passage], target: float, seed: int, used: set[str], *, plain: bool
) -> list[Selection]:
    """What is shown of each event, so that the film is about `target` seconds long. `plain`: the events alone.

    `used`: keys of exchanges that were spoken before; those that are chosen are added.
    """
    selections = [Selection(passage) for passage in passages]
    if not plain:
        _Filler(premise, plot, target, seed, selections, used).fill()
    return selections
