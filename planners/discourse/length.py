"""Fill a film to its length: which steps, exchanges and reactions are shown beside the events themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from planners.discourse.dialogue_tables import Addition, dialogue_tables
from planners.discourse.event_beats import Beat, Passage, circumstances_of
from planners.discourse.exchanges import ANY, DEED, NOT_DONE, RECALL, Spoken, choose_exchange
from planners.discourse.manner import in_manner_of
from planners.fabula.plot import Plot
from planners.knowledge.families import ACTS, Phase
from planners.plan.model import Line
from planners.reading.premise import Premise

__all__ = ["Selection", "select_beats"]

_OUTCOME_SECONDS: Final = 12.0
"""Seconds per event from which it is shown what comes of each."""
_MOST_LENGTH: Final = 1.03
"""How much longer than asked for a film may be."""
_MOST_ROUNDS: Final = 60
_NEARLY: Final = 0.75
"""Share of the length asked for from which longer shots are better than more talk."""
_TOLD_WORDS: Final = 3
"""Words from which the phrase of an event without a family says something."""
_STATED_SECONDS: Final = 30.0
"""Seconds per event from which it is stated once more, and so on."""
_MOST_EXCHANGES: Final = 6
"""Exchanges in one phase of an event."""
_STATED: Final[tuple[Phase, ...]] = ("want", "oppose", "do", "after")
"""Where it is said what an event is, the first phase that has an exchange for it."""
_STATED_OF_FAILED: Final[tuple[Phase, ...]] = ("want", "fail")
"""The same for what somebody only tries."""
_RECALLED: Final[tuple[Phase, ...]] = ("want", "oppose", "after")
"""Where an earlier episode is spoken of."""
_OWN_FIRST: Final[tuple[Phase, ...]] = ("oppose", "want", "do", "after", "prepare")
"""Where an event's first exchange of its own family is looked for."""


@dataclass(slots=True)
class Selection:
    """What is shown of one event."""

    passage: Passage
    errands: bool = True
    troubles: int = 0
    steps: dict[Phase, int] = field(default_factory=dict)
    talk: dict[Phase, list[tuple[Beat, ...]]] = field(default_factory=dict)
    reaction: bool = False
    face: bool = False
    stated: int = 0
    """How often somebody says what the event is."""

    def beats(self) -> list[Beat]:
        """The beats in order."""
        passage = self.passage
        beats: list[Beat] = []
        beats += [*self._mixed("want"), *self._mixed("prepare")]
        beats += passage.errands if self.errands else ()
        for trouble in passage.troubles[: self.troubles]:
            beats += trouble
        family, tables = passage.event.family, dialogue_tables()
        done_first = family is None or family in {*tables.unplanned, *tables.spoken}
        beats += [*passage.deed, *self._mixed("do")] if done_first else [*self._mixed("do"), *passage.deed]
        if self.reaction and passage.reaction is not None:
            beats.append(passage.reaction)
        if self.face and passage.face is not None:
            beats.append(passage.face)
        return [*beats, *self._mixed("oppose"), *self._mixed("fail" if passage.event.failed else "after")]

    def _mixed(self, phase: Phase) -> Iterator[Beat]:
        """Steps and exchanges of a phase by turns, a step first."""
        steps = list(self.passage.steps_of(phase)[: self.steps.get(phase, 0)])
        for exchange in self.talk.get(phase, ()):
            yield from steps[:1]
            del steps[:1]
            yield from exchange
        yield from steps


def _seconds(beats: tuple[Beat, ...] | list[Beat]) -> float:
    """Estimated length of beats."""
    return sum(beat.seconds() for beat in beats)


