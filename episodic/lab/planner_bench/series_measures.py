"""Measures over series: episode after episode from the prompts of a file, each planned from the canon that the earlier ones leave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from episodic.lab.planner_bench.planner_report import Measure, count_of, mean_of, ratio_of
from memory.model.canon import Canon, empty_canon
from planners.errors import PromptError
from planners.fabula.continuation import DEED
from planners.plan.canon_after import canon_after
from planners.plan.cross_references import check_references
from planners.plan.model import EpisodePlan
from planners.plan_checks.line_reuse import content_forms, plain_line
from planners.plan_checks.plan_texts import action_texts, spoken_texts
from planners.planner import Brief
from planners.planner_registry import open_planner
from planners.reading.english import language, third_person
from planners.reading.premise import ENACTED
from planners.reading.reader import read_premise

__all__ = ["SHIPPED_SERIES", "series_measures"]

SHIPPED_SERIES: Final = Path(__file__).with_name("data") / "series.txt"
"""Prompts of series, one episode a line, an empty line between series."""


@dataclass(frozen=True, slots=True)
class _Episode:
    """One planned episode."""

    prompt: str
    before: Canon
    plan: EpisodePlan | None
    failure: str | None


def _read_series(path: Path) -> list[list[str]]:
    """The prompts of each series."""
    blocks = path.read_text("utf-8").split("\n\n")
    return [prompts for block in blocks if (prompts := [line.strip() for line in block.splitlines() if line.strip()])]


def _episodes(planner: str, prompts: list[str], seed: int) -> Iterator[_Episode]:
    """The episodes of one series. Where one cannot be planned, the next continues from the one before it."""
    canon = empty_canon()
    for number, prompt in enumerate(prompts, start=1):
        brief = Brief(prompt=prompt, minutes=1.0, seed=seed + number, episode=number)
        try:
            plan = open_planner(planner).plan(brief, canon)
        except PromptError as err:
            yield _Episode(prompt, canon, None, str(err))
            continue
        faults = check_references(plan, [thread.id for thread in canon.threads if not thread.closed])
        yield _Episode(prompt, canon, plan, faults[0].message if faults else None)
        canon = canon_after(canon, plan, number)


@cache
def _function_words() -> frozenset[str]:
    """Words that say nothing about what somebody did."""
    return frozenset(language().Defaults.stop_words)


def _enacted(episode: _Episode) -> tuple[int, int]:
    """How many events that a prompt states are acted out, by their verb, and how many it states."""
    stated = [
        event
        for event in read_premise(episode.prompt).events
        if event.explicit and event.modality in ENACTED and not event.negated
    ]
    if episode.plan is None:
        return 0, len(stated)
    words = {word for text in action_texts(episode.plan) for word in plain_line(text.text).split()}
    return sum(third_person(event.verb) in words or event.quote is not None for event in stated), len(stated)


def _recalls(episode: _Episode) -> bool:
    """Whether a line speaks of what somebody did in an earlier episode: two of its words that the prompt of this one does not have."""
    if episode.plan is None:
        return False
    here = content_forms(episode.prompt, _function_words())
    names = content_forms(" ".join(character.name for character in episode.before.characters.values()), ())
    deeds = [
        [forms for word in str(character.state[DEED]).split() if (forms := content_forms(word, _function_words()) - here - names)]
        for character in episode.before.characters.values()
        if DEED in character.state
    ]
    lines = [content_forms(text.text, ()) for text in spoken_texts(episode.plan)]
    return any(sum(bool(forms & line) for forms in deed) >= min(2, len(deed)) > 0 for deed in deeds for line in lines)


def series_measures(planner: str, path: Path = SHIPPED_SERIES, seed: int = 1) -> dict[str, Measure | None]:
    """Series of a file: events enacted, episodes that speak of an earlier one, lines said again, plans that do not hold together."""
    enacted: list[tuple[int, int]] = []
    recalled: list[float] = []
    repeated: list[tuple[int, int]] = []
    failures: list[str] = []
    silent: list[str] = []
    for prompts in _read_series(path):
        spoken: set[str] = set()
        for number, episode in enumerate(_episodes(planner, prompts, seed)):
            enacted.append(_enacted(episode))
            failures += [f"{episode.prompt}: {episode.failure}"] if episode.failure else []
            lines = [plain_line(text.text) for text in spoken_texts(episode.plan)] if episode.plan else []
            repeated.append((sum(line in spoken for line in lines), len(lines)))
            spoken.update(lines)
            if number > 0:
                recalled.append(float(_recalls(episode)))
                silent += [] if recalled[-1] else [episode.prompt]
    return {
        "series_events": ratio_of(enacted),
        "series_recalled": mean_of(recalled, silent),
        "series_repeated": ratio_of(repeated),
        "series_failures": count_of(failures, len(enacted)),
    }
