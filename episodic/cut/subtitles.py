"""Make subtitles from timed spoken lines: pure text and arithmetic.

House rules, close to those of broadcasters: at most two lines of 42 characters, 0.8 to 7 seconds on screen, never two at once. A long
line is split at its pauses (sentence, clause, word), its time divided by length. An off-screen speaker is set in italics and, except
for the narrator, named.
"""

from __future__ import annotations

import html
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from planners.plan.model import NARRATOR

__all__ = [
    "GAP_SECONDS",
    "LINE_CHARACTERS",
    "MAX_SECONDS",
    "MIN_SECONDS",
    "SpokenLine",
    "Subtitle",
    "mov_text",
    "mov_text_header",
    "subtitles_of",
    "to_srt",
    "to_vtt",
]

LINE_CHARACTERS: Final = 42
GAP_SECONDS: Final = 0.08
"""Between two subtitles, so that the eye notices the change."""
MIN_SECONDS: Final = 0.8
MAX_SECONDS: Final = 7.0

_READING_CHARACTERS_PER_S: Final = 17.0
_LONGEST_LINGER_S: Final = 1.0
_SRT_SAFE: Final = str.maketrans("<>{}", "‹›()")
_ITALIC: Final = 2
"""tx3g face style flag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenLine:
    """One line as heard in the film. `speaker` is the name to show; the narrator is `NARRATOR`, in any case."""

    start_s: float
    end_s: float
    speaker: str
    text: str
    on_screen: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Subtitle:
    """One subtitle: one or two lines of plain text. `on_screen` is true if the speaker is visible."""

    start_s: float
    end_s: float
    speaker: str
    text: str
    on_screen: bool = True


def subtitles_of(lines: Sequence[SpokenLine], film_s: float) -> tuple[Subtitle, ...]:
    """Make the subtitles of a film of `film_s` seconds, in order. A line without letters, digits or signs gives none."""
    cues = [cue for line in sorted(lines, key=lambda spoken: spoken.start_s) for cue in _cues_of(line)]
    return tuple(_kept_inside(_lingering(_one_at_a_time(cues)), film_s))


def to_srt(subtitles: Sequence[Subtitle]) -> str:
    """Format as SubRip. It has no escaping, so characters that players take for markup are replaced by look-alikes."""
    blocks = []
    for number, subtitle in enumerate(subtitles, start=1):
        text = subtitle.text.translate(_SRT_SAFE)
        text = text if subtitle.on_screen else f"<i>{text}</i>"
        blocks.append(f"{number}\n{_clock(subtitle.start_s, ',')} --> {_clock(subtitle.end_s, ',')}\n{text}\n")
    return "\n".join(blocks)


def to_vtt(subtitles: Sequence[Subtitle]) -> str:
    """Format as WebVTT, with the speaker as the cue's voice."""
    blocks = ["WEBVTT\n"]
    for subtitle in subtitles:
        text = html.escape(subtitle.text, quote=False)
        text = text if subtitle.on_screen else f"<i>{text}</i>"
        voice = html.escape(" ".join(subtitle.speaker.split()), quote=False)
        blocks.append(f"{_clock(subtitle.start_s, '.')} --> {_clock(subtitle.end_s, '.')}\n<v {voice}>{text}</v>\n")
    return "\n".join(blocks)


def mov_text(subtitle: Subtitle) -> bytes:
    """Encode an MP4 timed-text sample (3GPP TS 26.245): length, UTF-8 text and, for an off-screen speaker, an italic style."""
    encoded = subtitle.text.encode()
    sample = struct.pack(">H", len(encoded)) + encoded
    if subtitle.on_screen:
        return sample
    record = struct.pack(">HHHBB4B", 0, len(subtitle.text), 1, _ITALIC, 16, 255, 255, 255, 255)
    return sample + struct.pack(">I4sH", 10 + len(record), b"styl", 1) + record


def mov_text_header() -> bytes:
    """Return the header that the encoder derives the timed-text track's defaults from: white, centred at the bottom."""
    return (
        b"[Script Info]\r\nScriptType: v4.00+\r\nPlayResX: 384\r\nPlayResY: 288\r\n\r\n[V4+ Styles]\r\n"
        b"Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, "
        b"StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding"
        b"\r\nStyle: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1\r\n\r\n[Events]\r\n"
        b"Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\r\n"
    )


