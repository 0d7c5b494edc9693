"""Writes an episode's delivery record and report beside its plan, where they do not stand there already."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from episodic.conditioning.delivery import EpisodeDelivery, write_delivery
from episodic.cut.timeline import SceneCut, Segment, Timeline, dissolve_frames, lay_out
from episodic.production.files.loudness_file import read_energies
from episodic.production.files.names import TAKE_FILE
from episodic.production.files.take_file import read_take_head
from episodic.production.steps.parts.film import CLOSING_FADE_S, MOST_GAIN_DB
from episodic.report.consistency import consistency_of, scenes_compared
from episodic.report.delivery_record import record_of
from episodic.report.judgement_rows import judged_shot
from episodic.report.page import REPORT_VERSION, ConflictRow, Figure, LineRow, Page, SceneRow, ShotRow, render_page
from episodic.report.sampling_rows import sampled_shot
from episodic.report.survey_rows import ShotSurvey, chosen_pictures, read_surveys, small_picture
from episodic.storage.files import digest, write_atomically
from memory.model.facts import FactValue, StoryPosition
from planners.plan.model import NARRATOR, Scene

if TYPE_CHECKING:
    from episodic.production.prepare import Prepared
    from episodic.series.series import Series
    from memory.store import MemoryStore

__all__ = ["DELIVERY_FILE", "REPORT_FILE", "publish_episode", "publish_record", "publish_report"]

DELIVERY_FILE: Final = "delivery.json"
REPORT_FILE: Final = "report.html"
_HEAD_BYTES: Final = 4096


def publish_episode(series: Series, ready: Prepared, memory: MemoryStore, *, finished: bool) -> None:
    """Write the delivery record of an episode, and its report once it is `finished`."""
    record = publish_record(series, ready, memory)
    if finished:
        publish_report(series, ready, memory, record)


def publish_record(series: Series, ready: Prepared, memory: MemoryStore) -> EpisodeDelivery:
    """Write the delivery record of an episode, or of as much of it as has been shot."""
    record = record_of(series, ready, memory)
    write_delivery(series.episode_folder(ready.number) / DELIVERY_FILE, record)
    return record


def publish_report(series: Series, ready: Prepared, memory: MemoryStore, record: EpisodeDelivery) -> bool:
    """Write the report of a finished episode unless it stands there already; whether it was written.

    The same episode, memory and version give the same bytes: nothing of when or where it was made is in it.
    """
    path = series.episode_folder(ready.number) / REPORT_FILE
    conflicts = _conflicts(series, ready, memory)
    key = _key(series, ready, memory, record, conflicts)
    if _stands(path, key):
        return False
    shots = [shot.id for scene in ready.plan.scenes for shot in scene.shots]
    surveys = read_surveys(ready.graph, series.artifacts, shots)
    page = _gather(series, ready, memory, record, surveys, conflicts)
    shown = chosen_pictures(surveys, [[shot.id for shot in scene.shots] for scene in page.scenes])
    pictures = {one: small_picture(picture) for one in shown if (picture := surveys[one].picture) is not None}
    write_atomically(path, render_page(_with_pictures(dataclasses.replace(page, key=key), pictures)).encode())
    return True


def _key(series: Series, ready: Prepared, memory: MemoryStore, record: EpisodeDelivery, conflicts: Sequence[ConflictRow]) -> str:
    """The hash of everything the page is made from, without making it. The scenes' keys in memory stand for their vectors."""
    return digest(
        [
            REPORT_VERSION,
            series.settings.model_dump(mode="json"),
            ready.plan.model_dump(mode="json"),
            ready.graph.keys,
            record.to_json(),
            [dataclasses.asdict(one) for one in conflicts],
            {str(at): scene for at, scene in scenes_compared(ready, memory, series.branch).items()},
        ]
    )


def _conflicts(series: Series, ready: Prepared, memory: MemoryStore) -> tuple[ConflictRow, ...]:
    first, last = StoryPosition(ready.number, 0), StoryPosition(ready.number, len(ready.plan.scenes))
    return tuple(
        ConflictRow(
            what=f"{one.entity}.{one.attribute}",
            position=str(one.position),
            holds=_spelled(one.holds),
            holds_origin=str(one.holds_origin),
            overruled=_spelled(one.overruled),
            overruled_origin=str(one.overruled_origin),
        )
        for one in memory.conflicts(series.branch, first, last)
    )


def _stands(path: Path, key: str) -> bool:
    try:
        with path.open("rb") as file:
            return f'content="{key}"'.encode() in file.read(_HEAD_BYTES)
    except OSError:
        return False


def _with_pictures(page: Page, pictures: Mapping[str, str]) -> Page:
    scenes = tuple(
        dataclasses.replace(
            scene, shots=tuple(dataclasses.replace(shot, picture=pictures.get(shot.id, "")) for shot in scene.shots)
        )
        for scene in page.scenes
    )
    return dataclasses.replace(page, scenes=scenes)


