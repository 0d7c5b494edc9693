"""Families of verbs: who takes part, what must be true, what changes, what is shown and what is said.

Each file of `families/` is one family. Strings with blanks are read once, at loading; an unknown role, predicate or slot is an error that
names the file and the entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, model_validator

from planners.data_file import DataFile, WordList, parse_yaml, read_data_file
from planners.knowledge.own_knowledge import own_knowledge
from planners.plan.vocabulary import Emotion

__all__ = [
    "ACTS",
    "CONDITIONS",
    "EVENT_SLOTS",
    "GUARDS",
    "ROLES",
    "SLOT",
    "SLOTS",
    "Complication",
    "Condition",
    "Exchange",
    "Family",
    "Guard",
    "Phase",
    "RoleName",
    "RoleRule",
    "Step",
    "Turn",
    "families_of",
    "family_named",
    "family_names",
    "family_of",
    "verb_families",
]

RoleName = Literal[
    "agent", "partner", "patient", "theme", "recipient", "source", "goal", "instrument", "opponent", "place", "topic"
]
"""Who or what takes part. `partner` is another of the agents or a companion; `opponent` is who minds; `place` is where it happens."""
ROLES: Final[frozenset[str]] = frozenset(RoleName.__args__)  # type: ignore[attr-defined]  # a Literal has its values there
Phase = Literal["want", "prepare", "do", "oppose", "after", "fail"]
"""When in an event something is shown or said: before it is decided, on the way, while it happens, when somebody minds, afterwards, when it fails."""
Filler = Literal["being", "person", "animal", "robot", "thing", "portable", "vehicle", "food", "place", "idea", "event", "any"]
"""What may fill a role."""


class SlotForm(DataFile):
    """One form of a slot."""

    means: str
    needs: str | None = None
    """The guard that it adds by itself."""


class ConditionForm(DataFile):
    """One predicate of conditions."""

    roles: Literal[1, 2]
    means: str


class ExchangeWords(DataFile):
    """The tables of `data/exchange_words.yaml`; each is described there."""

    guards: dict[str, str]
    conditions: dict[str, ConditionForm]
    slots: dict[str, SlotForm]
    acts: dict[str, Emotion]


_WORDS: Final = read_data_file(Path(__file__).with_name("data") / "exchange_words.yaml", ExchangeWords)
ACTS: Final = _WORDS.acts
"""What a line may do, with the emotion in which it is said."""
GUARDS: Final = frozenset(_WORDS.guards)
"""Predicates of guards. A guard is a predicate and a role: `loud theme`; with `not` before it the opposite."""
SLOTS: Final = frozenset(_WORDS.slots)
"""Forms of a slot `{role.form}`; `{role}` is the first. Besides them `{verb}`, `{verb.s}`, `{verb.ing}`, `{verb.ed}` and `{verb.done}` are forms
of the prompt's verb; `{deed}` is its whole phrase: steal the bell from the museum (also `{deed.ing}`, `{deed.did}`, `{deed.done}`);
`{before}` is what the prompt tells just before it, a sentence in the past: you lost the key; `{next}` is what its agent does next: climb in; `{past}` is
what somebody else did in an earlier episode, a sentence in the past."""
CONDITIONS: Final = _WORDS.conditions
"""Predicates of conditions, which families need and change."""
EVENT_SLOTS: Final = frozenset({"deed", "before", "next", "past"})
"""Slots that are filled with a whole event."""
_VERB_FORMS: Final = {
    "verb": frozenset({"", "s", "ing", "ed", "done"}),
    "deed": frozenset({"", "ing", "did", "done"}),
    "before": frozenset({""}),
    "next": frozenset({"", "ing"}),
    "past": frozenset({""}),
}
SLOT: Final = re.compile(r"\{([a-z]+)(?:\.([a-z_]+))?\}")


_ONLY_VERBS: Final = "verbs: "


class Guard(DataFile):
    """One condition on a role."""

    predicate: str
    role: RoleName
    negated: bool = False


def _read_guard(value: object) -> object:
    """`not loud theme` as a guard."""
    if not isinstance(value, str):
        return value
    words = value.split()
    negated = bool(words) and words[0] == "not"
    words = words[negated:]
    if len(words) != 2 or words[0] not in GUARDS or words[1] not in ROLES:
        raise ValueError(
            f"expected a guard such as `loud theme` of {', '.join(sorted(GUARDS))} and a role of {', '.join(sorted(ROLES))}; found {value!r}"
        )
    return {"predicate": words[0], "role": words[1], "negated": negated}


GuardText = Annotated[Guard, BeforeValidator(_read_guard)]


class Condition(DataFile):
    """What must be true before an event, or is afterwards."""

    predicate: str
    roles: tuple[RoleName, ...]
    negated: bool = False


def _read_condition(value: object) -> object:
    """`not has source theme` as a condition."""
    if not isinstance(value, str):
        return value
    words = value.split()
    negated = bool(words) and words[0] == "not"
    words = words[negated:]
    form = CONDITIONS.get(words[0]) if words else None
    if form is None or len(words) != form.roles + 1 or not ROLES.issuperset(words[1:]):
        raise ValueError(f"expected a condition such as `has agent theme` of {', '.join(sorted(CONDITIONS))}; found {value!r}")
    return {"predicate": words[0], "roles": tuple(words[1:]), "negated": negated}


ConditionText = Annotated[Condition, BeforeValidator(_read_condition)]


def _check_slots(text: str, speaker: str | None = None) -> str:
    """Raise ValueError if a text has an unknown slot, or a brace that is none, or names its own speaker."""
    for match in SLOT.finditer(text):
        role, form = match[1], match[2] or ""
        if role in _VERB_FORMS:
            if form not in _VERB_FORMS[role]:
                raise ValueError(f"unknown form of the {role} {form!r} in {text!r}")
            continue
        if role not in ROLES or form not in SLOTS:
            raise ValueError(f"unknown slot {match[0]} in {text!r}")
        if role == speaker and form in {"", "a", "it", "him", "his", "noun"}:
            raise ValueError(f"a line of {speaker} speaks of {speaker} as of somebody else: {text!r}")
    if "{" in SLOT.sub("", text) or "}" in SLOT.sub("", text):
        raise ValueError(f"a brace that belongs to no slot in {text!r}")
    return text


def _with_needed(written: Iterable[Guard], texts: Iterable[tuple[RoleName, str]]) -> tuple[Guard, ...]:
    """Written guards, and those that the speakers or performers of texts and the slots in them need."""
    needed = {(guard.predicate, guard.role): guard for guard in written}
    for who, text in texts:
        needed.setdefault(("is", who), Guard(predicate="is", role=who))
        for match in SLOT.finditer(text):
            if match[1] not in _VERB_FORMS:
                role: RoleName = match[1]  # type: ignore[assignment]  # checked at loading
                predicate = _WORDS.slots[match[2] or ""].needs or "is"
                needed.setdefault((predicate, role), Guard(predicate=predicate, role=role))
    return tuple(needed.values())


class Turn(DataFile):
    """One line of an exchange. In YAML: `[speaker, act, "text", "another way to say it"…]`."""

    speaker: RoleName
    act: str
    text: str
    ways: tuple[str, ...] = ()
    """Other ways to say the same."""

    def texts(self) -> tuple[str, ...]:
        """All ways to say it."""
        return (self.text, *self.ways)

    @model_validator(mode="before")
    @classmethod
    def _read_turn(cls, value: object) -> object:
        """Read `[speaker, act, "text", "another way"…]`."""
        if isinstance(value, list):
            if len(value) < 3:
                raise ValueError(f"expected [speaker, act, text, other ways to say it…], found {value!r}")
            if value[1] not in ACTS:
                raise ValueError(f"expected an act of {', '.join(ACTS)}; found {value[1]!r}")
            text, *ways = (_check_slots(str(way), str(value[0])) for way in value[2:])
            return {"speaker": value[0], "act": value[1], "text": text, "ways": tuple(ways)}
        return value


def _split_verbs(when: Iterable[object]) -> dict[str, object]:
    """`when` as it is written: guards, and `verbs: bake knead` for what fits only some verbs of the family."""
    texts = tuple(when)
    listed = [text for text in texts if isinstance(text, str) and text.startswith(_ONLY_VERBS)]
    return {
        "when": tuple(text for text in texts if text not in listed),
        "verbs": tuple(verb.replace("_", " ") for text in listed for verb in text.removeprefix(_ONLY_VERBS).split()),
    }


class Exchange(DataFile):
    """Two to four lines that answer one another."""

    when: tuple[GuardText, ...] = ()
    verbs: tuple[str, ...] = ()
    """The only verbs that it fits; empty: all of the family. In YAML a part of `when`: `"verbs: bake knead"`."""
    phase: Phase
    turns: Annotated[tuple[Turn, ...], Field(min_length=2, max_length=4)]

    @model_validator(mode="before")
    @classmethod
    def _read_when(cls, value: object) -> object:
        """Take the verbs out of `when`."""
        if isinstance(value, dict) and isinstance(value.get("when"), list):
            return {**value, **_split_verbs(value["when"])}
        return value

    @cached_property
    def _guards(self) -> tuple[Guard, ...]:
        """The result of `guards`, which every choice of an exchange asks for."""
        return _with_needed(self.when, [(turn.speaker, text) for turn in self.turns for text in turn.texts()])

    def guards(self) -> tuple[Guard, ...]:
        """The written guards, and those that speakers and slots need."""
        return self._guards


class RoleRule(DataFile):
    """What may fill a role."""

    is_a: tuple[Filler, ...]
    optional: bool = False


class Step(DataFile):
    """One visible action. In YAML: `[performer, "text"]` or `[performer, "text", guard…]`. The text is a verb phrase in the third person."""

    performer: RoleName
    text: str
    when: tuple[GuardText, ...] = ()
    verbs: tuple[str, ...] = ()
    """The only verbs that it fits; empty: all of the family. In YAML among the guards: `"verbs: bake knead"`."""

    @model_validator(mode="before")
    @classmethod
    def _read_step(cls, value: object) -> object:
        """Read `[performer, "text", guards…]`."""
        if isinstance(value, list):
            if len(value) < 2:
                raise ValueError(f"expected [performer, text, guards…], found {value!r}")
            return {"performer": value[0], "text": _check_slots(str(value[1])), **_split_verbs(value[2:])}
        return value

    def guards(self) -> tuple[Guard, ...]:
        """The written guards, and those that the performer and the slots need."""
        return _with_needed(self.when, [(self.performer, self.text)])


class Complication(DataFile):
    """What goes wrong if a condition holds, and how it is put right."""

    when: tuple[GuardText, ...]
    shows: tuple[Step, ...]
    undo: tuple[Step, ...]


class Family(DataFile):
    """One family of verbs."""

    verbs: WordList
    """Verbs in the plain form, with a particle after a space written with an underscore: `break_into`."""
    roles: dict[RoleName, RoleRule]
    minded_by: tuple[Literal["owner", "keeper", "recipient", "patient", "source", "watcher", "kin"], ...] = ()
    """Who minds, the likeliest first."""
    needs: tuple[ConditionText, ...] = ()
    """What must be true before it happens; a condition counts only where its roles are filled. What is not true yet happens on screen first."""
    effects: tuple[ConditionText, ...] = ()
    """What is true afterwards."""
    shows: dict[Phase, tuple[Step, ...]]
    complications: tuple[Complication, ...] = ()
    exchanges: tuple[Exchange, ...]


_FOLDER: Final = Path(__file__).with_name("families")


@cache
def _files() -> dict[str, Path]:
    """The file of each family; one of the writer's own replaces one that ships."""
    own = own_knowledge()
    folders = (_FOLDER, *([own / "families"] if own is not None else []))
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.yaml"))}


