"""What a film that explains is made of: a lesson or a process, from the prompt, from a text or from what ships."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from planners.errors import PromptError
from planners.fabula.lesson import LessonContent, audience_level, known_lesson, lesson_from_source
from planners.fabula.moments import moment_of
from planners.fabula.process import ProcessContent, known_process, process_from_source, stated_process, told_process
from planners.fabula.topic_choice import TopicChoice, question_clauses
from planners.knowledge.lesson_words import lesson_words
from planners.knowledge.noun_types import INVISIBLE
from planners.knowledge.processes import Process
from planners.knowledge.topics import Topic
from planners.reading.premise import ENACTED, Premise
from planners.reading.request import is_request

__all__ = ["explainer_content", "is_account", "is_explainer"]

_ASKS: Final = re.compile(
    r"\b(?:how|why|what|explain\w*|teach\w*|lessons?|lecture|learns?|recipe|steps?|tutorial|instructions?)\b", re.IGNORECASE
)
FEWEST_IMPERATIVES: Final = 3
"""Steps that make a prompt a recipe, whatever its form."""
_MAKING: Final = re.compile(r"\b(?:is|are|was|were) (?:\w+ )?made\b|\bhow (?:to|(?:do|does) (?:\w+ )?\w+) make\b", re.IGNORECASE)
"""A question about a product, which a process answers before a lesson does."""
_QUESTION: Final = re.compile(r"^(?:how|why)\b|^(?:what|where|when|who)\b.*\?", re.IGNORECASE)

_ACCOUNT: Final = re.compile(
    r"^(?:please )?(?:(?:make|create|tell|give|show)(?: me| us)? )?(?:a |an |the )?(?:[\w-]+ ){0,4}?"
    r"(?:history|origins?|evolution|invention|science|physics|chemistry|biology|anatomy|economics|meaning|etymology) of ",
    re.IGNORECASE,
)
"""A prompt that asks for facts."""


def is_account(premise: Premise) -> bool:
    """Whether a prompt asks for facts on something rather than for what happens: `the history of the chair`."""
    return bool(_ACCOUNT.search(premise.prompt)) and not any(entity.acts for entity in premise.entities)


def is_explainer(premise: Premise) -> bool:
    """Whether a prompt wants something explained rather than a story told.

    A lesson or process without any word of asking, whose cast does something, is a story: a documentary about somebody who saves a whale.
    A story in which somebody teaches a topic that is known, or a serious film about one, is a lesson if nothing else happens; three steps in a row without a cast are a process.
    """
    words = lesson_words()
    teaching_verbs = {*words.teach_verbs, *words.learn_verbs}
    deeds = [
        event
        for event in premise.events
        if event.modality in ENACTED
        and event.verb not in teaching_verbs
        and any(premise.entity(identifier).kind is not None for identifier in event.agents)
    ]
    beings = any(entity.acts and entity.type in {"person", "animal", "robot", "spirit"} for entity in premise.entities)
    if premise.form in {"lesson", "process"}:
        is_story = beings and not _ASKS.search(premise.prompt)
        return not is_story or _covers_all(premise)
    serious = "serious" in premise.tone
    if is_account(premise):
        return True
    if premise.form == "vignette":
        names_topic = _names_topic(premise)
        asks = (
            names_topic or serious or audience_level(premise) or _ASKS.search(premise.prompt) or _QUESTION.match(premise.prompt)
        )
        return bool(asks) and _is_covered(premise)
    if premise.form != "story":
        return False
    steps = None if beings and not _is_recipe(premise) else stated_process(premise)
    if steps is not None and len(steps.steps) >= FEWEST_IMPERATIVES:
        return True
    teaching = serious or any(event.verb in teaching_verbs and not event.negated for event in premise.events)
    return bool(_QUESTION.match(premise.prompt) or (teaching and not deeds)) and _is_covered(premise)


def _names_topic(premise: Premise) -> bool:
    """Whether a prompt is no more than the name of something that no picture shows: `fractions`."""
    shown = [entity for entity in premise.entities if entity.acts or entity.type not in INVISIBLE]
    return not shown and not premise.events and moment_of(premise) is None


def _is_recipe(premise: Premise) -> bool:
    """Whether nobody does anything in a prompt but what its steps tell: `My grandmother's dumplings: roll the dough, cut circles…`."""
    title, colon, _ = premise.prompt.partition(":")
    named = [entity for entity in premise.entities if entity.acts]
    return (
        bool(colon)
        and not any(event.agents for event in premise.events)
        and all((entity.name or entity.noun).lower() in title.lower() for entity in named)
    )


def _is_covered(premise: Premise) -> bool:
    """Whether a topic or a process that ships covers the prompt."""
    return known_lesson(premise)[0] is not None or known_process(premise)[0] is not None


def _covers_all(premise: Premise) -> bool:
    """Whether a topic or a process that ships covers every word of the prompt's question."""
    return known_lesson(premise)[1].covers_all or known_process(premise)[1].covers_all


def _uncovered(premise: Premise, *choices: TopicChoice[Topic] | TopicChoice[Process]) -> PromptError:
    """The error for a prompt that neither a topic nor stated steps nor a source covers."""
    question = " ".join(dict.fromkeys(word for clause in question_clauses(premise) for word in clause if not is_request(word)))
    nearest = list(dict.fromkeys(title for choice in choices for title in choice.nearest))
    uncovered = list(dict.fromkeys(word for choice in choices for word in choice.uncovered))
    near = f"; nearest: {', '.join(f'“{title}”' for title in nearest)}" if nearest else ""
    missing = f", which say nothing on: {', '.join(uncovered)}" if nearest and uncovered else ""
    return PromptError(
        f"nothing is known on “{question or premise.prompt[:80]}” that could be taught{near}{missing}. "
        "Give a text to teach from (--source FILE.md), or write the steps into the prompt (“…: first …, then …”)"
    )


def explainer_content(premise: Premise, source: Path | None = None) -> LessonContent | ProcessContent:
    """What to teach or to show. Raises PromptError if nothing covers the prompt; a source, if there is one, must."""
    content: LessonContent | ProcessContent | None
    if source is not None:
        content = process_from_source(source) if premise.form == "process" else None
        return content or lesson_from_source(premise, source)
    if (content := stated_process(premise)) is not None:
        return content
    if premise.form == "process" and (content := told_process(premise)) is not None:
        return content
    lesson, topics = known_lesson(premise)
    process, listed = known_process(premise)
    is_making = process is not None and not process.uncovered and _MAKING.search(premise.prompt)
    is_closer = process is not None and not process.uncovered and listed.length > topics.length
    content = process or lesson if premise.form == "process" or is_making or is_closer else lesson or process
    if content is None:
        raise _uncovered(premise, topics, listed)
    return content
