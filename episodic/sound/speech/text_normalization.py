"""Written dialogue to text a voice can say: emoji out, letters of other scripts turned into Latin ones, shouts and stutters read.

Numbers, dates, abbreviations and currencies are read by the speech engine's own front end; this module only removes what that
front end reads wrongly. Nothing is dropped in silence: letters that cannot be read are named in the error.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from episodic.errors import SpeechError

__all__ = ["spoken_text"]

_QUOTED = 60
"""How much of a line an error quotes."""


def _list(words: str) -> list[str]:
    """Words separated by spaces."""
    return words.split()


_LATIN: Final = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "th", "Ð": "Th", "þ": "th", "Þ": "Th", "ß": "ss", "æ": "ae"}
    | {"Æ": "Ae", "œ": "oe", "Œ": "Oe", "ı": "i", "ħ": "h", "ŋ": "ng", "ə": "e"}
)
_CYRILLIC: Final = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґђјљњћџ",
        _list("a b v g d ye yo zh z ee y k l m n o p r s t oo f kh ts ch sh shch - ee - e yu ya ee yee ye g j y ly ny ch j"),
        strict=True,
    )
)
_GREEK: Final = dict(
    zip("αβγδεζηθικλμνξοπρσςτυφχψω", _list("a v g th e z ee th ee k l m n x o p r s s t ee f h ps o"), strict=True)
)
_OTHER_SCRIPTS: Final = {key: value.strip("-") for key, value in (_CYRILLIC | _GREEK).items()}

_PUNCTUATION: Final = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "‛": "'",
        "`": "'",
        "´": "'",
        "«": "“",
        "»": "”",
        "„": "“",
        "‹": "'",
        "›": "'",
        "。": ".",
        "、": ",",
        "！": "!",
    }
    | {
        "？": "?",
        "¿": " ",
        "¡": " ",
        "‚": "'",
        "\u00a0": " ",
        "\u2011": "-",
        "\u2010": "-",
        "·": " ",
        "•": ",",
        "|": ",",
        "/": " / ",
    }
    | dict.fromkeys("*_~<>{}[]\\^", " ")
)
_NOISES: Final = {
    "shh": "ʃː",
    "sh": "ʃː",
    "brr": "bɹː",
    "grr": "ɡɹː",
    "tsk": "tˈɪsk",
    "zzz": "zː",
    "zz": "zː",
    "pfft": "pft",
    "mm": "mː",
    "m": "mː",
}
"""Sounds people write that a dictionary spells out letter by letter: the phonemes to say instead."""

_STUTTER_SOUNDS: Final = dict(zip("bcdfghjklmnprstvwyz", "bkdfɡhʤklmnpɹstvwjz", strict=True))
_WORD = re.compile(r"[A-Za-z]+")
_STUTTER = re.compile(r"\b([A-Za-z])-(?=(?:\1-)*\1[A-Za-z])", re.IGNORECASE)
_STRETCH = re.compile(r"([A-Za-z])\1{2,}", re.IGNORECASE)
_SAYABLE = re.compile(r"[^\W_]")


def spoken_text(text: str) -> str:
    """The text to hand to the speech engine, which may contain its `[word](/phonemes/)` notation.

    Raises SpeechError, quoting the line, if there is nothing in it to say or if it has letters nobody here can read.
    """
    plain = _fold_scripts(unicodedata.normalize("NFKC", text.translate(_PUNCTUATION)), text)
    plain = re.sub(r"\.(?:\s*\.)+|…+", "…", plain)
    plain = re.sub(r"\s*(?:--+|(?<=\s)[-–](?=\s)|—+|–(?!\d))\s*", "—", plain)
    plain = re.sub(r"([!?])[!?]+", lambda m: "?" if "?" in m[0] else "!", plain)
    plain = re.sub(r"(?<![A-Za-z0-9])'|'(?![A-Za-z0-9])", " ", re.sub(r"(?<=s)'(?=\s)", "", plain))
    plain = re.sub(r"\s+", " ", plain).strip()
    if not _SAYABLE.search(plain):
        raise SpeechError(
            f"nothing to say in the line {_quote(text)}: expected at least one word or number; write one, or delete the line"
        )
    return _noises(_STUTTER.sub(_stutter, _unshout(_STRETCH.sub(_shorten, plain))))


def _fold_scripts(plain: str, original: str) -> str:
    """ASCII letters only; symbols that no voice reads (emoji, dingbats, marks) are dropped."""
    out: list[str] = []
    unread: list[str] = []
    for char in unicodedata.normalize("NFKD", plain.translate(_LATIN)):
        kind = unicodedata.category(char)
        if char.isascii() or char in "“”—–…£€¥°¢₹":
            out.append(char if char.isprintable() else " ")
        elif char.lower() in _OTHER_SCRIPTS:
            out.append(_OTHER_SCRIPTS[char.lower()])
        elif kind.startswith("L"):
            name = unicodedata.name(char, "")
            if name.startswith(("HIRAGANA LETTER", "KATAKANA LETTER")):
                out.append(name.rsplit(" ", 1)[-1].lower())
            elif kind not in ("Lm", "Sk"):
                unread.append(char)
        elif kind.startswith("N"):
            out.append(str(unicodedata.digit(char)) if unicodedata.digit(char, None) is not None else " ")
        elif not kind.startswith("M"):
            out.append(" ")
    if unread:
        raise SpeechError(
            f"cannot read the letters {''.join(dict.fromkeys(unread))[:12]!r} in the line {_quote(original)}: "
            "expected Latin, Greek, Cyrillic or kana letters; spell the words as they sound"
        )
    return "".join(out)


def _unshout(text: str) -> str:
    """A line wholly in capitals is a shout, not an abbreviation."""
    words = [word for word in _WORD.findall(text) if len(word) > 1]
    if len(words) > 1 and all(word.isupper() for word in words):
        return re.sub(r"\bi\b", "I", text.lower())
    return text


def _shorten(match: re.Match[str]) -> str:
    letter = match[1]
    return letter if letter.lower() in "aiou" else letter * 2


def _stutter(match: re.Match[str]) -> str:
    letter = match[1]
    sound = _STUTTER_SOUNDS.get(letter.lower())
    return f"[{letter}](/{sound}ə/), " if sound else f"{letter}—"


def _noises(text: str) -> str:
    def say(match: re.Match[str]) -> str:
        phonemes = _NOISES.get(match[0].lower())
        standing_alone = match[0].lower() != "m" or match.start() == 0 or text[match.start() - 1] not in "'."
        return f"[{match[0]}](/{phonemes}/)" if phonemes and standing_alone else match[0]

    # text inside the engine's own notation is left alone
    parts = re.split(r"(\[[^\]]*\]\(/[^)]*/\))", text)
    return "".join(
        part if part.startswith("[") else re.sub(r"(?<![A-Za-z'’])[A-Za-z]+(?![A-Za-z'’])", say, part) for part in parts
    )


def _quote(text: str) -> str:
    return repr(text if len(text) <= _QUOTED else text[: _QUOTED - 1] + "…")
