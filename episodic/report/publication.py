"""Write the delivery record and the report of an episode beside its plan."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from episodic.conditioning.delivery import EpisodeDelivery, write_delivery
from episodic.cut.timeline import SceneCut, Segment, Timeline, dissolve_frames, lay_out
from episodic.production.files.loudness_file import read_energies
from episodic.production.files.names import TAKE_FILE
from episodic.production.files.take_file import read_take_head
from episodic.production.prepare import Prepared
from episodic.production.steps.parts.film_timeline import CLOSING_FADE_S, MOST_GAIN_DB
from episodic.report.consistency import consistency_of, scenes_compared
from episodic.report.delivery_record import record_of
from episodic.report.judgement_rows import judged_shot
from episodic.report.page import REPORT_VERSION, ConflictRow, Figure, LineRow, Page, SceneRow, ShotRow, render_page
from episodic.report.sampling_rows import sampled_shot
from episodic.report.survey_rows import ShotSurvey, chosen_pictures, read_surveys, small_picture
from episodic.series.series import Series
from episodic.sound.mix.loudness import TARGET_LUFS, integrated_loudness
from episodic.storage.files import digest, write_atomically
from memory.model.facts import FactValue, StoryPosition
from memory.store import MemoryStore
from planners.plan.model import EXPLANATION, NARRATOR, Scene

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
    """Write the delivery record of an episode, even if only some of its shots have been made."""
    record = record_of(series, ready, memory)
    write_delivery(series.episode_folder(ready.number) / DELIVERY_FILE, record)
    return record


def publish_report(series: Series, ready: Prepared, memory: MemoryStore, record: EpisodeDelivery) -> bool:
    """Write the report of a finished episode unless it is up to date. Returns whether it was written.

    The same episode, memory and version give the same bytes: the report holds no times and no paths.
    """
    path = series.episode_folder(ready.number) / REPORT_FILE
    conflicts = _conflicts(series, ready, memory)
    key = _report_key(series, ready, memory, record, conflicts)
    if _is_current(path, key):
        return False
    shots = [shot.id for scene in ready.plan.scenes for shot in scene.shots]
    surveys = read_surveys(ready.graph, series.artifacts, shots)
    page = _build_page(series, ready, memory, record, surveys, conflicts)
    shown = chosen_pictures(surveys, [[shot.id for shot in scene.shots] for scene in page.scenes])
    pictures = {shot: small_picture(picture) for shot in shown if (picture := surveys[shot].picture) is not None}
    write_atomically(path, render_page(_with_pictures(dataclasses.replace(page, key=key), pictures)).encode())
    return True


def _report_key(
    series: Series, ready: Prepared, memory: MemoryStore, record: EpisodeDelivery, conflicts: Sequence[ConflictRow]
) -> str:
    """Hash everything the page is made from. The scenes' keys in memory stand for their vectors."""
    return digest(
        [
            REPORT_VERSION,
            series.settings.model_dump(mode="json"),
            ready.plan.model_dump(mode="json", exclude={"scenes": {"__all__": EXPLANATION}}),
            ready.graph.keys,
            record.to_json(),
            [dataclasses.asdict(conflict) for conflict in conflicts],
            {str(at): scene for at, scene in scenes_compared(ready, memory, series.branch).items()},
        ]
    )


def _conflicts(series: Series, ready: Prepared, memory: MemoryStore) -> tuple[ConflictRow, ...]:
    first, last = StoryPosition(ready.number, 0), StoryPosition(ready.number, len(ready.plan.scenes))
    return tuple(
        ConflictRow(
            what=f"{conflict.entity}.{conflict.attribute}",
            position=str(conflict.position),
            holds=_value_text(conflict.holds),
            holds_origin=str(conflict.holds_origin),
            overruled=_value_text(conflict.overruled),
            overruled_origin=str(conflict.overruled_origin),
        )
        for conflict in memory.conflicts(series.branch, first, last)
    )


def _is_current(path: Path, key: str) -> bool:
    """Whether the report at `path` has this key in its head."""
    try:
        with path.open("rb") as file:
            return f'content="{key}"'.encode() in file.read(_HEAD_BYTES)
    except OSError:
        return False


