"""Check references between the parts of a plan: ids, speakers, facts and threads. `planners.plan_file.read_write` adds line and column."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from memory.model.canon import STORY
from memory.suggestions import nearest_name
from planners.plan.model import NARRATOR, EpisodePlan, Scene, Shot

__all__ = ["Fault", "check_references", "nearest"]

_Kind = Literal["cast", "location", "prop"]
_A: Final[dict[_Kind, str]] = {"cast": "a member of the cast", "location": "a location", "prop": "a prop"}
_WHERE: Final[dict[_Kind, str]] = {"cast": "in the cast", "location": "among the locations", "prop": "among the props"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault at one place of a plan."""

    path: tuple[str | int, ...]
    """Keys and list indices from the top of the plan, as in the file: `("scenes", 0, "at")`."""
    message: str
    """What was found, what was expected and the nearest valid name."""
    place: Literal["key", "value"] = "value"
    """Whether the last key of the path is wrong, or its value."""


def nearest(word: str, names: Iterable[str]) -> str:
    """`; did you mean ‘name’?` for the name most similar to `word`, or an empty string."""
    name = nearest_name(word.lower(), names)
    return f"; did you mean ‘{name}’?" if name else ""


def check_references(plan: EpisodePlan, open_threads: Collection[str] | None = ()) -> list[Fault]:
    """Every broken reference in `plan`, in story order.

    `open_threads`: threads that earlier episodes left open and this one may close, or None if they are not known, so that closing
    a thread that the plan does not open is allowed.
    """
    return [*_Checker(plan).faults(), *_check_threads(plan, open_threads), *_check_reasons(plan)]


_IDENTITY: Final = frozenset({"name", "description", "look", "voice", "motion", "light", "sheet", "kind"})


def _check_join(at: tuple[str | int, ...], before: Shot | None, shot: Shot) -> Iterator[Fault]:
    """Faults of the join into a shot: a match cut needs a shot before it, a J or L cut needs a line that crosses it."""
    if shot.transition == "match_cut" and before is None:
        yield Fault((*at, "transition"), "the first shot of a scene has no shot to match; expected cut, dissolve or fade")
    if shot.sound == "straight":
        return
    if before is None:
        yield Fault(
            (*at, "sound"), f"‘{shot.sound}’ crosses a cut within a scene, and this is its first shot; expected ‘straight’"
        )
    elif shot.transition not in ("cut", "match_cut"):
        yield Fault((*at, "sound"), f"‘{shot.sound}’ needs a cut into this shot, found transition ‘{shot.transition}’")
    elif shot.sound == "j_cut" and not shot.lines:
        yield Fault((*at, "sound"), "nobody speaks in this shot, so nothing can be heard before it; expected a line in it")
    elif shot.sound == "l_cut" and not before.lines:
        yield Fault((*at, "sound"), "nobody speaks in the shot before, so nothing can go on; expected a line in it")
    elif shot.sound == "l_cut" and before.sound == "j_cut" and len(before.lines) == 1 and before.seconds is not None:
        problem = "the only line of the shot before crosses the cut into it too (j_cut), so that the line alone says how long that shot is"
        yield Fault((*at, "sound"), f"{problem}; expected no `seconds` there, or ‘straight’ here")


