"""What a prompt says about the film rather than the story: form, look, tone, length, silence, quoted lines, lead-ins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from planners.data_file import DataFile, WordList, read_data_file
from planners.knowledge.wordnet import open_wordnet
from planners.plan.vocabulary import Style
from planners.reading.people import people
from planners.reading.premise import Form
from planners.reading.syntax.before_parse import hyphenate_ages
from planners.reading.texts.film_wishes import QUOTE_NAME, read_wishes, without_negated

__all__ = ["Request", "RequestTables", "is_request", "read_request", "without_frame"]


class RequestTables(DataFile):
    """The tables of `data/requests.yaml`; each is described there."""

    forms: dict[Form, str]
    styles: dict[Style, str]
    genres: dict[str, str]
    tones: dict[str, str]
    silence: str
    few_words: str
    no_narrator: str
    narrator: str
    request_words: WordList


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A prompt split into what it asks of the film and what it tells."""

    story: str
    """The text that tells. Quoted lines are replaced by the words of `QUOTE_NAMES`."""
    quotes: tuple[str, ...]
    lead_in: str
    """Text before the story that sets it: `Christmas 1914`, `noir, 1947`."""
    form: Form | None
    style: Style | None
    genre: str | None
    tones: tuple[str, ...]
    minutes: float | None
    silent: bool
    few_words: bool
    """Whether little may be spoken."""
    narrated: bool | None
    banned: tuple[str, ...]
    audience: str | None
    analogy: str | None
    """What the story is to be told as: `the kitchen were a battlefield`."""
    ending: str | None
    """How the film is to end, as a sentence or a noun phrase. It stands last in `story`."""
    question: bool = False
    """Whether the story begins with a question."""
    heroes: tuple[str, ...] = ()
    """Noun phrases for those who must act: `Bruno the molar`."""
    last_quote: int | None = None
    """Index of the quoted line that is heard last."""
    facts: tuple[str, ...] = ()
    """Fragments that say something of what is advertised: `founded 1911`."""