@dataclass(slots=True)
class _Filler:
    premise: Premise
    plot: Plot
    target: float
    seed: int
    selections: list[Selection]
    used: set[str]
    length: float = 0.0
    any_left: int = 0
    """Exchanges that fit every event which may still be spoken: they fill time, and too many of them make films alike."""
    spare: bool = False
    """Whether a step that fits every event may be shown in each phase."""
    led: int = 1
    """Events that serve no other."""
    alone_left: int = 0
    """Exchanges of one being with itself which may still be spoken."""

    def left(self) -> float:
        """Seconds that may still be added."""
        return self.target * _MOST_LENGTH - self.length

    def fits(self, seconds: float) -> bool:
        """Whether so much more is still no more than asked for."""
        return seconds <= self.left()

    def talk(
        self,
        selection: Selection,
        phase: Phase,
        names: tuple[str | None, ...],
        *,
        stating: bool = False,
        longest: float | None = None,
    ) -> bool:
        """Add an exchange of one of some families to a phase of an event.

        `stating`: one that says what happens. `longest`: seconds that it may take; None: as many as the film has left.
        """
        event = selection.passage.event
        quiet = self.premise.silent or (self.premise.few_words and any(selected.talk for selected in self.selections))
        if quiet or len(selection.talk.get(phase, ())) >= _MOST_EXCHANGES:
            return False
        before = set(self.used)
        circumstances = circumstances_of(self.premise, self.plot, event)
        lines = choose_exchange(
            self.plot,
            event,
            phase,
            circumstances,
            self.used,
            self.seed,
            names,
            alone=self.alone_left > 0,
            stating=stating,
            longest=self.left() if longest is None else min(longest, self.left()),
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
        self.alone_left -= len({line.speaker for line in lines}) == 1
        selection.talk.setdefault(phase, []).append(beats)
        self.length += _seconds(beats)
        return True

    def talk_on(self, selection: Selection, phase: Phase) -> bool:
        """Add an exchange of an event's own family, else one that fits every event if such a one is left."""
        event = selection.passage.event
        own = NOT_DONE if event.source and event.source.negated else event.family
        if self.talk(selection, phase, (own,)):
            return True
        if self._may_state(selection) and own is None and self.talk(selection, phase, (DEED,)):
            selection.stated += 1
            return True
        if self.any_left > 0 and self.talk(selection, phase, (ANY,)):
            self.any_left -= 1
            return True
        return False

    def _shuffled(self, phases: Sequence[Phase], *about: object) -> list[Phase]:
        """Phases in an order that chance decides, so that films of other seeds speak at other moments."""
        return Random(f"{self.seed}/{about}").sample(phases, len(phases))

    def _line(self, line: Spoken) -> Line:
        """A spoken line in the manner of its speaker."""
        text = in_manner_of(self.plot.members[line.speaker], line.text)
        return Line(speaker=line.speaker, text=text, emotion=ACTS[line.act])

    def add(self, what: Addition, phase: Phase, selection: Selection) -> bool:
        """Add one thing to an event if there is one and time for it."""
        passage = selection.passage
        phase = "fail" if phase == "after" and passage.event.failed else phase
        if what == "talk":
            return self.talk_on(selection, phase)
        if what == "step":
            number = selection.steps.get(phase, 0)
            most = len(passage.steps.get(phase, ())) + self.spare
            beats: tuple[Beat, ...] = passage.steps_of(phase)[:most][number : number + 1]
        elif what == "trouble":
            beats = passage.troubles[selection.troubles] if selection.troubles < len(passage.troubles) else ()
        elif what == "face":
            beats = (passage.face,) if passage.face is not None and not selection.face else ()
        else:
            beats = (passage.reaction,) if passage.reaction is not None and not selection.reaction else ()
        if not beats or not self.fits(_seconds(beats)):
            return False
        if what == "step":
            selection.steps[phase] = selection.steps.get(phase, 0) + 1
        elif what == "trouble":
            selection.troubles += 1
        elif what == "face":
            selection.face = True
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
        if led:
            self.led = len(led)
            self._say_what_matters(led)
            self._fill_rounds(led)

    def _say_what_matters(self, led: list[Selection]) -> None:
        """Exchanges without which nobody would understand: those that events consist of, one of each family, one that says what happens.

        The last event comes first, because it is what the story is about, then the first.
        """
        self.alone_left = self.any_left = 1 + int(self.target // 60)
        ranked = list(dict.fromkeys([len(led) - 1, 0, *range(1, len(led) - 1)]))
        for at in ranked:
            if led[at].passage.event.family in dialogue_tables().spoken:
                self.talk(led[at], "do", (led[at].passage.event.family,))
        any(self.talk(selection, phase, (RECALL,)) for selection in led for phase in _RECALLED)
        for number, at in enumerate(ranked):
            self._state(led[at], longest=self.left() / (len(ranked) - number))
        for at in ranked:
            if not led[at].talk:
                ways = self._shuffled(_OWN_FIRST, led[at].passage.event.id)
                any(self.talk(led[at], phase, (led[at].passage.event.family,)) for phase in ways)
        if self.target / len(led) >= _OUTCOME_SECONDS:
            for selection in led:
                self.add("step", "after", selection)

    def _state(self, selection: Selection, *, longest: float) -> None:
        """Let somebody say what an event of the prompt is, in words of its family if there are such, in at most so many seconds."""
        event = selection.passage.event
        if not self._may_state(selection):
            return
        negated = event.source is not None and event.source.negated
        phases = _STATED[1:] if event.family in dialogue_tables().unplanned else _STATED
        phases = _STATED_OF_FAILED if event.failed else phases
        for names in ((NOT_DONE,),) if negated else ((event.family,), (DEED,)):
            for phase in self._shuffled(phases, event.id, names):
                if self.talk(selection, phase, names, stating=True, longest=longest):
                    selection.stated += 1
                    return

    def _may_state(self, selection: Selection) -> bool:
        """Whether somebody may still say what an event is: it is one of the prompt, worth a word, and was not said too often."""
        event = selection.passage.event
        bare = len(event.phrase.split()) < _TOLD_WORDS and event.family is None
        alone = not any(event.roles.get(role) for role in ("theme", "patient"))
        trivial = bare or (alone and event.verb in dialogue_tables().trivial)
        return event.source is not None and not trivial and selection.stated <= self.target / self.led // _STATED_SECONDS

    def _fill_rounds(self, led: list[Selection]) -> None:
        """Add to every event in turn. When nothing of their own is left, more of what fits every event."""
        relaxed, rounds = False, dialogue_tables().rounds
        for _ in range(_MOST_ROUNDS):
            if self.length >= self.target * 0.97:
                return
            added = False
            talks = iter(self._shuffled([phase for what, phase in rounds if what == "talk"], len(self.used)))
            for what, phase in [(what, next(talks) if what == "talk" else phase) for what, phase in rounds]:
                for selection in led:
                    added |= self.add(what, phase, selection)
            if added:
                relaxed = False
                continue
            if relaxed or self.length >= self.target * _NEARLY:
                return
            self.spare = relaxed = True
            self.any_left, self.alone_left = self.any_left + len(led), self.alone_left + 1


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
