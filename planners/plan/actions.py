"""Read free action text as one of `planners.plan.vocabulary.ACTIONS`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, Literal

from planners.data_file import DataFile, WordList, read_data_file
from planners.plan.vocabulary import Action

__all__ = ["ActionReading", "VerbLexicon", "VerbTables", "read_action", "verb_lexicon"]

Moves = Literal["none", "enters", "leaves", "to"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionReading:
    """An action text as an action of the embedded backbone. `exact` is False if no word of the text was known."""

    action: Action
    moves: Moves = "none"
    target: str | None = None
    exact: bool = True


_ENTER: Final = re.compile(
    r"\b(enters?|entering|entered|arrives?|arriving|appears?|(?:comes?|walks?|runs?|steps?|rush(?:es)?|sneaks?"
    r"|creeps?|bursts?|hurr(?:y|ies)|floats?|drifts?|flies|strides?|marches|stumbles?|slips?) in(?:side)?)\b"
)
_LEAVE: Final = re.compile(
    r"\b(leaves?|leaving|exits?|departs?|flees?|escapes?|vanish(?:es)?|disappears?|"
    r"(?:comes?|goes|go|walks?|runs?|steps?|rush(?:es)?|sneaks?|creeps?|hurr(?:y|ies)|floats?|drifts?|flies|"
    r"strides?|marches|storms?|slips?|backs?) (?:out|off|away))\b"
)
_TO: Final = re.compile(
    r"\b(?:to|towards?|over to|up to|into|onto|after|at|beside|around|through|across|past|along|down|up)\s+"
    r"(?:(?:the|a|an|his|her|its|their|my)\s+)?([\w' -]+)"
)
_AFTER_VERB: Final = re.compile(
    r"^(?:approach(?:es)?|follows?|chases?|crosses|joins?|climbs?|enters?)\s+(?:(?:the|a|an|his|her|its|their)\s+)?"
    r"([\w' -]+)"
)
_WORDS: Final = re.compile(r"[a-z']+")
_TARGET_END: Final = re.compile(
    r"\b(?:and|with|while|as|then|to|in|on|at|of|from|for|without|again|slowly|quickly|quietly|together)\b"
)
_WALKERS: Final = frozenset({"walk", "run", "sneak", "float", "dance", "carry", "push", "jump"})


class VerbTables(DataFile):
    """The verbs of `data/actions.yaml`."""

    verbs: dict[Action, WordList]
    """By action: verbs in their plain form. A hyphen joins a verb to the word that changes what it means."""
    irregular_forms: dict[str, str]
    """Inflected forms that the endings do not explain, with their plain form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerbLexicon:
    """Verbs by their plain form, as `read_action` looks them up."""

    single: Mapping[str, Action]
    double: Mapping[tuple[str, str], Action]
    """By a verb and the word after it."""
    irregular_forms: Mapping[str, str]

    def knows(self, verb: str) -> bool:
        """Whether any action is named by `verb`, alone or with the word after it."""
        return verb in self.single or any(verb == head for head, _ in self.double)


@cache
def verb_lexicon() -> VerbLexicon:
    """Read the verbs that ship with the package."""
    tables = read_data_file(Path(__file__).with_name("data") / "actions.yaml", VerbTables)
    single: dict[str, Action] = {}
    double: dict[tuple[str, str], Action] = {}
    for action, verbs in tables.verbs.items():
        for verb in verbs:
            head, *following = verb.split("-")
            if following:
                double[head, following[0]] = action
            else:
                single.setdefault(head, action)
    return VerbLexicon(single=single, double=double, irregular_forms=tables.irregular_forms)


def _plain_form(word: str) -> str | None:
    """The plain form of an inflected verb, if the lexicon has it."""
    lexicon = verb_lexicon()
    if word in lexicon.irregular_forms:
        return lexicon.irregular_forms[word]
    tries = [word]
    for ending, puts in (
        ("ies", ("y",)),
        ("es", ("", "e")),
        ("s", ("",)),
        ("ying", ("y", "ie")),
        ("ing", ("", "e")),
        ("ied", ("y",)),
        ("ed", ("", "e")),
    ):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            base = word[: -len(ending)]
            tries += [base + put for put in puts]
            if len(base) > 2 and base[-1] == base[-2]:
                tries.append(base[:-1])
    return next((form for form in tries if lexicon.knows(form)), None)


def _first_action(words: list[str]) -> Action | None:
    """The action of the first verb that the lexicon has."""
    lexicon = verb_lexicon()
    for at, word in enumerate(words):
        stem = _plain_form(word)
        if stem is None:
            continue
        later = [word for word in words[at + 1 : at + 4] if word not in {"the", "a", "his", "her", "its", "their"}]
        for after in later[:2]:
            if (stem, after) in lexicon.double:
                return lexicon.double[stem, after]
        if stem in lexicon.single:
            return lexicon.single[stem]
    return None


def _read_target(text: str) -> str | None:
    """What the body moves to or acts on, in the words of the text."""
    match = _AFTER_VERB.search(text) or _TO.search(text)
    if match is None:
        return None
    name = _TARGET_END.split(match[1], maxsplit=1)[0].strip(" '-")
    return name if name and name not in {"left", "right", "side", "it", "them", "him", "her"} else None


@lru_cache(maxsize=4096)
def read_action(text: str) -> ActionReading:
    """Read free action text such as "walks to the window". Text without a known verb becomes `think`, a neutral gesture."""
    plain = " ".join(_WORDS.findall(text.lower()))
    words = plain.split()
    action = _first_action(words)
    enters, leaves = _ENTER.search(plain), _LEAVE.search(plain)
    if action is None and not enters and not leaves:
        return ActionReading(action="think", exact=False)
    action = action or "walk"
    if enters:
        return ActionReading(action="walk" if action == "stand" else action, moves="enters", target=_read_target(plain))
    if leaves:
        return ActionReading(action="walk" if action == "stand" else action, moves="leaves")
    target = _read_target(plain)
    moving = action in _WALKERS and target is not None
    return ActionReading(action=action, moves="to" if moving else "none", target=target)