_QUOTE: Final = re.compile(r"[\"“]([^\"“”]{2,300})[\"”]|(?<![\w])['‘]([^'‘’\"]{3,200}[.!?])['’](?!\w)")
_NUMBERS: Final = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10, "half": 0.5, "a": 1, "an": 1}
_LENGTH: Final = re.compile(
    r"\b(\d+(?:\.\d+)?|one|two|three|four|five|six|ten|half|an?)[- ](?:a )?(min(?:ute)?s?|sec(?:ond)?s?|hours?)\b"
    r"(?=[- ](?:long|film|movie|story|tale|explainer|video|short|advert|ad|commercial|episode|fairy|trailer|clip|lesson|animation|spot|teaser|monologue)|$|[,:])"
    r"|\bin (one|two|three|four|five|ten|\d+) (minutes?|seconds?)\b"
)
_VAGUE_LENGTH: Final = re.compile(
    r"\b(?:\d+|an?|one|half an?)(?:[- ]?ish)?(?:[- ](?:sec(?:ond)?|min(?:ute)?)s?)?(?:[- ]?ish)?(?: (?:to|or) |-|–)(?:about |around )?"
    r"(?P<most>\d+|an?|one|two)[- ](?P<unit>sec(?:ond)?|min(?:ute)?)s?\b(?=[- ])"
)
"""`30-ish second to a minute`: the longer one is meant."""
_ISH: Final = re.compile(r"\b(\d+)[- ]?ish(?=[- ](?:sec|min))")
_HEADING: Final = re.compile(r"\b(?:INT|EXT)\.?(?:/EXT)?\.? ([A-Z][A-Z' ]+?)\s*[-–—]\s*([A-Z]+)\.?\s*")
_SPEECH: Final = re.compile(
    r"(?:^|(?<=[.!?\n] )|(?<=\n))([A-Z][A-Z' .-]{1,24})(?: ?\([^)]*\))?: ([^:]+?)(?=(?: [A-Z][A-Z' .-]{1,24}: )|$)"
)
_SENTENCE: Final = re.compile(
    r"(?<=[.!?])(?<!\b[A-Z]\.)(?<!\b(?:[Mm]r|[Dd]r|[Ss]t|vs|[Nn]o)\.)(?<!\b(?:[Mm]rs|etc)\.)\s+(?=[A-Za-z0-9\"“'‘])"
)
_FRAME: Final = re.compile(
    r"^(?:(?:please |can you |could you |i want |i need |i'd like )*(?:make|create|write|give|do|draw|produce|generate|film|tell)\b(?: me| us)?)?\s*"
    r"(?:an? |the )?(?:[\w-]+[ -]){0,4}?"
    r"(?:story|tale|film|movie|episode|fable|comedy|drama|video|cartoon|explainer|advert|ad|commercial|promo|spot|trailer|teaser|short|animation|sitcom|thriller"
    r"|(?:something|anything)(?= (?:about|with|on))|noir|western|musical|romance|mockumentary|documentary|clip|parody|satire|tragedy|anime|saga|legend|vignette|sketch|scene|(?:mood|art|tone|character) piece|tone poem|visual poem|montage|character study)\b"
    r"(?: (?:about|of|where|in which|for|that explains|showing|with)\b|[:,.-])\s*",
    re.IGNORECASE,
)
_INNER_FRAME: Final = re.compile(
    r"^an? (?:[\w-]+ ){0,2}?(?:film|movie|story|series|show|video) (?:about|of|where|in which|with)\b\s*", re.IGNORECASE
)
"""A second frame: the film of `a trailer for a film about`."""
_LESSON_FRAME: Final = re.compile(
    r"^(?:please )?(?:can you )?(?:teach|show|tell|explain)\b(?: to)?(?: me| us| kids| children| (?:my|a|an|the) (?:[\w-]+ )?[\w-]+)?(?: in (?:\w+) (?:minutes?|seconds?|steps))?\s*:?\s*(?=how|why|what)",
    re.IGNORECASE,
)
_QUESTION: Final = re.compile(
    r"^(?:how|why)\s+(?!do |does |did |is |are |was |were |can |could |will |would )|^what happens (?:when|if)\s+", re.IGNORECASE
)
_ASKS_FIRST: Final = re.compile(r"(?:how|why|what) (?!if\b)", re.IGNORECASE)
_ANALOGY: Final = re.compile(
    r"[,;]?\s*\b(?:told|explained|shown|described|presented|narrated|filmed|staged|played|done|imagined)"
    r"(?: (?:as if it were|as though it were|as if|as though|like|as|through|by way of|using|in the form of))+ ([^.;!?]+)",
    re.IGNORECASE,
)
_ENDING: Final = re.compile(
    r"(?:(?<=[.!?] )|(?<=[,;] )|^)(?:and )?(?:it|this|the (?:film|story|video|movie|episode|tale)|everything)"
    r" (?:(?:must|should|has to|needs to|ought to|will|can) (?:end|finish|close)|ends|finishes|closes) (?:with|on|in|when|by) ([^.!?]+)[.!?]?",
    re.IGNORECASE,
)
_EXPLAIN_IT: Final = re.compile(
    r"(?:(?<=[.!?] )|^)(?:please )?(?:explain|tell|present|narrate|film|shoot|animate|show) (?:it|this|everything|all (?:of )?this) ([^.!?]*)[.!?]?",
    re.IGNORECASE,
)
_ORDER: Final = re.compile(
    r"(?:please )?(?:don'?t|do not|never) (?:ask|make|use|show|include|add|forget|let|give|have|tell|explain)\b", re.IGNORECASE
)
"""What begins so is told to who makes the film."""
_AUDIENCE: Final = re.compile(
    r"(?:\b(?:for|to)|^(?:please )?teach) (?:an? |my |the )?((?:[\w-]+ )?(?:class|kids|children|toddlers|teenagers|adults|beginners|students|pupils|\w+-year-olds|\w+ graders))\b"
)
_INVERTED_SPEECH: Final = re.compile(
    rf"({QUOTE_NAME}[a-z]\.?),? (says?|said|asks?|asked|answers?|answered|replie[sd]|shouts?|shouted|whispers?|whispered|cries|cried|calls?|called"
    r"|mutters?|muttered|sighs?|sighed|growls?|growled|announces?|announced|screams?|screamed|explains?|thinks?|thought) "
    r"((?:(?:the|an?|his|her|their|my|its) )?(?:[\w'-]+ ){0,2}?[\w'-]+)(?=[,.;!?]| and | but | as | while | when | to | before | after | in | at | on | with |$)"
)
_BAN: Final = re.compile(
    r"\b(?:no|without|never any|not)\s+(?!one\b)(?:(?:an? )?single |an? |any )?((?:[a-z-]+ ){0,2}[a-z-]+)", re.IGNORECASE
)


