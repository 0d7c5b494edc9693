"""The events that a scene shows and why they happen, for the plan to explain itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from planners.discourse.event_beats import Beat
from planners.discourse.length import Selection
from planners.fabula.plot import Origin, PlotEvent
from planners.plan.model import Reason

__all__ = ["EventLog"]

_ROLES: Final[dict[Origin, str]] = {
    "introduction": "introduced",
    "needed": "needed",
    "complication": "problem",
    "remedy": "solution",
    "consequence": "consequence",
}
"""What an event is there for, unless the prompt tells it."""
_LONGEST: Final = 300
"""Characters of a sentence."""


class EventLog:
    """Collects the events of an episode, scene by scene in story order."""

    def __init__(self, sentence: Callable[[PlotEvent], str], name: Callable[[str], str]) -> None:
        """`sentence`: an event as a sentence. `name`: what somebody with an id is called."""
        self._sentence, self._name = sentence, name
        self._shown: set[str] = set()

    def scene(self, selections: list[Selection]) -> tuple[dict[str, str], tuple[Reason, ...]]:
        """The events of a scene by id, and the reasons for them that the film shows."""
        events: dict[str, str] = {}
        reasons: list[Reason] = []
        for selection in selections:
            for event, text in self._events(selection):
                events[event.id] = text[:_LONGEST]
                reasons += [
                    Reason(link.event, link.kind, event.id)
                    for link in event.because
                    if link.event in self._shown and link.event != event.id
                ]
                self._shown.add(event.id)
        return events, tuple(dict.fromkeys(reasons))

    def _events(self, selection: Selection) -> Iterator[tuple[PlotEvent, str]]:
        """The events that are shown of a passage in their order, each with its sentence."""
        passage = selection.passage
        beats: dict[str, Beat] = {}
        hidden = set() if selection.errands else {event.id for event in passage.before if event.origin == "needed"}
        number = -1
        for event in passage.before:
            number += event.origin == "complication"
            if event.origin in {"complication", "remedy"}:
                if number < min(selection.troubles, len(passage.troubles)):
                    beats[event.id] = passage.troubles[number][0 if event.origin == "complication" else -1]
                else:
                    hidden.add(event.id)
        for event in (*passage.before, passage.event):
            if event.id not in hidden and event.id not in self._shown:
                sentence = self._acted(beats[event.id]) if event.id in beats else self._sentence(event)
                role = _ROLES.get(event.origin)
                yield event, f"({role}) {sentence}" if role else sentence

    def _acted(self, beat: Beat) -> str:
        """What is seen in a beat, as a sentence."""
        actions: dict[str, list[str]] = {}
        for identifier, text in beat.action.items():
            actions.setdefault(text, []).append(self._name(identifier))
        sentences = [_subject(names) + text for text, names in actions.items()]
        sentences += [f"{self._name(line.speaker)} says “{line.text}”" for line in beat.lines]
        text = "; ".join(sentences) or "somebody is there"
        return f"{text[0].upper()}{text[1:]}."


def _subject(names: list[str]) -> str:
    """The beginning of a sentence in the singular, for one or several who do the same."""
    first, *others = names
    return f"{first}, with {' and '.join(others)}, " if others else f"{first} "