@cache
def family_names() -> tuple[str, ...]:
    """Names of all families: those of their files."""
    return tuple(sorted(_files()))


@cache
def family_named(name: str) -> Family:
    """A family by its name; its file is read when it is first asked for. Raises KeyError, ValueError."""
    return read_data_file(_files()[name], Family)


class _Verbs(DataFile):
    verbs: WordList


@cache
def _family_by_verb() -> dict[str, str]:
    """The family of each listed verb, from the first entry of every file. What the writer's own families list counts."""
    table: dict[str, str] = {}
    for name, path in sorted(_files().items(), key=lambda item: (item[1].parent != _FOLDER, item[0])):
        head, _, _ = path.read_text("utf-8").partition("\nroles:")
        table |= dict.fromkeys(_Verbs.model_validate(parse_yaml(head)).verbs, name)
    return table


class VerbFamilies(DataFile):
    """The tables of `data/verb_families.yaml`; each is described there."""

    particles: tuple[str, ...]
    changing: tuple[str, ...]
    motion: tuple[str, ...]
    further: dict[str, tuple[str, ...]]
    watched: tuple[str, ...]
    needs_one: dict[str, tuple[RoleName, ...]]


@cache
def verb_families() -> VerbFamilies:
    """The tables, read once."""
    return read_data_file(Path(__file__).with_name("data") / "verb_families.yaml", VerbFamilies)


def families_of(verb: str, particles: Iterable[str] = ()) -> tuple[str, ...]:
    """Families that a verb may belong to, the likeliest first. `particles`: words after it that may change what it means."""
    table, rules = _family_by_verb(), verb_families()
    names: list[str] = []
    for particle in particles:
        phrase = f"{verb} {particle}".strip()
        names += [table[phrase]] if phrase in table else []
        names += rules.further.get(phrase, ())
    plain = table.get(verb)
    changed = any(particle in rules.changing for particle in particles)
    if plain is not None and (not changed or plain in rules.motion):
        names.append(plain)
    return tuple(dict.fromkeys([*names, *(rules.further.get(verb, ()) if not changed else ())]))


def family_of(verb: str, particle: str = "") -> str | None:
    """The likeliest family of a verb; None if none lists it."""
    return next(iter(families_of(verb, [particle] if particle else [])), None)
