"""Direct a lesson: wrong idea and claim as an exchange, what a hand does as a shot of its own, a recap that asks the learner."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from planners.discourse.lesson_cast import LessonCast, cast_lesson, place_description
from planners.discourse.passages import (
    HAND_SIZE,
    Beat,
    Candidate,
    Ids,
    Passage,
    SceneSetting,
    fit_length,
    scenes_of,
    without_speech,
)
from planners.fabula.cast_members import Member
from planners.fabula.lesson import LessonContent, TaughtClaim, audience_level
from planners.fabula.participant import refer
from planners.knowledge.lesson_words import lesson_words
from planners.knowledge.thing_facts import thing_facts
from planners.knowledge.topics import AnalogyAct, content_words
from planners.plan.model import EpisodePlan, FactText, Line, Look
from planners.plan.vocabulary import Emotion, Mood, Style
from planners.reading.premise import Premise

__all__ = ["direct_lesson", "holding", "is_carried", "left_out"]

_LEVELS: Final = (0.6, 0.25, 0.0, 0.0, 0.3, 0.4, 0.5)
"""Reluctance to tell with the details of a level: 0 claim and hand; 1 the wrong idea; 2 the recap; 3 the detail of each claim; 4 the learner's
own try; 5 the analogy where the prompt does not ask for it; 6 the learner teaches it back."""
_DEEPEST_SILENT: Final = 4
_MORE_CLAIMS: Final = 0.05
"""Preference for each claim more."""
_FEW_CLAIMS: Final = 0.25
"""Reluctance for each claim under three."""
_CARRIED: Final = frozenset({"finger", "hand", "arm"})


@dataclass(slots=True)
class _Lesson:
    """One lesson with its cast and ids."""

    premise: Premise
    content: LessonContent
    cast: LessonCast
    ids: Ids

    def line(self, speaker: Member, text: str, emotion: Emotion = "neutral") -> Line:
        """A spoken line."""
        return Line(speaker=speaker.id, text=text, emotion=emotion)

    def hand(self, performer: Member, action: str, *lines: Line) -> Beat:
        """A shot of what a hand does."""
        return Beat(size=HAND_SIZE, focus=(performer.id,), action={performer.id: action}, lines=lines, camera="push_in")

    def opening(self, first: TaughtClaim) -> Passage:
        """Everybody in the place; the learner asks the topic's question."""
        members = tuple(member.id for member in self.cast.members)
        learner, teacher = self.cast.learner, self.cast.teacher
        question = Beat(
            size="wide",
            focus=members,
            action={teacher.id: f"shows the {first.thing}"},
            lines=(self.line(learner, self.content.question),),
        )
        return Passage(
            title="The question",
            beat="question",
            place=self.place(),
            synopsis=f"{_name(learner)} asks {_name(teacher)}: {self.content.question}",
            present=members,
            beats=(question,),
            facts=left_out(self.content.uncovered),
        )

    def place(self) -> str:
        """Id of the lesson's place."""
        return self.ids.place(self.cast.place, place_description(self.cast.place))

    def claim(self, number: int, claim: TaughtClaim, level: int) -> Passage:
        """One claim: the wrong idea, the claim, the hand, the detail, the learner's try."""
        teacher, learner = self.cast.teacher, self.cast.learner
        prop = self.ids.prop(claim.thing)
        beats: list[Beat] = []
        if level == 0:
            beats.append(self.hand(teacher, claim.hand, self.line(teacher, claim.claim)))
        else:
            beats.append(_face(learner, self.line(learner, claim.wrong, "surprised")))
            beats.append(_face(teacher, self.line(teacher, _answer(claim, number))))
            beats.append(self.hand(teacher, claim.hand))
        if level >= 3 and claim.more is not None:
            beats.append(_face(teacher, self.line(teacher, claim.more), size="medium"))
        if level >= 4:
            beats.append(
                Beat(
                    size="full",
                    focus=(learner.id, teacher.id),
                    action={learner.id: claim.hand, teacher.id: "watches and nods"},
                )
            )
        return Passage(
            title=claim.claim,
            beat="claim",
            place=self.place(),
            synopsis=f"{_name(teacher)} {claim.hand} and shows {_name(learner)}: {claim.claim}",
            present=tuple(member.id for member in self.cast.members),
            beats=tuple(beats),
            facts=(*self.facts(claim), *holding(teacher.id, prop, claim.thing)),
        )

    def facts(self, claim: TaughtClaim) -> tuple[FactText, ...]:
        """The claim and its source as facts of the story, named by the number of the claim in its topic."""
        name = f"{self.content.key}_{self.content.claims.index(claim) + 1}"
        return (
            FactText(entity="story", attribute=name, value=claim.claim),
            FactText(entity="story", attribute=f"{name}_source", value=claim.source),
        )

    def recap(self, claims: list[TaughtClaim]) -> Passage:
        """The teacher asks, the learner answers."""
        teacher, learner = self.cast.teacher, self.cast.learner
        beats: list[Beat] = []
        for claim in claims:
            beats.append(_face(teacher, self.line(teacher, claim.ask)))
            beats.append(_face(learner, self.line(learner, claim.answer, "happy"), size="close"))
        key = next((claim for claim in claims if claim.key), claims[-1])
        last = Beat(
            size="wide",
            focus=tuple(member.id for member in self.cast.members),
            action={learner.id: key.hand, teacher.id: "nods"},
        )
        return Passage(
            title="What stays",
            beat="recap",
            place=self.place(),
            synopsis=f"{_name(teacher)} asks, and {_name(learner)} knows: {' '.join(claim.answer for claim in claims)}",
            present=tuple(member.id for member in self.cast.members),
            beats=(*beats, last),
            facts=holding(learner.id, self.ids.prop(key.thing), key.thing),
        )

    def taught_back(self, claim: TaughtClaim) -> Passage:
        """The learner teaches a claim to the teacher."""
        teacher, learner = self.cast.teacher, self.cast.learner
        prop = self.ids.prop(claim.thing)
        return Passage(
            title="Taught back",
            beat="retelling",
            place=self.place(),
            synopsis=f"{_name(learner)} {claim.hand} and teaches it back: {claim.claim}",
            present=tuple(member.id for member in self.cast.members),
            beats=(
                Beat(size="medium", focus=(learner.id, teacher.id), action={learner.id: claim.hand, teacher.id: "listens"}),
                _face(learner, self.line(learner, claim.claim, "happy")),
            ),
            facts=holding(learner.id, prop, claim.thing),
        )

    def act(self, act: AnalogyAct) -> Passage:
        """One part of the topic as the analogy plays it."""
        analogy = self.content.analogy
        where = self.cast.place if self.cast.as_analogy or analogy is None else analogy.place
        actor, other = self.cast.teacher, self.cast.learner
        if act.who == 2:
            actor, other = other, actor
        return Passage(
            title=f"{act.part[0].upper()}{act.part[1:]}",
            beat="analogy",
            place=self.ids.place(where, place_description(where)),
            synopsis=f"{_name(actor)} {act.does} ({act.stands_for}: {act.part}).",
            present=tuple(member.id for member in self.cast.members),
            beats=(
                Beat(size="full", focus=(actor.id, other.id), action={actor.id: act.does}),
                _face(actor, self.line(actor, act.says)),
            ),
        )

    def candidate(self, claims: list[TaughtClaim], level: int) -> Candidate:
        """The lesson with some of its claims and details."""
        count = len(claims)
        acts = self.content.analogy.acts if self.content.analogy and (self.cast.as_analogy or level >= 5) else ()
        placed = _acts_after(claims, _chosen_acts(acts, claims))
        passages = [self.opening(claims[0])]
        for number, claim in enumerate(claims):
            passages.append(self.claim(number, claim, level))
            passages += [self.act(act) for act in placed.get(number, ())]
        if level >= 6:
            passages += [self.taught_back(claim) for claim in claims]
        if level >= 2:
            passages.append(self.recap(claims))
        if self.premise.silent:
            passages = list(without_speech(passages))
        few = _FEW_CLAIMS * max(0, min(3, len(self.content.claims)) - count)
        return Candidate(passages=tuple(passages), reluctance=_LEVELS[level] + few - _MORE_CLAIMS * count)

    def candidates(self) -> Iterator[Candidate]:
        """Every number of claims at every level of detail."""
        for level in range(_DEEPEST_SILENT + 1 if self.premise.silent else len(_LEVELS)):
            for claim in self.content.claims:
                if claim.key:
                    yield self.candidate([claim], level)
            for count in range(1, len(self.content.claims) + 1):
                yield self.candidate(_chosen(self.content.claims, count), level)


