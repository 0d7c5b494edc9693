"""Making one episode: find what is stale, make it, commit each finished scene to memory, put the film beside its plan."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from episodic.backbones.keyframes.model import PAINTER, open_keyframer
from episodic.backbones.keyframes.sheets import open_sheet
from episodic.backbones.registry import open_backbone
from episodic.conditioning.cast import EpisodeCast, find_prop
from episodic.conditioning.delivery import Delivery
from episodic.conditioning.episode import condition
from episodic.conditioning.reference_sheets import sheet_fact
from episodic.conditioning.scene_facts import circumstances
from episodic.conditioning.scene_state import State
from episodic.conditioning.shot_brief import ShotBrief
from episodic.errors import InputError, explain_os_error
from episodic.production.files.take_file import read_take
from episodic.production.graph.events import Event, Listener
from episodic.production.graph.graph import ProductionGraph
from episodic.production.graph.ledger import Ledger, StaleTask, stale_tasks
from episodic.production.graph.runner import Runner, run_graph
from episodic.production.missing_pictures import Gone, check_there, gone_pictures
from episodic.production.take_selection import remembered_for
from episodic.production.tasks import Settings, build_graph, scene_text
from episodic.production.work import FILM_FILE, STEMS, TAKE_FILE, read_embedding, read_meanings
from episodic.report.publishing import publish_record, publish_report
from episodic.series.series import Series, parse_size
from episodic.storage.files import digest, sweep_files, write_atomically
from memory.model.canon import STORY, Canon, Relationship
from memory.model.facts import Fact, FactValue, StoryPosition
from memory.model.records import EntityRecord, SceneRecord, TakeRecord
from memory.store import MemoryStore
from planners.plan.model import EpisodePlan, Scene

__all__ = ["Committer", "Prepared", "forget_changed_kinds", "part_of", "prepare", "produce"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """One episode, looked through: every task, and which of them have to run."""

    number: int
    plan: EpisodePlan
    cast: EpisodeCast
    graph: ProductionGraph
    stale: list[StaleTask]
    ledger: Ledger
    backbone: str
    states: tuple[State, ...]
    """What holds in each scene."""
    requested: Mapping[str, tuple[Delivery, ...]]
    """What each shot asks of canon and plan, by shot id; `episodic.report` adds what was looked for and what its take received."""

    gone: tuple[Gone, ...] = ()
    """Pictures of earlier episodes that are not there any more, and that tasks which have to run are shown."""

    @property
    def published(self) -> bool:
        """Whether the film beside the plan is this plan's."""
        return self.ledger.published == self.graph.keys.get("cut")


def prepare(
    series: Series,
    number: int,
    plan: EpisodePlan,
    memory: MemoryStore,
    *,
    backbone: str | None = None,
    made: Collection[str] = (),
) -> Prepared:
    """Build the production graph of one episode and compare it with what is there. Reads; makes nothing.

    `made`: keys of artifacts that will be there by then, although they are not yet.
    """
    settings = series.settings
    name = backbone or settings.backbone
    canon = memory.as_of(StoryPosition(number, 0), series.branch)
    _check_aspect(plan, settings.size)
    _check_kinds(plan, canon)
    how = Settings(
        backbone=name,
        size=parse_size(settings.size),
        fps=settings.fps,
        seed=settings.seed,
        shooting=settings.shooting,
        machine=settings.machine.model_dump(mode="json", exclude_defaults=True),
    )
    shooting = open_backbone(name, settings.shooting, settings.machine)
    keyframer = open_keyframer(settings.keyframes, settings.machine)
    made_from = condition(
        plan, number, canon, memory, series.branch, shooting, keyframer, seed=settings.seed, size=how.size, fps=how.fps
    )
    cast, states, book, briefs = made_from.cast, made_from.states, made_from.book, made_from.briefs

    def there(key: str) -> bool:
        return key in made or series.artifacts.has(key)

    if settings.shooting.takes > 1:
        briefs = _with_remembered(briefs, memory, number, series.branch)
    graph = build_graph(plan, cast, shooting, how, briefs, states, book, keyframer, made_from.frames)
    ledger = Ledger.read(series.ledger_path(number))
    stale = stale_tasks(graph, there, ledger)
    return Prepared(
        number=number,
        plan=plan,
        cast=cast,
        graph=graph,
        stale=stale,
        ledger=ledger,
        backbone=name,
        states=states,
        requested=made_from.deliveries,
        gone=gone_pictures(graph, [one.task.id for one in stale], there, made_from.recalls, memory, series.branch),
    )


