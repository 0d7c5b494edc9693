"""Measures over many planned films."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from episodic.lab.planner_bench.annotation_match import match_prompt
from episodic.lab.planner_bench.film_plans import BenchPlanner, FilmPlan, plan_film, premise_of
from episodic.lab.planner_bench.planner_report import Measure, count_of, mean_of, ratio_of
from episodic.lab.planner_bench.prompt_files import AnnotatedPrompt
from episodic.lab.planner_bench.story_checker import check_stories
from planners.errors import PromptError
from planners.fabula.moments import with_moment
from planners.fabula.plot_builder import build_plot
from planners.plan_checks.canon import check_canon, check_forbidden_events
from planners.plan_checks.clauses import read_clauses
from planners.plan_checks.exchange_match import lines_of_exchanges
from planners.plan_checks.grammar import check_texts
from planners.plan_checks.length import is_as_long_as_asked, length_ratio
from planners.plan_checks.line_reuse import content_forms, masked_lines, quoted_texts, reused, shared_between_seeds
from planners.plan_checks.off_prompt import find_off_prompt
from planners.plan_checks.plan_texts import action_texts, plan_texts
from planners.plan_checks.role_types import check_role_types
from planners.reading.english import language
from planners.reading.premise import ENACTED

__all__ = [
    "Measures",
    "content_measures",
    "failure_measure",
    "length_measures",
    "plot_measure",
    "reuse_measures",
    "seed_measures",
    "suite_measures",
]

Measures = dict[str, Measure | None]
"""By the key of the row."""
_FORM_PROMPTS: Final = 5
_EXPLAINERS: Final = frozenset({"lesson", "process"})
"""Forms whose questions and answers come from a topic, not from exchanges."""
_SEEDS: Final = (1, 2, 3, 4, 5)


@cache
def _function_words() -> frozenset[str]:
    """Words that a mask leaves alone."""
    return frozenset(language().Defaults.stop_words)


def _short(text: str) -> str:
    """A prompt for an example."""
    return text if len(text) <= 60 else f"{text[:59]}…"


def failure_measure(films: Sequence[FilmPlan]) -> Measure:
    """How many prompts made a planner fail."""
    return count_of([f"{_short(film.prompt)}: {film.failure}" for film in films if film.failure is not None], len(films))


def suite_measures(suite: Sequence[AnnotatedPrompt], films: Sequence[FilmPlan], checker: Path | None, path: Path) -> Measures:
    """How much of the annotated prompts the films show: by the checker, or without one by comparing words."""
    plans = {prompt.id: film.plan for prompt, film in zip(suite, films, strict=True) if film.plan is not None}
    if checker is None:
        matches = {prompt.id: match_prompt(prompt, plans[prompt.id]) for prompt in suite if prompt.id in plans}
        columns = ("explicit", "implied", "order", "cast", "things", "places")
        return {
            name: mean_of([value for match in matches.values() if (value := getattr(match, name)) is not None])
            for name in columns
        }
    verdicts = check_stories(checker, path, plans)
    scored = [verdict for verdict in verdicts if verdict.story is not None]
    worst = sorted(scored, key=lambda verdict: verdict.story or 0.0)
    by_form: defaultdict[str, list[float]] = defaultdict(list)
    for verdict in scored:
        by_form[verdict.form].append(verdict.story or 0.0)
    forms = {form: measure for form, values in by_form.items() if len(values) >= _FORM_PROMPTS and (measure := mean_of(values))}
    measures: Measures = {
        "story": mean_of(
            [verdict.story or 0.0 for verdict in scored], [f"{verdict.id}: {verdict.story:.2f}" for verdict in worst]
        ),
        "story_worst_form": min(forms.values(), key=lambda measure: measure.value) if forms else None,
        "explicit": mean_of([verdict.explicit for verdict in verdicts if verdict.explicit is not None]),
        "implied": mean_of([verdict.implied for verdict in verdicts if verdict.implied is not None]),
    }
    parts = ("order", "cast", "things", "places")
    return measures | {name: mean_of([verdict.parts[name] for verdict in verdicts if name in verdict.parts]) for name in parts}


def content_measures(films: Sequence[FilmPlan]) -> Measures:
    """Language, canon, types, exchanges and what is off the prompt, over films of plain prompts."""
    made = [(film.prompt, film.plan, premise_of(film.prompt)) for film in films if film.plan is not None]
    texts = list(dict.fromkeys((text.kind, text.text) for _, plan, _ in made for text in plan_texts(plan)))
    grammar = [f"{fault.rule}: {fault.words} | {fault.text}" for fault in check_texts(texts)]
    canon = [f"{_short(prompt)}: {fault.message}" for prompt, plan, _ in made for fault in check_canon(plan)]
    types = [f"{fault.verb} {fault.noun} | {fault.text.text}" for _, plan, _ in made for fault in check_role_types(plan)]
    forbidden = [
        f"{_short(prompt)}: {fault.message}"
        for prompt, plan, premise in made
        if premise is not None
        for fault in check_forbidden_events(plan, premise)
    ]
    exchanges = [
        lines_of_exchanges(plan, quoted_texts(premise) if premise else frozenset())
        for _, plan, premise in made
        if premise is None or premise.form not in _EXPLAINERS
    ]
    off = [(prompt, find_off_prompt(plan, prompt, premise)) for prompt, plan, premise in made]
    off_texts = [f"{_short(prompt)}: {', '.join(row.id for row in rows)}" for prompt, rows in off if len(rows) > 1]
    return {
        "grammar": count_of(grammar, len(texts)),
        "canon": count_of(canon, len(made)),
        "types": count_of(types, len(texts)),
        "forbidden": count_of(forbidden, len(made)),
        "exchanges": ratio_of(exchanges),
        "lines": mean_of([float(total) for _, total in exchanges]),
        "off_prompt": mean_of([float(len(rows)) for _, rows in off], off_texts),
        "off_prompt_films": mean_of([float(len(rows) <= 1) for _, rows in off]),
    }


def reuse_measures(films: Sequence[FilmPlan]) -> Measures:
    """Lines that come again in the film of another prompt. The share grows with the number of films, so compare equal numbers."""
    made = [(film.prompt, film.plan, premise_of(film.prompt)) for film in films if film.plan is not None]
    measures: Measures = {}
    for name in ("reuse", "reuse_masked"):
        masked = [
            masked_lines(
                plan,
                content_forms(prompt, _function_words()) if name == "reuse_masked" else frozenset(),
                quoted_texts(premise) if premise else frozenset(),
            )
            for prompt, plan, premise in made
        ]
        films_with: defaultdict[str, int] = defaultdict(int)
        for lines in masked:
            for line in set(lines):
                films_with[line] += 1
        often = sorted((line for line, count in films_with.items() if count > 1), key=lambda line: (-films_with[line], line))
        measures[name] = ratio_of(reused(masked), [f"{films_with[line]} films: {line}" for line in often])
    return measures


def _verbs(film: FilmPlan) -> frozenset[str]:
    """Verbs that a film enacts."""
    if film.plan is None:
        return frozenset()
    clauses = read_clauses((text.kind, text.text) for text in action_texts(film.plan))
    return frozenset(clause.verb for listed in clauses.values() for clause in listed if clause.main)


def seed_measures(planner: BenchPlanner, prompts: Sequence[str]) -> Measures:
    """What films of one prompt with different seeds share: lines, which should differ, and the prompt's events, which should not."""
    shared: list[float] = []
    same: list[float] = []
    for prompt in prompts:
        films = [plan_film(planner, prompt, seed=seed) for seed in _SEEDS]
        premise = premise_of(prompt)
        quoted = quoted_texts(premise) if premise else frozenset()
        share = shared_between_seeds([masked_lines(film.plan, quoted=quoted) for film in films if film.plan is not None])
        shared += [] if share is None else [share]
        stated = {event.verb for event in premise.events if event.modality in ENACTED and not event.negated} if premise else set()
        enacted = [stated & _verbs(film) for film in films]
        if anywhere := set().union(*enacted):
            same.append(len(anywhere.intersection(*enacted)) / len(anywhere))
    return {"seeds": mean_of(shared), "seed_events": mean_of(same)}