def _name(member: Member) -> str:
    """The name of somebody in a synopsis."""
    return refer(member.participant)


def _face(member: Member, line: Line, size: str = "medium_close") -> Beat:
    """A shot of somebody speaking."""
    return Beat(
        size="close" if size == "close" else "medium" if size == "medium" else "medium_close",
        focus=(member.id,),
        action={},
        lines=(line,),
    )


def _answer(claim: TaughtClaim, number: int) -> str:
    """The claim, after a denial if the wrong idea can be denied."""
    words = lesson_words()
    if not claim.wrong.endswith("?"):
        return f"{words.denials[1]} {claim.claim}"
    main_clause = re.sub(r"^(?:If|When) [^,]+, ", "", claim.wrong)
    if content_words(main_clause)[0] in words.open_questions or claim.claim.startswith("Because"):
        return claim.claim
    return f"{words.denials[number % len(words.denials)]} {claim.claim}"


def is_carried(thing: str) -> bool:
    """Whether a thing is known to fit into hands."""
    facts = thing_facts(thing)
    return facts is not None and facts.size in _CARRIED


def holding(performer: str, prop: str, thing: str) -> tuple[FactText, ...]:
    """The fact that somebody has a thing in hand, if it can be carried."""
    if not is_carried(thing):
        return ()
    return (FactText(entity=performer, attribute="holding", value=prop),)