@cache
def _tables() -> RequestTables:
    """The tables, read once."""
    return read_data_file(Path(__file__).with_name("data") / "requests.yaml", RequestTables)


def _first(patterns: dict[str, str] | dict[Form, str] | dict[Style, str], text: str) -> str | None:
    """The first key whose pattern the text matches."""
    return next((key for key, pattern in patterns.items() if re.search(pattern, text)), None)


def _minutes(text: str) -> float | None:
    """The length of film that a text asks for."""
    match = _LENGTH.search(text)
    if match is None:
        return None
    amount, unit = (match[1], match[2]) if match[1] else (match[3], match[4])
    number = float(_NUMBERS.get(amount, 0) or amount)
    return number / 60 if unit.startswith("s") else number * 60 if unit.startswith("h") else number


def _hide_quotes(text: str) -> tuple[str, list[str]]:
    """The text with each quoted line replaced by a name, and the lines."""
    quotes: list[str] = []

    def hide(match: re.Match[str]) -> str:
        quotes.append((match[1] or match[2]).strip().rstrip(","))
        return f"{QUOTE_NAME}{chr(ord('a') + len(quotes) - 1)}" + ("." if quotes[-1][-1] in ".!?" else "")

    speakers = {match[1].title() for match in _SPEECH.finditer(text)}

    def speech(match: re.Match[str]) -> str:
        spoken, *after = re.split(rf"(?<=[.!?]) (?=(?:{'|'.join(map(re.escape, speakers))}) [a-z])", match[2].strip(), maxsplit=1)
        quotes.append(spoken)
        return " ".join([f"{match[1].title()} says {QUOTE_NAME}{chr(ord('a') + len(quotes) - 1)}.", *after])

    text = _SPEECH.sub(speech, text)
    text = _QUOTE.sub(hide, text)
    text = _INVERTED_SPEECH.sub(lambda match: f"{match[3]} {match[2]} {match[1].rstrip('.')}", text)
    return re.sub(rf":\s*(?={QUOTE_NAME})|,\s*(?={QUOTE_NAME})", " ", text), quotes


def _split_hashtags(text: str) -> str:
    """The text with hashtags as words; those at its beginning or end as sentences of their own."""

    def words(match: re.Match[str]) -> str:
        split = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", match[1])
        inside = re.match(r" *[a-z,]", text[match.end() :]) is not None
        return split if inside else f"{split.capitalize()}."

    return re.sub(r"#(\w+)", words, text)


def _take(pattern: re.Pattern[str], text: str) -> tuple[str, str | None]:
    """The text without what a pattern matches, and the first group of it."""
    match = pattern.search(text)
    if match is None:
        return text, None
    rest = f"{text[: match.start()].rstrip()} {text[match.end() :].lstrip()}".strip()
    return (rest or match[1]), match[1].strip() or None


def _plain_capitals(text: str) -> str:
    """The text without words in capitals: those that are common words in lower case, names and several in a row with one capital each."""

    def plain(match: re.Match[str]) -> str:
        words = match.group().split()
        names = {*people().female_names, *people().male_names}
        if len(words) == 1 and open_wordnet().knows(words[0].lower()) and words[0].lower() not in names:
            return words[0].lower()
        return " ".join(word.title() for word in words) if len(words) <= 3 else match.group().lower()

    return re.sub(r"\b[A-Z][A-Z']{2,}(?: [A-Z][A-Z']+)*\b(?!-?\d)", plain, text)


def is_request(piece: str) -> bool:
    """Whether every word of a piece only says how the film should be."""
    words = re.findall(r"[a-z][a-z'-]*!*", piece.lower())
    return bool(words) and all(word.strip("!'") in _request_words() for word in words)


def without_frame(text: str) -> str:
    """A text without `an advert for` and the like at its beginning."""
    shorter = _FRAME.sub("", f"{text}, ", count=1).rstrip(", ")
    return shorter if shorter in {"", text} else without_frame(shorter)


@cache
def _request_words() -> frozenset[str]:
    return frozenset(_tables().request_words)


def _split_lead_in(text: str) -> tuple[str, str]:
    """A short lead-in before a colon that names a look, a date, a place or a genre, and the text after it."""
    head, colon, rest = text.partition(":")
    words = head.split()
    if (
        colon
        and rest.strip()
        and len(words) <= 9
        and not re.search(r"\b(?:says?|said|asks?|answers?|gets|has|is|are|must|learns?)\b", head)
    ):
        return head.strip(), rest.strip()
    return "", text