def _with_remembered(briefs: Mapping[str, ShotBrief], memory: MemoryStore, number: int, branch: str) -> dict[str, ShotBrief]:
    """The briefs with what their takes are judged against: what memory held before the episode."""
    at = StoryPosition(number, 0)
    return {
        shot: dataclasses.replace(brief, remembered=remembered_for(brief.request, memory, branch, at))
        for shot, brief in briefs.items()
    }


def _check_aspect(plan: EpisodePlan, size: str) -> None:
    width, height = parse_size(size)
    across, up = (int(part) for part in (plan.look.aspect or f"{width}:{height}").split(":"))
    if abs(across * height - up * width) > 0.02 * up * width:
        raise InputError(
            f"the plan's look.aspect is {plan.look.aspect}, but the series makes {size}; change `size` in series.yaml, or the plan"
        )


def _check_kinds(plan: EpisodePlan, canon: Canon) -> None:
    """An id keeps its kind for the series."""
    for entity, member in plan.cast.items():
        before = canon.characters.get(entity)
        if before is not None and member.kind not in (None, before.kind):
            raise InputError(
                f"cast: {entity} is of kind {before.kind} in the series so far and {member.kind} in this plan; "
                "an id keeps its kind: give the new one another id"
            )


def forget_changed_kinds(ready: Prepared, memory: MemoryStore, branch: str) -> None:
    """Take back an episode's scenes when somebody only this episode knows has become of another kind."""
    known = memory.as_of(StoryPosition(ready.number, len(ready.plan.scenes) + 1000), branch)
    cast = ready.cast
    changed = any(one.id in known.characters and known.characters[one.id].kind != one.kind for one in cast.characters.values())
    moved = (
        known.characters.keys() & (cast.locations.keys() | cast.props.keys())
        | known.locations.keys() & (cast.characters.keys() | cast.props.keys())
        | known.props.keys() & (cast.characters.keys() | cast.locations.keys())
    )
    if changed or moved:
        memory.forget(ready.number, branch=branch)


def produce(
    series: Series, ready: Prepared, memory: MemoryStore, runner: Runner, listen: Listener, *, only: str | None = None
) -> Path | None:
    """Make what is stale of one episode; the film's path, or None where `only` asks for a scene or a shot.

    The series must be locked. Raises TaskFailed, InputError; whatever was finished stays.
    """
    graph = part_of(ready, only)
    stale = {one.task.id: one.key for one in ready.stale if one.task.id in graph.tasks}
    check_there(ready.gone, stale, ready.number)
    forget_changed_kinds(ready, memory, series.branch)
    committer = Committer(series, ready, memory, listen, graph)
    started = time.monotonic()
    for task_id in graph.order:
        if task_id not in stale:
            committer.finished(task_id)
    try:
        if stale:
            run_graph(graph, stale, series.artifacts, runner, ready.ledger, listen, committer.finished)
        record = publish_record(series, ready, memory)
        if only is not None:
            return None
        memory.forget(ready.number, keep=range(1, len(ready.plan.scenes) + 1), branch=series.branch)
        _publish(series, ready)
        publish_report(series, ready, memory, record)
        return series.film_path(ready.number)
    finally:
        if stale and only is None:
            ready.ledger.wall_s = round(time.monotonic() - started, 3)
        if _note_found(ready, series) or stale:
            _keep(ready, series, listen)


def _note_found(ready: Prepared, series: Series) -> bool:
    """Bring the ledger up to what is there already: made before an edit that was taken back, on another branch, or by a killed run.

    True where there was such a thing.
    """
    stale, found = {one.task.id for one in ready.stale}, False
    for task_id, task in ready.graph.tasks.items():
        key = ready.graph.keys[task_id]
        if task_id not in stale and not task.transient and ready.ledger.tasks.get(task_id, {}).get("key") != key:
            ready.ledger.note(task, key, series.artifacts.seconds(key))
            found = True
    return found


def _keep(ready: Prepared, series: Series, listen: Listener) -> None:
    """Write the ledger. It only explains: that it cannot be written must not hide why the run stopped."""
    try:
        ready.ledger.write(series.ledger_path(ready.number))
    except OSError as err:
        listen(Event(event="note", text=f"the ledger was not written: {explain_os_error(err) or err}", episode=ready.number))


def part_of(ready: Prepared, only: str | None) -> ProductionGraph:
    """The tasks that make one scene or shot of an episode; without `only`, all. Raises InputError where it has none of that name."""
    if only is None:
        return ready.graph
    try:
        return ready.graph.only(only)
    except KeyError as err:
        names = [one for scene in ready.plan.scenes for one in (scene.id, *(shot.id for shot in scene.shots))]
        raise InputError(f"--only: there is no scene or shot {only!r} in this episode. Valid: {', '.join(names)}") from err