def left_out(uncovered: tuple[str, ...]) -> tuple[FactText, ...]:
    """The fact that a film says nothing on some words of its prompt, for readers of the plan."""
    if not uncovered:
        return ()
    return (FactText(entity="story", attribute="not_covered", value=", ".join(uncovered)),)


def _chosen(claims: tuple[TaughtClaim, ...], count: int) -> list[TaughtClaim]:
    """Some claims in teaching order: those that answer the topic's question first, then from the beginning."""
    ranked = sorted(range(len(claims)), key=lambda at: (not claims[at].key, at))[:count]
    return [claims[at] for at in sorted(ranked)]


def _names_part(act: AnalogyAct, claim: TaughtClaim) -> bool:
    """Whether a claim speaks of the part that an act plays."""
    return bool(set(content_words(act.part)) & {word.rstrip("s") for word in content_words(claim.claim)})


def _chosen_acts(acts: tuple[AnalogyAct, ...], claims: list[TaughtClaim]) -> tuple[AnalogyAct, ...]:
    """Acts for some claims: one more than claims at most, those first whose part a claim names."""
    ranked = sorted(range(len(acts)), key=lambda at: (not any(_names_part(acts[at], claim) for claim in claims), at))
    return tuple(acts[at] for at in sorted(ranked[: len(claims) + 1]))


def _acts_after(claims: list[TaughtClaim], acts: tuple[AnalogyAct, ...]) -> dict[int, list[AnalogyAct]]:
    """After which claim each act of the analogy comes: after the first that names its part, never before an act that precedes it."""
    placed: dict[int, list[AnalogyAct]] = {}
    earliest = 0
    for act in acts:
        naming = [at for at in range(earliest, len(claims)) if _names_part(act, claims[at])]
        at = naming[0] if naming else min(earliest, len(claims) - 1)
        placed.setdefault(at, []).append(act)
        earliest = min(at + (not naming), len(claims) - 1)
    return placed


def _lesson_mood(premise: Premise) -> Mood:
    """The mood of the scenes."""
    if "funny" in premise.tone or audience_level(premise) == "child":
        return "playful"
    return "calm"


def direct_lesson(
    premise: Premise, content: LessonContent, *, minutes: float, seed: int, cast_seed: int, style: Style
) -> EpisodePlan:
    """The plan of a lesson. Deterministic in its arguments. Raises PromptError if the claims do not fill the length asked for."""
    cast = cast_lesson(premise, content, cast_seed)
    lesson = _Lesson(premise=premise, content=content, cast=cast, ids=Ids(member.id for member in cast.members))
    passages, stretch, pause = fit_length(lesson.candidates(), minutes * 60)
    setting = SceneSetting(
        time=premise.setting.time or "day", weather=premise.setting.weather or "clear", mood=_lesson_mood(premise)
    )
    scenes = scenes_of(passages, setting, stretch, pause)
    used = {scene.at for scene in scenes}
    things = {fact.value for scene in scenes for fact in scene.facts if fact.attribute == "holding"}
    shown = {claim.thing for claim in content.claims if any(claim.claim == scene.title for scene in scenes)}
    return EpisodePlan(
        title=content.title,
        prompt=premise.prompt,
        seed=seed,
        look=Look(style=style),
        cast={member.id: member.cast for member in cast.members},
        locations={identifier: place for identifier, place in lesson.ids.places.items() if identifier in used},
        props={identifier: prop for identifier, prop in lesson.ids.props.items() if identifier in things or prop.name in shown},
        scenes=scenes,
    )
