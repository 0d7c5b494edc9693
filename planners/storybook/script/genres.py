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
    """The word by which facts about it are found."""
    clause: str
    """What somebody wants to understand: `how a heart beats`."""


_CUES: Final[dict[str, str]] = {
    "trial": "courtroom court trial judge jury witness verdict lawyer accuse testify testimony guilty",
    "mystery": "detective murder clue mystery stolen missing disappear vanish investigate case inspector thief steal sleuth suspect follow",
    "signal": "knock knocking signal hear noise haunted footstep whisper transmission scream sound strange door radio message",
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
    r"(?P<what>.+?)(?=\s+(?:to|for|through|with|using|as|by|in|told|so)\b|[,.:;!?]|$)",
    re.IGNORECASE,
)
_HOW: Final = re.compile(
    r"^(?P<ask>how|why)\s+(?P<art>an?\s+|the\s+|your\s+|our\s+)?(?P<what>[\w -]+?)\s+(?P<verb>\w+)(?P<rest>\s+[\w -]+?)?"
    r"(?=\s*(?:,|\.|\?|:|$|\s(?:told|as|explained|through|for|to)\b))",
    re.IGNORECASE,
)
_QUESTION: Final = re.compile(
    r"^(?P<ask>how|why)\s+(?P<helper>is|are|do|does|can|did)\s+(?P<rest>[\w' -]+?)\s*\?*$", re.IGNORECASE
)
_WHAT_IS: Final = re.compile(r"^what (?P<be>is|are) (?P<what>[\w -]+?)[?.!]*$", re.IGNORECASE)


def _key(what: str) -> str:
    """The last word of a phrase: the key of a topic."""
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
    helper = "do" if plural or (art.strip().lower() in {"your", "our"} and what.endswith("s")) else "does"
    if low in {"is", "are", "can", "was", "were"}:
        return f"{ask} {low} {art}{what}{rest}?".capitalize()
    return f"{ask.capitalize()} {helper} {art}{what} {_plain_verb(low)}{rest}?"


def _read_question(story: str) -> Topic | None:
    """A prompt that is a question already: `Why is the sky blue?`"""
    match = _QUESTION.match(story)
    if match is None:
        return None
    ask, helper, rest = match["ask"].lower(), match["helper"].lower(), match["rest"].strip()
    *subject, last = rest.split()
    if not subject:
        return None
    verb = [helper, last] if helper in {"is", "are", "can"} else [last]
    return Topic(
        subject=" ".join(subject),
        question=f"{ask.capitalize()} {helper} {rest}?",
        key=_key(" ".join(subject)),
        clause=" ".join([ask, *subject, *verb]),
    )


def _read_how(story: str) -> Topic | None:
    """A prompt that says how something goes: `How a heart beats, told as …`"""
    how = _HOW.match(story)
    if how is None or how["what"].lower().split()[0] in {"to", "i", "we", "he", "she", "they", "two", "three"}:
        return None
    art, what, rest = (how["art"] or "").lower(), how["what"].strip().lower(), (how["rest"] or "").rstrip().lower()
    return Topic(
        subject=f"{art}{what}",
        question=_how_question(how["ask"].lower(), art, what, how["verb"], rest),
        key=_key(what),
        clause=f"{how['ask'].lower()} {art}{what} {how['verb'].lower()}{rest}",
    )


def find_topic(story: str) -> Topic | None:
    """The topic, where the prompt asks for an explanation rather than a story."""
    match = _EXPLAIN.match(story)
    topic = _read_question(story) or _read_how(match["what"].strip() if match else story)
    if topic is not None:
        return topic
    if match is not None:
        what = re.sub(r"^(?:about|the concept of|the idea of)\s+", "", match["what"].strip(), flags=re.IGNORECASE)
        many = what.endswith("s") and not what.endswith(("sis", "ss", "us", "ics"))
        question = f"How do {what} really work?" if many else f"What is {what}, really?"
        return Topic(subject=what, question=question, key=_key(what), clause=what)
    what_is = _WHAT_IS.match(story)
    if what_is is not None:
        return Topic(
            subject=what_is["what"],
            question=f"What {what_is['be'].lower()} {what_is['what']}?",
            key=_key(what_is["what"]),
            clause=f"what {what_is['what']} {what_is['be'].lower()}",
        )
    return None


_BONUS: Final[tuple[tuple[str, str, float], ...]] = (
    (r"\b(?:fix|repair|mend|restore|rebuild)\w*\b", "repair", 3.0),
    (r"\b(?:stranded|shipwreck\w*|castaway|trapped)\b", "survival", 3.0),
    (r"\bfind out\b", "quest", 1.0),
    (r"\b(?:trial|courtroom)\b", "trial", 2.0),
    (r"\brivals?\b", "rivalry", 2.0),
    (r"\blost in\b", "survival", 1.5),
)


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
    for pattern, genre, weight in _BONUS:
        if re.search(pattern, low):
            scores[genre] = scores.get(genre, 0.0) + weight
    if not scores:
        return "longing"
    return max(scores, key=lambda genre: scores[genre])