class _Checker:
    def __init__(self, plan: EpisodePlan) -> None:
        self._plan = plan
        self._kinds: dict[str, _Kind] = {
            **dict.fromkeys(plan.props, "prop"),
            **dict.fromkeys(plan.locations, "location"),
            **dict.fromkeys(plan.cast, "cast"),
        }
        self._cast = [member for member in plan.cast if member != NARRATOR]

    def faults(self) -> Iterator[Fault]:
        yield from self._check_names()
        yield from self._check_ids()
        for number, scene in enumerate(self._plan.scenes):
            yield from self._check_scene(("scenes", number), scene)

    def _check_names(self) -> Iterator[Fault]:
        """Faults of the ids of cast, locations and props: reserved names and names used twice."""
        plan = self._plan
        cast, locations = set(plan.cast), set(plan.locations)
        sections: tuple[tuple[str, Iterable[str], dict[str, set[str]]], ...] = (
            ("locations", plan.locations, {"cast": cast}),
            ("props", plan.props, {"cast": cast, "locations": locations}),
        )
        owners = {"cast": cast, "locations": locations, "props": set(plan.props)}
        for section in (name for name, ids in owners.items() if STORY in ids):
            message = "‘story’ is the series as a whole, which facts can speak of; give this another id"
            yield Fault((section, STORY), message, "key")
        for section, names, before in sections:
            for name in names:
                if name == NARRATOR:
                    yield Fault((section, name), "‘narrator’ is the voice off screen; give this another id", "key")
                    continue
                yield from (
                    Fault((section, name), f"‘{name}’ is already used in `{other}`; every id names one thing", "key")
                    for other, taken in before.items()
                    if name in taken
                )

    def _check_ids(self) -> Iterator[Fault]:
        """Faults of scene and shot ids that are used twice."""
        scenes: dict[str, int] = {}
        shots: dict[str, str] = {}
        for number, scene in enumerate(self._plan.scenes):
            if scene.id in scenes:
                yield Fault(("scenes", number, "id"), f"scene ‘{scene.id}’ is there twice; every scene needs an id of its own")
            scenes[scene.id] = number
            for index, shot in enumerate(scene.shots):
                if shot.id in shots:
                    message = f"shot ‘{shot.id}’ is there twice (first in scene ‘{shots[shot.id]}’); every shot of an episode needs an id of its own"
                    yield Fault(("scenes", number, "shots", index, "id"), message)
                shots.setdefault(shot.id, scene.id)

    def _check_scene(self, at: tuple[str | int, ...], scene: Scene) -> Iterator[Fault]:
        """Faults of one scene and of its shots."""
        yield from self._expect((*at, "at"), scene.at, "location")
        for index, character in enumerate(scene.present):
            yield from self._expect((*at, "present", index), character, "cast")
        for index, (subject, _, other, _) in enumerate(scene.relations):
            yield from self._expect((*at, "relations", index, 0), subject)
            yield from self._expect((*at, "relations", index, 2), other)
            if subject == other:
                yield Fault((*at, "relations", index, 2), f"‘{other}’ cannot stand in a relation to itself")
        for index, shot in enumerate(scene.shots):
            if shot.continues and index == 0:
                message = "the first shot of a scene has no shot to continue; expected false, or leave the key out"
                yield Fault((*at, "shots", index, "continues"), message)
            yield from _check_join((*at, "shots", index), scene.shots[index - 1] if index else None, shot)
            yield from self._check_shot((*at, "shots", index), scene, shot)
        yield from self._check_facts(at, scene)

    def _check_shot(self, at: tuple[str | int, ...], scene: Scene, shot: Shot) -> Iterator[Fault]:
        """Faults of a shot's focus, actions and speakers."""
        for index, character in enumerate(shot.focus):
            yield from self._expect_there((*at, "focus", index), character, scene, "is in focus")
        for character in shot.action:
            yield from self._expect_there((*at, "action", character), character, scene, "acts", "key")
        for index, line in enumerate(shot.lines):
            if line.speaker != NARRATOR:
                yield from self._expect_there((*at, "lines", index, "speaker"), line.speaker, scene, "speaks", "key")

    def _check_facts(self, at: tuple[str | int, ...], scene: Scene) -> Iterator[Fault]:
        """Faults of a scene's facts: unknown entities, identity attributes and contradictions."""
        stated: dict[tuple[str, str], str] = {}
        for index, fact in enumerate(scene.facts):
            if fact.entity != STORY:
                yield from self._expect((*at, "facts", index), fact.entity)
            if fact.entity != STORY and fact.attribute in _IDENTITY:
                said_so = f"‘{fact.entity}.{fact.attribute}’ is identity, which facts do not change; edit its entry under "
                yield Fault((*at, "facts", index), f"{said_so}`cast`, `locations` or `props`, or use `wearing`, `hair`, `mood`…")
            before = stated.setdefault((fact.entity, fact.attribute), fact.value)
            if before != fact.value:
                name = f"{fact.entity}.{fact.attribute}"
                yield Fault(
                    (*at, "facts", index), f"‘{name}’ is both ‘{before}’ and ‘{fact.value}’ in this scene; expected one value"
                )

    def _expect_there(
        self, path: tuple[str | int, ...], character: str, scene: Scene, does: str, place: Literal["key", "value"] = "value"
    ) -> Iterator[Fault]:
        """A fault unless `character` is a member of the cast who is present in the scene."""
        wrong = list(self._expect(path, character, "cast", place))
        yield from wrong
        if not wrong and scene.present and character not in scene.present:
            there = ", ".join(scene.present)
            yield Fault(
                path,
                f"‘{character}’ {does} here but is not in the scene; expected one of: {there}, or add ‘{character}’ to `present`",
                place,
            )

    def _expect(
        self, path: tuple[str | int, ...], name: str, kind: _Kind | None = None, place: Literal["key", "value"] = "value"
    ) -> Iterator[Fault]:
        """A fault unless `name` is an id of `kind` (None: of any kind)."""
        if name == NARRATOR:
            yield Fault(path, "‘narrator’ is only heard: it can speak lines, but it is nowhere and nothing", place)
            return
        known_kind = self._kinds.get(name)
        if known_kind is not None and kind in (None, known_kind):
            return
        names = list(
            self._kinds
            if kind is None
            else {"cast": self._cast, "location": self._plan.locations, "prop": self._plan.props}[kind]
        )
        if known_kind is not None and kind is not None:
            yield Fault(path, f"‘{name}’ is {_A[known_kind]}; expected {_A[kind]}: {_listed(names)}", place)
            return
        where = "in the cast, the locations or the props" if kind is None else _WHERE[kind]
        yield Fault(path, f"‘{name}’ is not {where}{nearest(name, names) or f'; expected one of: {_listed(names)}'}", place)