def _drop_requests(text: str) -> tuple[str, list[str]]:
    """The text without sentences and clauses that only ask for a kind of film, and these."""
    dropped, kept = [], []
    for sentence in _SENTENCE.split(text):
        if is_request(sentence) or _ORDER.match(sentence):
            dropped.append(sentence)
            continue
        pieces = sentence.split(", ")
        while len(pieces) > 1 and is_request(pieces[-1]):
            dropped.append(pieces.pop())
        while len(pieces) > 1 and is_request(pieces[0]) and not pieces[0].lower().startswith(("the ", "a ", "an ")):
            dropped.append(pieces.pop(0))
        kept.append(", ".join(pieces))
    return " ".join(kept), dropped


def _bans(pieces: list[str]) -> tuple[str, ...]:
    """What request clauses rule out: `no invented love story`, `without bats`."""
    listed = (match[1].lower() for piece in pieces for match in _BAN.finditer(piece))
    return tuple(phrase for phrase in listed if not is_request(phrase.split()[0]))


def read_request(prompt: str) -> Request:
    """Split a cleaned prompt."""
    prompt = _VAGUE_LENGTH.sub(r"\g<most>-\g<unit>", _ISH.sub(r"\1", prompt))
    tables, low = _tables(), prompt.lower()
    prompt = re.sub(r" ?\((?:age )?\d+s?\)", "", hyphenate_ages(prompt))
    text, quotes = _hide_quotes(_split_hashtags(prompt))
    form: Form | None = _first(tables.forms, low)  # type: ignore[assignment]  # the keys of the table are forms
    wishes = read_wishes(text, advert=form == "advert")
    text = wishes.text
    text, analogy = _take(_ANALOGY, text)
    text, ending = _take(_ENDING, text)
    text, explained = _take(_EXPLAIN_IT, text)
    lead_ins = [f"the {match[1].lower()}" for match in _HEADING.finditer(text)]
    text = _plain_capitals(_HEADING.sub("", text))
    lead_in, text = _split_lead_in(text)
    text, dropped = _drop_requests(text)
    story = _FRAME.sub("", text, count=1).strip() or text or lead_in
    if story != text:
        story = _INNER_FRAME.sub("", story, count=1).strip() or story
    if _LESSON_FRAME.match(story):
        story = re.sub(
            r",? using (an?|the|some|two|three) ", lambda match: f". {match[1].capitalize()} ", _LESSON_FRAME.sub("", story)
        )
    question = _ASKS_FIRST.match(story) is not None
    story = _QUESTION.sub("", story) or story
    if ending is not None:
        ending = ending[0].upper() + ending[1:].rstrip(".") + "."
        story = f"{story.rstrip()}{'' if story.rstrip()[-1:] in '.!?' else '.'} {ending}" if story != ending else ending
    ban_pieces = [*dropped, lead_in, *re.findall(r"(?<=[.!?,] )(?:[Nn]o|[Ww]ithout|[Nn]ot) [^.,!?]+", text)]
    audience = _AUDIENCE.search(low) or (
        re.search(r"\bto (?:an? |my |the )?((?:[\w-]+ )?[\w-]+)", explained) if explained else None
    )
    few_words = bool(re.search(tables.few_words, low))
    silent = bool(re.search(tables.silence, low)) and not few_words
    if silent and wishes.last_quote is not None:
        silent, few_words = False, True
    asked_for = without_negated(low)
    return Request(
        story=story,
        quotes=tuple(quotes),
        lead_in=", ".join([*lead_ins, *([lead_in] if lead_in else [])]),
        form="monologue" if wishes.monologue and form in {None, "vignette"} else form,
        style=_first(tables.styles, low),  # type: ignore[arg-type]  # the keys of the table are styles
        genre=_first(tables.genres, asked_for),
        tones=tuple(tone for tone, pattern in tables.tones.items() if re.search(pattern, asked_for)),
        minutes=_minutes(low),
        silent=silent,
        few_words=few_words,
        narrated=False if re.search(tables.no_narrator, low) else True if re.search(tables.narrator, low) else None,
        banned=_bans(ban_pieces),
        audience=audience[1] if audience else None,
        analogy=analogy,
        ending=ending,
        question=question,
        heroes=wishes.heroes,
        last_quote=wishes.last_quote,
        facts=wishes.facts,
    )