def _gather(
    series: Series,
    ready: Prepared,
    memory: MemoryStore,
    record: EpisodeDelivery,
    surveys: Mapping[str, ShotSurvey],
    conflicts: tuple[ConflictRow, ...],
) -> Page:
    settings, plan = series.settings, ready.plan
    timeline = _timeline(series, ready)
    energies = {scene.id: _energies(series, ready, scene) for scene in plan.scenes}
    noted = _noted(series, ready)
    measured = consistency_of(ready, memory, surveys, series.branch)
    rows = tuple(_scene(scene, ready, record, timeline, _loudness([energies[scene.id]])) for scene in plan.scenes)
    return Page(
        key="",
        series=settings.title,
        episode=ready.number,
        title=plan.title,
        prompt=plan.prompt[:2000],
        made_as=(plan.look.style, f"shot on {ready.backbone}", f"{settings.size} at {settings.fps} fps", f"seed {plan.seed}"),
        seconds=timeline.seconds(timeline.frames),
        scenes=rows,
        figures=measured.figures,
        plots=measured.plots,
        conflicts=conflicts,
        sound=_sound(list(energies.values())),
        notes=measured.notes,
        judged=tuple(one for shot, notes in noted if (one := judged_shot(shot, notes)) is not None),
        sampled=tuple(how for shot, notes in noted if (how := sampled_shot(shot, notes)) is not None),
    )


def _noted(series: Series, ready: Prepared) -> list[tuple[str, Mapping[str, FactValue]]]:
    """Every shot with the notes of its take."""
    shots = [shot.id for scene in ready.plan.scenes for shot in scene.shots]
    paths = {one: series.artifacts.folder(ready.graph.keys[f"shoot:{one}"]) / TAKE_FILE for one in shots}
    return [(one, read_take_head(path)["notes"]) for one, path in paths.items()]


def _spelled(value: FactValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _timeline(series: Series, ready: Prepared) -> Timeline:
    """Where every shot lies on the film, from the lengths of its takes."""
    fps = series.settings.fps
    scenes = []
    for number, scene in enumerate(ready.plan.scenes, 1):
        shots = []
        for shot in scene.shots:
            path = series.artifacts.folder(ready.graph.keys[f"shoot:{shot.id}"]) / TAKE_FILE
            frames = int(read_take_head(path)["request"]["frames"])
            shots.append(
                Segment(id=shot.id, path=path, frames=frames, transition=shot.transition, transition_frames=dissolve_frames(fps))
            )
        scenes.append(SceneCut(id=scene.id, title=scene.title or f"Scene {number}", shots=tuple(shots)))
    return lay_out(scenes, fps, closing_fade=round(CLOSING_FADE_S * fps))


def _scene(scene: Scene, ready: Prepared, record: EpisodeDelivery, timeline: Timeline, lufs: float | None) -> SceneRow:
    cast = ready.cast
    delivered = {one.shot: one.deliveries for one in record.shots}
    title = next(one.title for one in timeline.scenes if one.id == scene.id)

    def speaker(one: str) -> str:
        return "Narrator" if one == NARRATOR else cast.characters[one].name

    shots = []
    for shot in scene.shots:
        placed = timeline.shot(shot.id)
        shots.append(
            ShotRow(
                id=shot.id,
                size=shot.size,
                camera=shot.camera,
                transition=shot.transition,
                start_s=timeline.seconds(placed.start),
                seconds=timeline.seconds(placed.segment.frames),
                lines=tuple(LineRow(speaker=speaker(one.speaker), emotion=one.emotion, text=one.text) for one in shot.lines),
                deliveries=delivered[shot.id],
            )
        )
    return SceneRow(
        id=scene.id,
        title=title,
        place=cast.locations[scene.at].name,
        time=scene.time,
        weather=scene.weather,
        mood=scene.mood,
        synopsis=scene.synopsis or scene.goal,
        lufs=lufs,
        shots=tuple(shots),
    )


def _energies(series: Series, ready: Prepared, scene: Scene) -> list[float]:
    return read_energies(series.artifacts.folder(ready.graph.keys[f"mix:{scene.id}"]))


def _loudness(energies: Iterable[list[float]]) -> float | None:
    """LUFS to a tenth; None for silence."""
    import numpy as np

    from episodic.sound.mix.loudness import integrated_loudness

    found = integrated_loudness(np.array(one) for one in energies)
    return None if found == float("-inf") else round(found, 1)


def _sound(energies: list[list[float]]) -> tuple[Figure, ...]:
    from episodic.sound.mix.loudness import TARGET_LUFS

    mixed = _loudness(energies)
    if mixed is None:
        return (Figure(name="Loudness", value="silent", note="nothing is heard in this episode"),)
    gain = min(TARGET_LUFS - mixed, MOST_GAIN_DB)
    return (
        Figure(
            name="The film",
            value=f"{mixed + gain:.1f} LUFS",
            note=f"goal {TARGET_LUFS:.0f} LUFS",
            state="good" if abs(mixed + gain - TARGET_LUFS) <= 1 else "poor",
        ),
        Figure(name="As mixed", value=f"{mixed:.1f} LUFS", note=f"brought to its level by {gain:+.1f} dB"),
    )