def _check_threads(plan: EpisodePlan, open_threads: Collection[str] | None) -> Iterator[Fault]:
    """Faults of threads: opened twice, closed twice, or closed before they are open."""
    opened = dict.fromkeys(open_threads or (), "an earlier episode")
    later = {thread: scene.id for scene in reversed(plan.scenes) for thread in scene.opens}
    closed: dict[str, str] = {}
    for number, scene in enumerate(plan.scenes):
        for thread in scene.opens:
            if thread in opened and thread not in closed:
                message = f"thread ‘{thread}’ is open already (by {opened[thread]}); close it first, or give this one another id"
                yield Fault(("scenes", number, "opens", thread), message, "key")
            opened[thread] = f"scene ‘{scene.id}’"
            closed.pop(thread, None)
        for index, thread in enumerate(scene.closes):
            path = ("scenes", number, "closes", index)
            if thread in closed:
                yield Fault(path, f"thread ‘{thread}’ is closed already, by scene ‘{closed[thread]}’")
            elif thread not in opened and thread in later:
                yield Fault(path, f"thread ‘{thread}’ is not open yet: scene ‘{later[thread]}’ opens it, later")
            elif thread not in opened and open_threads is not None:
                hint = nearest(thread, opened) or (
                    f"; open here: {_listed(opened)}" if opened else "; add it to the `opens` of a scene"
                )
                yield Fault(path, f"no scene has opened the thread ‘{thread}’{hint}")
            closed[thread] = scene.id


def _check_reasons(plan: EpisodePlan) -> Iterator[Fault]:
    """Faults of events and their reasons: an id used twice, an unknown event, a reason that comes later."""
    scenes: dict[str, str] = {}
    order: dict[str, int] = {}
    for number, scene in enumerate(plan.scenes):
        for event in scene.events:
            if event in scenes:
                message = f"event ‘{event}’ is there twice (first in scene ‘{scenes[event]}’); every event needs an id of its own"
                yield Fault(("scenes", number, "events", event), message, "key")
                continue
            scenes[event], order[event] = scene.id, len(order)
    for number, scene in enumerate(plan.scenes):
        for index, (earlier, link, event) in enumerate(scene.because):
            path = ("scenes", number, "because", index)
            if event not in scene.events:
                where = f"it is one of scene ‘{scenes[event]}’" if event in scenes else "there is none"
                hint = nearest(event, scene.events) or f"; expected one of: {_listed(scene.events)}"
                yield Fault((*path, 2), f"‘{event}’ is no event of this scene ({where}){hint}")
            elif earlier not in order:
                yield Fault(
                    (*path, 0),
                    f"no scene has the event ‘{earlier}’{nearest(earlier, order) or f'; expected one of: {_listed(order)}'}",
                )
            elif order[earlier] >= order[event]:
                yield Fault((*path, 0), f"‘{earlier}’ {link} ‘{event}’, but does not come before it; expected an earlier event")


def _listed(names: Iterable[str]) -> str:
    """Names for an error message, at most twelve of them."""
    names = list(names)
    return (", ".join(names[:12]) + (", …" if len(names) > 12 else "")) or "none are defined"