def _publish(series: Series, ready: Prepared) -> None:
    """Copy film, subtitles and stems beside the plan, each as one step."""
    key = ready.graph.keys["cut"]
    source, target = series.artifacts.folder(key), series.episode_folder(ready.number)
    films = {FILM_FILE: target / FILM_FILE, "episode.srt": target / "episode.srt", "episode.vtt": target / "episode.vtt"}
    stems = {f"{name}.flac": target / "stems" / f"{name}.flac" for name in STEMS}
    files = {source / name: path for name, path in (films | stems).items()}
    current = ready.published and all(path.exists() and path.stat().st_size == one.stat().st_size for one, path in files.items())
    if current:
        return
    (target / "stems").mkdir(exist_ok=True)
    sweep_files(target)
    sweep_files(target / "stems")
    for one, path in files.items():
        write_atomically(path, one)
    ready.ledger.published = key
    ready.ledger.write(series.ledger_path(ready.number))


class Committer:
    """Commits a scene's facts once all its takes and their pictures are there, and those of the scenes before it.

    In story order, so that what a take is verified against does not depend on which of two finished first. What lies before a
    branch's fork is its parent's.
    """

    def __init__(
        self, series: Series, ready: Prepared, memory: MemoryStore, listen: Listener, graph: ProductionGraph | None = None
    ) -> None:
        """`graph`: what this run makes, by default all; scenes that are not in it as a whole are not waited for."""
        graph = graph or ready.graph
        self._series, self._ready, self._memory, self._listen = series, ready, memory, listen
        sheets = [one for one in ready.graph.tasks.values() if one.kind == "sheet"]
        self._open = {
            scene.id: {
                "meaning",
                *(f"{kind}:{shot.id}" for kind in ("picture", "survey") for shot in scene.shots),
                *(one.id for one in sheets if one.scene == scene.id),
            }
            for scene in ready.plan.scenes
        }
        self._waits = [number for number, scene in enumerate(ready.plan.scenes, 1) if self._open[scene.id] <= graph.tasks.keys()]
        self._committed = memory.committed(series.branch)

    def finished(self, task_id: str) -> None:
        """Note one finished task; the last picture of a scene commits it."""
        for waiting in self._open.values():
            waiting.discard(task_id)
        while self._waits and not self._open[self._ready.plan.scenes[self._waits[0] - 1].id]:
            self._commit(self._waits.pop(0))

    def _is_new(self, number: int) -> bool:
        """Whether memory has the scene otherwise, or not at all, and it is this branch's to commit."""
        position = StoryPosition(self._ready.number, number)
        return position >= self._series.fork and self._committed.get(position) != self._key(number)

    def _commit(self, number: int) -> None:
        if not self._is_new(number):
            return
        done = self._memory.commit(self._record(number))
        if done.written:
            scene_id = self._ready.plan.scenes[number - 1].id
            self._listen(Event(event="commit", text=f"scene {scene_id} is in memory", episode=self._ready.number))
        for one in done.conflicts:
            self._listen(Event(event="conflict", text=str(one), episode=self._ready.number))

    def _key(self, number: int) -> str:
        scene = self._ready.plan.scenes[number - 1]
        cast = self._ready.cast
        groups: list[Mapping[str, Any]] = [cast.characters, cast.locations, cast.props]
        named = [dataclasses.asdict(group[one]) for one in self._named(scene) for group in groups if one in group]
        takes = [self._ready.graph.keys[f"survey:{shot.id}"] for shot in scene.shots]
        return digest([scene.model_dump(mode="json"), named, takes, scene_text(scene), "commit@4"])

    def _record(self, number: int) -> SceneRecord:
        ready, scene = self._ready, self._ready.plan.scenes[number - 1]
        at = StoryPosition(ready.number, number)
        entities, facts = self._identities(scene, at)
        facts += [Fact(entity=one.entity, attribute=one.attribute, value=one.value, since=at) for one in scene.facts]
        facts += circumstances(scene, at)
        return SceneRecord(
            position=at,
            branch=self._series.branch,
            scene_id=scene.id,
            title=scene.title or f"Scene {number}",
            synopsis=scene_text(scene),
            key=self._key(number),
            entities=tuple(entities),
            facts=tuple(facts),
            relations=tuple(Relationship(**one._asdict()) for one in scene.relations),
            opens=dict(scene.opens),
            closes=tuple(scene.closes),
            takes=self._takes(scene, at),
            text_embedding=self._meaning(number),
            text_encoder=ready.graph.tasks["meaning"].version,
        )

    def _identities(self, scene: Scene, at: StoryPosition) -> tuple[list[EntityRecord], list[Fact]]:
        """Who and what the scene shows, and everything about them that lasts."""
        cast = self._ready.cast
        entities: list[EntityRecord] = []
        facts: list[Fact] = []

        for entity, sheet in self._sheets(scene, at):
            facts.append(Fact(entity=entity, attribute="sheet", value=sheet, since=at, evidence="seen"))

        def note(entity: str, **values: FactValue) -> None:
            facts.extend(Fact(entity=entity, attribute=name, value=value, since=at) for name, value in values.items() if value)

        # a prop may have been in the hand since long
        named = list(dict.fromkeys([*self._named(scene), *(fact.entity for fact in facts)]))
        for one in (cast.characters[name] for name in named if name in cast.characters):
            entities.append(EntityRecord(id=one.id, kind="character", character_kind=one.kind))
            motion: list[FactValue] = list(one.motion or self._embedding(f"audition:{one.id}"))
            voice: dict[str, Any] = dataclasses.asdict(one.voice)
            note(one.id, name=one.name, description=one.description, look=dict(one.look), voice=voice, motion=motion)
        for place in (cast.locations[name] for name in named if name in cast.locations):
            entities.append(EntityRecord(id=place.id, kind="location"))
            light: list[FactValue] = list(place.light or self._embedding(f"light:{place.id}"))
            note(place.id, name=place.name, description=place.description, look=dict(place.look), light=light)
        for prop in (name for name in named if name in cast.props):
            entities.append(EntityRecord(id=prop, kind="prop"))
            note(prop, name=cast.props[prop].name, description=cast.props[prop].description)
        if any(fact.entity == STORY for fact in scene.facts):
            entities.append(EntityRecord(id=STORY, kind="story"))
        return entities, facts

    def _sheets(self, scene: Scene, at: StoryPosition) -> Iterator[tuple[str, dict[str, FactValue]]]:
        """What memory keeps of the sheets that were made for a scene, by entity."""
        tasks, artifacts = self._ready.graph.tasks, self._series.artifacts
        made = {task.id.rpartition("/")[2]: task for task in tasks.values() if (task.kind, task.scene) == ("sheet", scene.id)}
        if not made:
            return
        canon = self._memory.as_of(StoryPosition(at.episode, at.scene - 1), self._series.branch)
        before = {one.id: one.sheet for group in (canon.characters, canon.locations, canon.props) for one in group.values()}
        for entity, task in made.items():
            key = self._ready.graph.keys[task.id]
            views = tuple(open_sheet(artifacts.folder(key)).pictures) if artifacts.has(key) else ()
            by = (task.inputs.get("by", PAINTER), task.device)
            yield entity, sheet_fact(task.inputs["shows"], by, key, before.get(entity, {}), views)

    def _named(self, scene: Scene) -> list[str]:
        """Everybody and everything the scene shows or states something about."""
        held = [find_prop(fact.value, self._ready.cast.props) for fact in scene.facts if fact.attribute == "holding"]
        ends = [end for one in scene.relations for end in (one.subject, one.object)]
        named = [*scene.people(), scene.at, *ends, *(fact.entity for fact in scene.facts)]
        return list(dict.fromkeys([*named, *(one.id for one in held if one is not None)]))

    def _taken(self, scene: Scene) -> list[str]:
        """The shots of a scene that there is a take of: all, except in a rehearsal."""
        return [shot.id for shot in scene.shots]

    def _meaning(self, number: int) -> tuple[float, ...]:
        return tuple(read_meanings(self._series.artifacts.folder(self._ready.graph.keys["meaning"]))[number - 1])

    def _embedding(self, task_id: str) -> list[float]:
        key = self._ready.graph.keys.get(task_id)
        return read_embedding(self._series.artifacts.folder(key)) if key else []

    def _takes(self, scene: Scene, at: StoryPosition) -> tuple[TakeRecord, ...]:
        """The scene's takes with their surveys, verified against what memory holds of earlier scenes."""
        from episodic.production.commit.take_records import SurveyedTake, verified_takes
        from episodic.quality.survey import read_survey

        artifacts, keys = self._series.artifacts, self._ready.graph.keys
        takes = []
        for shot in self._taken(scene):
            key, survey_key = keys[f"shoot:{shot}"], keys[f"survey:{shot}"]
            request = read_take(artifacts.folder(key) / TAKE_FILE)[0]
            survey = read_survey(artifacts.folder(survey_key))
            takes.append(SurveyedTake(key=key, request=request, survey_key=survey_key, survey=survey))
        return verified_takes(takes, self._memory, self._series.branch, at, self._ready.cast)
