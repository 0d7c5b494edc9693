"""Read a text that a lesson is to be made from: sentences with their lines, claims and steps among them.

The text is somebody else's: it is only read, never followed. Its size is limited, and only the name of its file, not its path, is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from planners.errors import PromptError
from planners.knowledge.lesson_words import lesson_words
from planners.knowledge.wordnet import open_wordnet
from planners.reading.english import singular, verb_form, verb_lemma
from planners.reading.texts.imperatives import StatedStep, read_step

__all__ = [
    "MOST_BYTES",
    "SourceClaim",
    "SourceSentence",
    "SourceStep",
    "SourceText",
    "read_source",
    "source_claims",
    "source_steps",
]

MOST_BYTES: Final = 512 * 1024
SUFFIXES: Final = (".md", ".markdown", ".txt")
FEWEST_WORDS: Final = 5
MOST_WORDS: Final = 22
ClaimKind = Literal["definition", "name", "cause", "condition", "effect"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSentence:
    """One sentence of a source."""

    text: str
    line: int
    """Number of the line in which it begins, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStep:
    """One item of a numbered list that is an imperative."""

    step: StatedStep
    sentence: SourceSentence


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceText:
    """A text, split."""

    name: str
    """Name of the file without its folder."""
    title: str | None
    """The first heading."""
    sentences: tuple[SourceSentence, ...]
    items: tuple[SourceSentence, ...]
    """Items of numbered lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceClaim:
    """One sentence of a source that teaches one thing, as question and answer in its own words."""

    kind: ClaimKind
    subject: str
    """What it is about, as it stands inside a sentence: `the heart`."""
    question: str
    claim: str
    """The answer as a whole sentence, or a clause that begins with `Because`."""
    answer: str
    """The answer in short."""
    sentence: SourceSentence


_FENCE: Final = re.compile(r"^\s{0,3}(?:```|~~~)")
_HEADING: Final = re.compile(r"^\s{0,3}#{1,6}\s+(.*?)\s*#*\s*$")
_NUMBERED: Final = re.compile(r"^\s{0,6}\d{1,3}[.)]\s+(.*)$")
_BULLET: Final = re.compile(r"^\s{0,6}[-*+]\s+(.*)$")
_SENTENCE_END: Final = re.compile(
    r"(?<!\be\.g)(?<!\bi\.e)(?<!\bDr)(?<!\bMr)(?<!\bMrs)(?<!\bSt)(?<!\bvs)(?<!\bca)(?<!\bNo)(?<!\bapprox)(?<=[.!?])[\"”]?\s+(?=[\"“]?[A-Z0-9])"
)
_PRONOUN_START: Final = re.compile(
    r"^(?:it|its|they|their|this|these|that|those|he|his|she|her|we|our|you|your|i|my|there|here|but|and|or|so|however|therefore|thus|also"
    r"|moreover|furthermore|for example|for instance|then|such|both|another|others?|some|one)\b",
    re.IGNORECASE,
)
_SUBJECT: Final = r"((?:[\w'’-]+ ){0,4}[\w'’-]+)"
_CAUSE: Final = re.compile(r"^(.{8,90}?),? because (?!of\b)(.{6,110})\.$")
_CONDITION: Final = re.compile(r"^(If|When) ([^,]{6,80}), (?:then )?(.{6,110})\.$")
_NAME: Final = re.compile(rf"^{_SUBJECT} (is|are) (?:called|known as|named) (.{{2,60}})\.$")
_DEFINITION: Final = re.compile(rf"^{_SUBJECT} (is|are) ((?:an?|the|one|part|made|like) .{{4,110}})\.$")
_EFFECT: Final = re.compile(
    rf"^{_SUBJECT} (causes?|produces?|makes?|releases?|protects?|contains?|carries|carry|needs?|absorbs?|stores?|prevents?) (.{{4,110}})\.$"
)


def _plain_text(markdown: str) -> str:
    """A piece of markdown without links, pictures, emphasis, code and HTML."""
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", " ", markdown)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\[\^?[\w-]{1,12}\]", "", text)
    text = re.sub(r"<[^<>]{0,200}>", " ", text)
    text = re.sub(r"https?://\S+", " ", text)
    text = re.sub(r"[*`]+|(?<!\w)_+|_+(?!\w)", "", text)
    return re.sub(r"\s+", " ", "".join(letter if letter.isprintable() else " " for letter in text)).strip()


def _paragraphs(lines: list[str]) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """Kinds of blocks (`text`, `item`, `heading`) with the numbered lines of each. Code, tables and front matter are left out."""
    block: list[tuple[int, str]] = []
    kind, fenced, front = "text", False, bool(lines) and lines[0].strip() == "---"
    for number, line in enumerate(lines, start=1):
        if front:
            front = number == 1 or line.strip() not in {"---", "..."}
            continue
        if _FENCE.match(line):
            fenced = not fenced
            continue
        line = re.sub(r"^\s{0,3}(?:>\s?)+", "", line)
        heading, numbered, bullet = _HEADING.match(line), _NUMBERED.match(line), _BULLET.match(line)
        ends = fenced or not line.strip() or line.lstrip().startswith("|") or line.strip(" -=*") == ""
        if ends or heading or numbered or bullet:
            if block:
                yield kind, block
            block, kind = [], "text"
        if ends:
            continue
        if heading:
            yield "heading", [(number, heading[1])]
        elif numbered:
            block, kind = [(number, numbered[1])], "item"
        else:
            block.append((number, bullet[1] if bullet else line))
    if block:
        yield kind, block


def _sentences(block: list[tuple[int, str]]) -> Iterator[SourceSentence]:
    """Sentences of a block, each with the line in which it begins."""
    text = ""
    starts: list[tuple[int, int]] = []
    for number, line in block:
        plain = _plain_text(line)
        starts.append((len(text), number))
        text = f"{text}{plain} "
    at = 0
    for piece in _SENTENCE_END.split(text):
        begin = text.index(piece, at)
        at = begin + len(piece)
        if piece.strip():
            first_line = max(number for start, number in starts if start <= begin)
            yield SourceSentence(text=piece.strip(), line=first_line)


def read_source(path: Path) -> SourceText:
    """Read a text file. Raises PromptError if it is not a small text file in UTF-8, or has no sentence."""
    if path.suffix.lower() not in SUFFIXES:
        raise PromptError(f"{path.name}: a source is a text file; expected one of: {', '.join(SUFFIXES)}")
    try:
        if not path.is_file():
            raise PromptError(f"{path.name}: no such file")
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as err:
        raise PromptError(f"{path.name}: the source cannot be read: {err.strerror}") from err
    if len(data) > MOST_BYTES:
        raise PromptError(f"{path.name}: the source is larger than {MOST_BYTES // 1024} KiB; give a shorter text")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise PromptError(f"{path.name}: the source is not text in UTF-8 (byte {err.start})") from err
    title: str | None = None
    sentences: list[SourceSentence] = []
    items: list[SourceSentence] = []
    for kind, block in _paragraphs(text.splitlines()):
        if kind == "heading":
            title = title or _plain_text(block[0][1]) or None
            continue
        split = list(_sentences(block))
        sentences += split
        items += split[:1] if kind == "item" else []
    if not sentences:
        raise PromptError(f"{path.name}: the source has no sentences")
    return SourceText(name=path.name[:80], title=title, sentences=tuple(sentences), items=tuple(items))


def _inside(text: str) -> str:
    """The beginning of a sentence as it stands inside one: a capital stays only if the word is a name."""
    first = re.split(r"[ '’-]", text)[0]
    low = first.lower()
    if low in lesson_words().function_words or (first[1:].islower() and open_wordnet().knows(singular(low))) or len(first) == 1:
        return text[0].lower() + text[1:]
    return text


def _short(text: str) -> bool:
    """Whether a sentence says one thing in few words and needs no other sentence."""
    words = text.split()
    return (
        FEWEST_WORDS <= len(words) <= MOST_WORDS
        and text.endswith(".")
        and text[0].isupper()
        and not re.search(r"[;:()\[\]{}<>|]|\.\s*\.|\bsee (?:figure|table|also|above|below)\b", text, re.IGNORECASE)
        and text.count(",") <= 2
        and not _PRONOUN_START.match(text)
    )


def _sentence(text: str) -> str:
    """A clause with a capital and a full stop."""
    return f"{text[0].upper()}{text[1:]}."


def _read_claim(sentence: SourceSentence) -> SourceClaim | None:
    """The question that a sentence answers; None if it is no definition, cause, condition or effect."""
    text = sentence.text
    if not _short(text):
        return None
    if match := _CAUSE.match(text):
        result, reason = match[1].rstrip(","), match[2]
        cause = f"Because {_inside(reason)}."
        return SourceClaim(
            kind="cause", subject=_subject_of(result), question=f"{result}. Why?", claim=cause, answer=cause, sentence=sentence
        )
    if match := _CONDITION.match(text):
        question = f"What happens {match[1].lower()} {match[2]}?"
        return SourceClaim(
            kind="condition",
            subject=_subject_of(match[2]),
            question=question,
            claim=text,
            answer=_sentence(match[3]),
            sentence=sentence,
        )
    if (match := _NAME.match(text)) and _is_subject(match[1]):
        subject = _inside(match[1])
        return SourceClaim(
            kind="name",
            subject=subject,
            question=f"What {match[2]} {subject} called?",
            claim=text,
            answer=_sentence(match[3]),
            sentence=sentence,
        )
    if (match := _DEFINITION.match(text)) and _is_subject(match[1]):
        subject = _inside(match[1])
        return SourceClaim(
            kind="definition",
            subject=subject,
            question=f"What {match[2]} {subject}?",
            claim=text,
            answer=_sentence(match[3]),
            sentence=sentence,
        )
    if (match := _EFFECT.match(text)) and _is_subject(match[1]):
        subject, verb = _inside(match[1]), verb_lemma(match[2])
        auxiliary = "does" if match[2] == verb_form(verb, "VBZ") else "do"
        return SourceClaim(
            kind="effect",
            subject=subject,
            question=f"What {auxiliary} {subject} {verb}?",
            claim=text,
            answer=_sentence(match[3]),
            sentence=sentence,
        )
    return None


def _is_subject(text: str) -> bool:
    """Whether some words can be the whole subject of a sentence: no verb, no clause, a noun at the end."""
    words = text.split()
    return not any(word.lower() in {"which", "who", "that", "and", "is", "are", "if", "when", "to"} for word in words) and (
        open_wordnet().senses(singular(words[-1].lower()), "noun") != () or words[-1][0].isupper()
    )


def _subject_of(clause: str) -> str:
    """The noun phrase with which a clause begins, up to three words."""
    words = _inside(clause).split()
    first_noun = next(
        (at for at, word in enumerate(words[:4]) if at > 0 and open_wordnet().senses(singular(word.lower()), "noun")), 0
    )
    return " ".join(words[: first_noun + 1])


def source_claims(source: SourceText, most: int) -> list[SourceClaim]:
    """Claims of a source in its order, no subject more than twice; those with a stated cause before plain definitions if there are too many."""
    claims: list[SourceClaim] = []
    for sentence in source.sentences:
        claim = _read_claim(sentence)
        if claim is None or sum(claim.subject == other.subject for other in claims) > 1:
            continue
        if claim.question not in {other.question for other in claims}:
            claims.append(claim)
    rank: dict[ClaimKind, int] = {"cause": 0, "condition": 1, "name": 2, "definition": 2, "effect": 3}
    kept = sorted(range(len(claims)), key=lambda at: (rank[claims[at].kind], at))[:most]
    return [claims[at] for at in sorted(kept)]


def source_steps(source: SourceText) -> list[SourceStep]:
    """Steps of a source: items of its numbered lists that are imperatives."""
    steps = []
    for item in source.items:
        step = read_step(item.text.rstrip("."), among_steps=True)
        if step is not None:
            steps.append(SourceStep(step=step, sentence=item))
    return steps