def _with_pictures(page: Page, pictures: Mapping[str, str]) -> Page:
    """Put the key frames, `data:` URLs by shot id, into a page."""
    scenes = tuple(
        dataclasses.replace(
            scene, shots=tuple(dataclasses.replace(shot, picture=pictures.get(shot.id, "")) for shot in scene.shots)
        )
        for scene in page.scenes
    )
    return dataclasses.replace(page, scenes=scenes)


def _build_page(
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
    take_notes = _take_notes(series, ready)
    judged = tuple(row for shot, notes in take_notes if (row := judged_shot(shot, notes)) is not None)
    consistency = consistency_of(ready, memory, surveys, series.branch, selected=bool(judged))
    rows = tuple(_scene_row(scene, ready, record, timeline, _loudness([energies[scene.id]])) for scene in plan.scenes)
    return Page(
        key="",
        series=settings.title,
        episode=ready.number,
        title=plan.title,
        prompt=plan.prompt[:2000],
        settings=(plan.look.style, f"shot on {ready.backbone}", f"{settings.size} at {settings.fps} fps", f"seed {plan.seed}"),
        seconds=timeline.seconds(timeline.frames),
        scenes=rows,
        figures=consistency.figures,
        plots=consistency.plots,
        conflicts=conflicts,
        sound=_sound_figures(list(energies.values())),
        notes=consistency.notes,
        judged=judged,
        sampled=tuple(sampled for shot, notes in take_notes if (sampled := sampled_shot(shot, notes)) is not None),
    )


def _take_notes(series: Series, ready: Prepared) -> list[tuple[str, Mapping[str, FactValue]]]:
    """The notes of the take of every shot, by shot id."""
    shots = [shot.id for scene in ready.plan.scenes for shot in scene.shots]
    paths = {shot: series.artifacts.folder(ready.graph.keys[f"shoot:{shot}"]) / TAKE_FILE for shot in shots}
    return [(shot, read_take_head(path).values("notes")) for shot, path in paths.items()]


def _value_text(value: FactValue) -> str:
    """A value for people: text as it is, others as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _timeline(series: Series, ready: Prepared) -> Timeline:
    """The position of every shot in the film, from the lengths of the takes."""
    fps = series.settings.fps
    scenes = []
    for number, scene in enumerate(ready.plan.scenes, 1):
        shots = []
        for shot in scene.shots:
            path = series.artifacts.folder(ready.graph.keys[f"shoot:{shot.id}"]) / TAKE_FILE
            frames = read_take_head(path).object("request").integer("frames")
            shots.append(
                Segment(id=shot.id, path=path, frames=frames, transition=shot.transition, transition_frames=dissolve_frames(fps))
            )
        scenes.append(SceneCut(id=scene.id, title=scene.title or f"Scene {number}", shots=tuple(shots)))
    return lay_out(scenes, fps, closing_fade=round(CLOSING_FADE_S * fps))


def _scene_row(scene: Scene, ready: Prepared, record: EpisodeDelivery, timeline: Timeline, lufs: float | None) -> SceneRow:
    cast = ready.cast
    deliveries = {shot.shot: shot.deliveries for shot in record.shots}
    title = next(cut.title for cut in timeline.scenes if cut.id == scene.id)

    def speaker_name(speaker: str) -> str:
        return "Narrator" if speaker == NARRATOR else cast.characters[speaker].name

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
                lines=tuple(
                    LineRow(speaker=speaker_name(line.speaker), emotion=line.emotion, text=line.text) for line in shot.lines
                ),
                deliveries=deliveries[shot.id],
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
    """Loudness in LUFS to a tenth; None for silence."""
    lufs = integrated_loudness(np.array(scene) for scene in energies)
    return None if lufs == float("-inf") else round(lufs, 1)


def _sound_figures(energies: list[list[float]]) -> tuple[Figure, ...]:
    mixed = _loudness(energies)
    if mixed is None:
        return (Figure(name="Loudness", value="silent", note="this episode has no sound"),)
    gain = min(TARGET_LUFS - mixed, MOST_GAIN_DB)
    return (
        Figure(
            name="The film",
            value=f"{mixed + gain:.1f} LUFS",
            note=f"goal {TARGET_LUFS:.0f} LUFS",
            state="good" if abs(mixed + gain - TARGET_LUFS) <= 1 else "poor",
        ),
        Figure(name="As mixed", value=f"{mixed:.1f} LUFS", note=f"adjusted by {gain:+.1f} dB in the film"),
    )
