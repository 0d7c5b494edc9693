"""Which kind of story a prompt asks for, and what an explainer explains."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["GENRES", "Topic", "find_genre", "find_topic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What an explainer explains. `question` is the sentence a child would ask."""

    subject: str
    """`photosynthesis`, `a heart`."""
    question: str
    key: str
    """The lemma by which facts about it are found."""


_CUES: Final[dict[str, str]] = {
    "trial": "courtroom court trial judge jury witness verdict lawyer accuse testify testimony guilty",
    "mystery": "detective murder clue mystery stolen missing disappear vanish investigate case inspector thief steal sleuth suspect follow",
    "signal": "knock knocking signal hear noise haunted haunt footstep whisper ghost transmission scream sound strange door radio message",
    "hiding": "hide hiding secretly disguise smuggle pretend conceal secret runaway fugitive sneak",
    "survival": "stranded lost survive trapped sink sinking oxygen shipwreck crash castaway stuck escape avalanche blizzard last snowed",
    "rivalry": "rival share compete contest competition race versus argue neighbour neighbor hate feud fight quarrel enemy duel battle both",
    "repair": "fix repair mend restore broken rebuild past old memory remember forget photograph clock",
    "befriend": "befriend friend friendship love meet adopt lonely alone shy tame fall welcome stranger",
    "learn": "learn teach practise practice dance train student apprentice study first sing play swim fly paint cook become dream",
    "quest": "find search look seek journey travel leave quest treasure go reach discover explore climb cross return home deliver map",
}
_ROOT_WEIGHT: Final = 2.5

GENRES: Final[tuple[str, ...]] = (*_CUES, "explainer", "longing")
"""`longing` is the story that can be told of anybody and anything."""

_EXPLAIN: Final = re.compile(
    r"^(?:please )?(?:explain(?:ing|s)?|teach (?:me|us|kids|children)(?: about)?|a lesson (?:about|on)|an? (?:short )?documentary (?:about|on))\s+"
    r"(?P<what>.+?)(?=\s+(?:to|for|through|with|using|as|by|in|told|so)\b|[,.:;!?]|$)", re.IGNORECASE)  # fmt: skip
_HOW: Final = re.compile(r"^(?P<ask>how|why)\s+(?P<art>an?\s+|the\s+|your\s+|our\s+)?(?P<what>[\w -]+?)\s+(?P<verb>\w+)(?P<rest>\s+[\w -]+?)?"
                         r"(?=\s*(?:,|\.|\?|:|$|\s(?:told|as|explained|through|for|to)\b))", re.IGNORECASE)  # fmt: skip
_WHAT_IS: Final = re.compile(r"^what (?P<be>is|are) (?P<what>[\w -]+?)[?.!]*$", re.IGNORECASE)


def _key(what: str) -> str:
    word = re.findall(r"[a-z]+", what.lower())[-1:]
    return word[0] if word else what


def _plain_verb(verb: str) -> str:
    if verb.endswith("ies"):
        return verb[:-3] + "y"
    if verb.endswith(("ches", "shes", "sses", "xes", "oes")):
        return verb[:-2]
    return verb[:-1] if verb.endswith("s") and not verb.endswith("ss") else verb


def _how_question(ask: str, art: str, what: str, verb: str, rest: str) -> str:
    low = verb.lower()
    plural = not art and what.endswith("s") and not low.endswith("s")
    helper = "do" if plural or art.strip().lower() in {"your", "our"} and what.endswith("s") else "does"
    if low in {"is", "are", "can", "was", "were"}:
        return f"{ask} {low} {art}{what}{rest}?".capitalize()
    return f"{ask.capitalize()} {helper} {art}{what} {_plain_verb(low)}{rest}?"


def find_topic(story: str) -> Topic | None:
    """The topic, where the prompt asks for an explanation rather than a story."""
    found = _EXPLAIN.match(story)
    inner = found["what"].strip() if found else story
    how = _HOW.match(inner + ("" if found else "")) if re.match(r"(?:how|why)\b", inner, re.IGNORECASE) else None
    if how is None and found is not None and re.match(r"(?:how|why)\b", inner, re.IGNORECASE):
        how = _HOW.match(inner)
    if how is not None:
        art, what = (how["art"] or ""), how["what"].strip().lower()
        rest = (how["rest"] or "").rstrip()
        return Topic(subject=f"{art.lower()}{what}", question=_how_question(how["ask"].lower(), art.lower(), what, how["verb"], rest.lower()),
                     key=_key(what))  # fmt: skip
    if found is not None:
        what = re.sub(r"^(?:about|the concept of|the idea of)\s+", "", inner, flags=re.IGNORECASE)
        name = what if what[:1].islower() or " " in what else what
        return Topic(subject=name, question=f"What is {name}, really?" if not name.endswith("s") or name.endswith("sis")
                     else f"How do {name} really work?", key=_key(what))  # fmt: skip
    asked = _WHAT_IS.match(story)
    if asked is not None:
        return Topic(subject=asked["what"], question=f"What {asked['be'].lower()} {asked['what']}?", key=_key(asked["what"]))
    return None


def find_genre(low: str, lemmas: tuple[str, ...], topic: Topic | None, root: str) -> str:
    """The genre whose words the prompt uses most, its main verb counting double."""
    if topic is not None:
        return "explainer"
    scores: dict[str, float] = {}
    for genre, cues in _CUES.items():
        words = cues.split()
        for lemma in dict.fromkeys(lemmas):
            if lemma in words:
                rank = words.index(lemma) / len(words)
                scores[genre] = (
                    scores.get(genre, 0.0) + 1.0 - 0.5 * rank + (_ROOT_WEIGHT if lemma == root and rank < 0.8 else 0.0)
                )
    if re.search(r"\bfind out\b", low):
        scores["quest"] = scores.get("quest", 0) + 1
    if not scores:
        return "longing"
    return max(scores, key=lambda genre: scores[genre])
