"""Check the language of a plan: agreement, articles, number, case, verb forms, marks, unfinished sentences, placeholders.

The rules prefer to say nothing where they are not sure. `tests/planners/plan_checks/grammar_sentences.yaml` has planted faults and sound sentences.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from planners.plan.model import EpisodePlan
from planners.plan_checks.plan_texts import PlanText, TextKind, plan_texts
from planners.plan_checks.sentence_rules import sentence_hits
from planners.plan_checks.surface_rules import surface_hits
from planners.reading.english import language

__all__ = ["GrammarFault", "check_grammar", "check_texts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GrammarFault:
    """One broken rule in one text."""

    rule: str
    words: str
    """The words that break it."""
    text: str
    kind: TextKind


def check_texts(texts: Iterable[tuple[TextKind, str]]) -> list[GrammarFault]:
    """Faults of lines and of actions, which are verb phrases without a subject. Each different text is checked once."""
    pairs = list(dict.fromkeys(texts))
    whole = [text if kind == "line" else f"She {text}" for kind, text in pairs]
    faults: list[GrammarFault] = []
    for (kind, text), doc in zip(pairs, language().pipe(whole, batch_size=64, disable=["ner"]), strict=True):
        hits = dict.fromkeys((*surface_hits(text, kind), *sentence_hits(doc, kind)))
        faults += [GrammarFault(rule=rule, words=words, text=text, kind=kind) for rule, words in hits]
    return faults


def check_grammar(plan: EpisodePlan) -> list[tuple[PlanText, GrammarFault]]:
    """Faults of every line and action of a plan, with their places."""
    texts: Sequence[PlanText] = list(plan_texts(plan))
    by_text: dict[tuple[TextKind, str], list[GrammarFault]] = {}
    for fault in check_texts((text.kind, text.text) for text in texts):
        by_text.setdefault((fault.kind, fault.text), []).append(fault)
    return [(text, fault) for text in texts for fault in by_text.get((text.kind, text.text), ())]
