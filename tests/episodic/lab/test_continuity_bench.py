import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from cli.bench.figure_tables import print_continuity
from episodic.lab.continuity_bench.bench import positions_of, run_continuity_bench
from episodic.lab.continuity_bench.continuity_report import CONDITIONS, ContinuityReport
from episodic.lab.continuity_bench.measurements import LIGHT_GAPS, MEASURED_KINDS, LightChange, LightGap
from episodic.lab.continuity_bench.series import SeriesWords, synthetic_series
from episodic.quality.recurrence import Appearance, Recurrence, find_recurrences, summarise
from memory.model.facts import StoryPosition
from memory.model.records import EmbeddingKind
from planners.data_file import read_data_file
from planners.plan.model import EpisodePlan
from planners.plan.vocabulary import TimeOfDay, Weather


def recurrences_in(plans: Sequence[EpisodePlan]) -> tuple[Recurrence, ...]:
    appearances = [
        Appearance(entity=entity, position=position, kind="look", vector=(1.0,))
        for position, scene in zip(positions_of(plans), (scene for plan in plans for scene in plan.scenes), strict=True)
        for entity in scene.people()
    ]
    return find_recurrences(appearances, positions_of(plans))


def light_change(gap: LightGap, ambient: float, direction: float) -> LightChange:
    return LightChange(gap=gap, position=StoryPosition(1, 2), ambient=ambient, direction_deg=direction)


def report(
    on: Sequence[Recurrence] = (),
    fixed_seed: Sequence[Recurrence] = (),
    off: Sequence[Recurrence] = (),
    light_on: Sequence[LightChange] = (),
) -> ContinuityReport:
    return ContinuityReport(
        settings={"characters": 2},
        recurrences={"on": tuple(on), "fixed_seed": tuple(fixed_seed), "off": tuple(off)},
        ceilings={"look": summarise(on, 0, 0)} if on else {},
        light={"on": tuple(light_on), "fixed_seed": (), "off": ()},
        shots=dict.fromkeys(CONDITIONS, 3),
        unverified=0,
    )


def return_of_mara(kind: EmbeddingKind, correct: bool) -> Recurrence:
    return Recurrence(
        entity="mara",
        kind=kind,
        position=StoryPosition(4, 1),
        gap_scenes=36,
        gap_episodes=3,
        similarity=0.5,
        nearest="mara" if correct else "otto",
        known=24,
    )


def test_every_character_is_introduced_and_recurs_after_gaps_of_every_class() -> None:
    plans = synthetic_series(24, 4, 12, 0)
    recurrences = recurrences_in(plans)
    assert len(set(plans[0].cast)) == 24
    assert {recurrence.entity for recurrence in recurrences} == set(plans[0].cast)
    long = [recurrence for recurrence in recurrences if recurrence.gap_scenes >= 30 and recurrence.gap_episodes >= 3]
    assert len(long) == 12
    assert {recurrence.gap_scenes for recurrence in recurrences} >= {1, 2, 5, 10, 20, 36}


def test_a_character_with_a_long_gap_is_absent_from_the_episodes_between() -> None:
    plans = synthetic_series(8, 4, 12, 0)
    recurrence = next(recurrence for recurrence in recurrences_in(plans) if recurrence.gap_scenes >= 30)
    between = [plan for plan in plans[1:3] if recurrence.entity in {entity for scene in plan.scenes for entity in scene.people()}]
    assert between == []


def test_a_place_recurs_at_the_same_time_of_day() -> None:
    skies: dict[str, set[tuple[TimeOfDay | None, Weather | None]]] = {}
    for plan in synthetic_series(6, 3, 7, 1):
        for scene in plan.scenes:
            skies.setdefault(scene.at, set()).add((scene.time, scene.weather))
    assert len(skies) > 2
    assert all(len(skies_of_place) == 1 for skies_of_place in skies.values())


def test_no_two_descriptions_are_the_same_and_lines_and_emotions_change() -> None:
    plans = synthetic_series(60, 4, 12, 2)
    descriptions = Counter(member.description for plan in plans for member in plan.cast.values())
    assert len(descriptions) == len({entity for plan in plans for entity in plan.cast}) == 60
    lines = [
        line for plan in plans for scene in plan.scenes for shot in scene.shots for line in shot.lines if line.speaker == "otto"
    ]
    assert len({line.text for line in lines}) > 2
    assert len({line.emotion for line in lines}) > 2


def test_the_words_of_the_series_are_checked_when_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "words.yaml"
    path.write_text("names: Mara Otto\nages: [young]\n", "utf-8")
    with pytest.raises(ValueError, match=f"{re.escape(str(path))}: jobs: Field required"):
        read_data_file(path, SeriesWords)


def test_the_same_seed_gives_the_same_series_and_another_seed_another_series() -> None:
    assert synthetic_series(5, 2, 3, 1) == synthetic_series(5, 2, 3, 1) != synthetic_series(5, 2, 3, 2)