def _cues_of(line: SpokenLine) -> list[Subtitle]:
    """Split a line into subtitles, its time divided by their length."""
    words = [word[at : at + LINE_CHARACTERS] for word in line.text.split() for at in range(0, len(word), LINE_CHARACTERS)]
    if not words:
        return []
    label = "" if line.on_screen or line.speaker.casefold() == NARRATOR else f"{line.speaker}: "
    label = label if len(label) <= LINE_CHARACTERS // 2 else ""
    pieces = _split(" ".join(words), line.end_s - line.start_s, label)
    total = sum(len(piece) for piece in pieces)
    cues, start = [], line.start_s
    for number, piece in enumerate(pieces):
        end = start + (line.end_s - line.start_s) * len(piece) / total
        text = _two_lines(f"{label}{piece}" if number == 0 else piece)
        cues.append(Subtitle(start_s=start, end_s=end, speaker=line.speaker, text=text, on_screen=line.on_screen))
        start = end
    return cues


def _split(text: str, seconds: float, label: str) -> list[str]:
    """Halve the text at the best place until every piece fits the screen and its time."""
    if _break_of(label + text) is not None and seconds <= MAX_SECONDS:
        return [text]
    spaces = [match.start() for match in re.finditer(" ", text)]
    if not spaces:
        return [text]
    at = min(spaces, key=lambda space: (abs(space - len(text) / 2) / len(text) + _cost(text, space), space))
    first, second = text[:at], text[at + 1 :]
    share = len(first) / (len(first) + len(second))
    return [*_split(first, seconds * share, label), *_split(second, seconds * (1 - share), "")]


def _cost(text: str, space: int) -> float:
    """Return the cost of a split at this space, in shares of the text that it may lie away from the middle."""
    before = text[:space].rstrip("\"'”’)")[-1:]
    if before in set(".!?…"):
        return 0.0
    if before in set(",;:–—"):
        return 0.15
    return 0.35


def _break_of(text: str) -> int | None:
    """Return where to break the text into two lines: 0 for no break, None if it does not fit."""
    if len(text) <= LINE_CHARACTERS:
        return 0
    fitting = [
        match.start()
        for match in re.finditer(" ", text)
        if match.start() <= LINE_CHARACTERS and len(text) - match.start() - 1 <= LINE_CHARACTERS
    ]
    if not fitting:
        return None
    return min(fitting, key=lambda space: (abs(space - len(text) / 2) / len(text) + _cost(text, space), space))


def _two_lines(text: str) -> str:
    """Break a text into at most two lines."""
    at = _break_of(text)
    return text if not at else f"{text[:at]}\n{text[at + 1 :]}"


def _one_at_a_time(cues: Sequence[Subtitle]) -> list[Subtitle]:
    """Start each cue after the one before, and keep it between the shortest and the longest time."""
    placed: list[Subtitle] = []
    for cue in cues:
        start = cue.start_s
        if placed:
            last = placed[-1]
            # Two at once (people talk over each other): the earlier cue is cut short, the later one waits for the remaining time.
            start = max(start, last.start_s + MIN_SECONDS + GAP_SECONDS)
            placed[-1] = replace(last, end_s=min(last.end_s, start - GAP_SECONDS))
        placed.append(replace(cue, start_s=start, end_s=min(max(cue.end_s, start + MIN_SECONDS), start + MAX_SECONDS)))
    return placed


def _lingering(cues: Sequence[Subtitle]) -> list[Subtitle]:
    """Keep a cue until it can be read, at most a second longer than it is heard, if no other cue follows at once."""
    kept = []
    for number, cue in enumerate(cues):
        readable = cue.start_s + len(cue.text) / _READING_CHARACTERS_PER_S
        latest = min(cue.end_s + _LONGEST_LINGER_S, cue.start_s + MAX_SECONDS)
        if number + 1 < len(cues):
            latest = min(latest, cues[number + 1].start_s - GAP_SECONDS)
        kept.append(replace(cue, end_s=max(cue.end_s, min(readable, latest))))
    return kept


def _kept_inside(cues: Sequence[Subtitle], film_s: float) -> list[Subtitle]:
    """Move the last cues forward so that none is shown after the film."""
    kept: list[Subtitle] = []
    limit = film_s
    for cue in reversed(cues):
        end = min(cue.end_s, limit)
        start = max(0.0, min(cue.start_s, end - MIN_SECONDS))
        if end > start:
            kept.append(replace(cue, start_s=start, end_s=end))
            limit = start - GAP_SECONDS
    return kept[::-1]


def _clock(seconds: float, mark: str) -> str:
    """Format a time as hours, minutes, seconds and milliseconds, with `mark` before the milliseconds."""
    total = round(seconds * 1000)
    minutes, milliseconds = divmod(total, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}{mark}{milliseconds % 1000:03}"