def length_measures(planner: BenchPlanner, prompts: Sequence[str], lengths: Sequence[float]) -> tuple[Measures, str]:
    """Whether films are as long as asked for; and planned by asked length in words."""
    right: list[float] = []
    ratios: dict[float, list[float]] = {}
    for minutes in lengths:
        plans = [film.plan for prompt in prompts if (film := plan_film(planner, prompt, minutes)).plan is not None]
        right += [float(is_as_long_as_asked(plan, minutes)) for plan in plans if plan is not None]
        ratios[minutes] = [length_ratio(plan, minutes) for plan in plans if plan is not None]
    words = ", ".join(f"{minutes:g} → {minutes * sum(values) / len(values):.2g}" for minutes, values in ratios.items() if values)
    return {"length": mean_of(right)}, f"minutes asked → planned: {words}"


def plot_measure(prompts: Sequence[str]) -> Measure | None:
    """The share of plots that report no problem; None if no prompt can be read."""
    faults: dict[str, list[str]] = {}
    for prompt in prompts:
        premise = premise_of(prompt)
        try:
            faults |= {prompt: build_plot(with_moment(premise), 1).problems()} if premise is not None else {}
        except PromptError:  # a refusal has no plot
            continue
    examples = [f"{_short(prompt)}: {problem}" for prompt, listed in faults.items() for problem in listed[:1]]
    return mean_of([float(not listed) for listed in faults.values()], examples)
