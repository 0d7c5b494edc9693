"""Which spoken lines belong to an exchange: two to four written lines in a row that answer one another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from planners.discourse.manner import contractions
from planners.knowledge.families import SLOT, Exchange, family_named, family_names
from planners.plan.model import EpisodePlan
from planners.plan_checks.line_reuse import plain_line
from planners.plan_checks.plan_texts import PlanText, spoken_texts

__all__ = ["lines_of_exchanges"]


def _pattern(texts: tuple[str, ...]) -> re.Pattern[str]:
    """The lines that a turn may become, said in full or shortened."""
    ways = []
    for text in texts:
        parts = SLOT.split(re.sub(r"\s+", " ", text))
        ways.append(".+?".join(_either_form(part) for part in parts[:: SLOT.groups + 1]))
    return re.compile("|".join(ways), re.IGNORECASE)


def _either_form(text: str) -> str:
    """A pattern of a text in which everything that people shorten may be shortened."""
    pattern = re.escape(text)
    for full, short in contractions().items():
        escaped = re.escape(full)
        pattern = re.sub(
            rf"\b{re.escape(escaped)}\b", f"(?:{escaped}|{short})".replace("\\", r"\\"), pattern, flags=re.IGNORECASE
        )
    return pattern


@cache
def _turns() -> Mapping[str, tuple[tuple[Exchange, tuple[re.Pattern[str], ...]], ...]]:
    """Exchanges with the patterns of their turns, by the last two characters of the first turn, which are a letter and its mark, or a slot."""
    table: dict[str, list[tuple[Exchange, tuple[re.Pattern[str], ...]]]] = {}
    for family in map(family_named, family_names()):
        for exchange in family.exchanges:
            patterns = tuple(_pattern(turn.texts()) for turn in exchange.turns)
            ends = {text.strip()[-2:].lower() for text in exchange.turns[0].texts()}
            for end in {"" if "}" in end else end for end in ends}:
                table.setdefault(end, []).append((exchange, patterns))
    return {end: tuple(rows) for end, rows in table.items()}


def lines_of_exchanges(plan: EpisodePlan, quoted: frozenset[str] = frozenset()) -> tuple[int, int]:
    """How many spoken lines belong to a whole exchange, and how many there are beside those that the prompt quotes."""
    belonging = total = 0
    for scene in plan.scenes:
        lines = [text for text in spoken_texts(plan) if text.scene == scene.id and plain_line(text.text) not in quoted]
        total += len(lines)
        at = 0
        while at < len(lines):
            length = _exchange_at(lines, at)
            belonging += length
            at += max(length, 1)
    return belonging, total


def _exchange_at(lines: list[PlanText], at: int) -> int:
    """The number of lines of the longest exchange that begins at a line; 0 if none does."""
    first = lines[at].text.strip()
    longest = 0
    for exchange, patterns in (*_turns().get(first[-2:].lower(), ()), *_turns().get("", ())):
        spoken = lines[at : at + len(patterns)]
        if len(patterns) <= longest or len(spoken) < len(patterns):
            continue
        if not all(pattern.fullmatch(line.text.strip()) for pattern, line in zip(patterns, spoken, strict=True)):
            continue
        speakers: dict[str, str] = {}
        if all(
            speakers.setdefault(turn.speaker, line.who) == line.who for turn, line in zip(exchange.turns, spoken, strict=True)
        ):
            longest = len(patterns)
    return longest