def test_a_series_without_a_possible_recurrence_is_rejected() -> None:
    with pytest.raises(ValueError, match="1 characters"):
        synthetic_series(1, 4, 12, 0)
    with pytest.raises(ValueError, match="1 episodes of 1 scenes"):
        synthetic_series(4, 1, 1, 0)


def test_light_is_summed_up_by_gap() -> None:
    changes = [light_change("shots", 1.0, 2.0), light_change("shots", 3.0, 4.0), light_change("episodes", 9.0, 20.0)]
    light = report(light_on=changes).to_json()["light"]
    assert light["shots"]["on"]["ambient_mean"] == 2.0
    assert light["shots"]["on"]["direction_deg_worst"] == 4.0
    assert light["scenes"]["on"] == {"count": 0} | {
        f"{measure}_{statistic}": None for measure in ("ambient", "direction_deg") for statistic in ("mean", "p95", "worst")
    }
    assert light["episodes"]["off"]["count"] == 0


def test_a_report_is_written_as_json_and_plots(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    report(light_on=[light_change("shots", 1.0, 2.0)]).write(folder)
    plots = {"light-ambient.svg", "light-direction.svg"} | {
        f"{kind}-{measure}.svg" for kind in MEASURED_KINDS for measure in ("correctness", "similarity")
    }
    assert {path.name for path in folder.iterdir()} == {"continuity.json"} | plots
    assert json.loads((folder / "continuity.json").read_text())["format"] == "episodic/continuity@2"


def test_an_identity_figure_states_judge_chance_ceiling_ablation_interval_and_ways() -> None:
    measured = report(
        [return_of_mara("look", True)] * 4,
        [return_of_mara("look", True)] * 3 + [return_of_mara("look", False)],
        [return_of_mara("look", False)] * 4,
    )
    figure = measured.to_json()["identity"]["look"]["figure"]
    assert figure["judge"] == "look-lda-1"
    assert figure["kind"] == "judge"
    assert figure["share"]["correctness"] == 1
    assert figure["share"]["correctness_low"] == pytest.approx(0.51, abs=0.01)
    assert figure["share"]["chance"] == pytest.approx(1 / 24, abs=1e-4)
    assert figure["share"]["most_ways"] == 24
    assert figure["ceiling"]["count"] == 4
    assert measured.to_json()["identity"]["look"]["any_gap"]["share"]["count"] == 4
    assert {name: share["correct"] for name, share in figure["ablation"].items()} == {
        "no memory, fixed seed": 3,
        "no memory, new seed per scene": 0,
    }


def test_motion_is_a_consistency_check_and_no_identity_figure() -> None:
    data = report([return_of_mara("motion", True)]).to_json()
    assert set(data["identity"]) == {"look", "voice"}
    assert set(data["consistency_checks"]) == {"motion"}
    assert data["consistency_checks"]["motion"]["figure"]["judge"] == "stage-encoder"
    assert "consistency check" in report([return_of_mara("motion", True)]).plots()["motion-correctness.svg"]


def test_the_tables_name_judges_and_state_what_their_figures_do_not_measure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    print_continuity(
        report(
            [return_of_mara("look", True), return_of_mara("motion", True)],
            [return_of_mara("look", True)],
            [return_of_mara("look", False)],
        )
    )
    printed = capsys.readouterr().out
    assert "identified by look (judge: look-lda-1)" in printed
    assert "identified by motion (consistency check: stage-encoder)" in printed
    assert "recall of stored looks" in printed
    assert "part of its training loss" in printed
    assert (
        "1/1 = 100 % (21-100), 24 ways, chance 4 %; ceiling: 2/2 = 100 % (34-100); "
        "ablation: no memory, fixed seed: 1/1 = 100 % (21-100); no memory, new seed per scene: 0/1 = 0 % (0-79)"
    ) in printed


def test_characters_of_a_small_series_are_recognised_with_memory() -> None:
    bench = run_continuity_bench(2, 2, 1, seed=3, processes=1)
    assert bench.shots == dict.fromkeys(CONDITIONS, 8)
    for kind in MEASURED_KINDS:
        groups = [bench.of(condition, kind) for condition in CONDITIONS]
        assert all(groups)
        assert len({len(group) for group in groups}) == 1
        assert all(recurrence.gap_episodes == 1 for recurrence in groups[0])
        assert bench.ceilings[kind].count
    assert all(recurrence.correct for recurrence in bench.of("on", "look"))
    looks = {condition: bench.of(condition, "look") for condition in CONDITIONS}
    with_memory, fixed_seed, new_seeds = (
        sum(recurrence.similarity for recurrence in recurrences) / len(recurrences) for recurrences in looks.values()
    )
    assert with_memory > new_seeds
    # what depends only on description and seed recurs without memory too
    assert fixed_seed == pytest.approx(with_memory, abs=0.02)
    assert bench.light_of("on", "shots")
    assert not bench.light_of("on", "scenes")
    assert {change.gap for change in bench.light["on"]} <= set(LIGHT_GAPS)
