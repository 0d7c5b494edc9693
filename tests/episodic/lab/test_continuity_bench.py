import json
from collections import Counter

import pytest

from cli.bench.figure_tables import print_continuity
from episodic.lab.continuity_bench.bench import (
    BETWEEN,
    CONDITIONS,
    KINDS,
    ContinuityReport,
    LightStep,
    positions_of,
    run_continuity_bench,
)
from episodic.lab.continuity_bench.series import synthetic_series
from episodic.quality.recurrence import Appearance, Recurrence, find_recurrences, summarise
from memory.model.facts import StoryPosition


def gaps_of(plans):
    shown = [
        Appearance(entity=who, position=at, kind="look", vector=(1.0,))
        for at, scene in zip(positions_of(plans), (scene for plan in plans for scene in plan.scenes), strict=True)
        for who in scene.people()
    ]
    return find_recurrences(shown, positions_of(plans))


def step(between, ambient, direction):
    return LightStep(between=between, position=StoryPosition(1, 2), ambient=ambient, direction_deg=direction)


def report(on=(), fixed_seed=(), off=(), light_on=()):
    return ContinuityReport(
        settings={"characters": 2},
        recurrences={"on": tuple(on), "fixed_seed": tuple(fixed_seed), "off": tuple(off)},
        ceilings={"look": summarise(on, 0, 0)} if on else {},
        light={"on": tuple(light_on), "fixed_seed": (), "off": ()},
        shots=dict.fromkeys(CONDITIONS, 3),
        doubted=0,
    )


def back(kind, correct):
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


def test_everybody_is_introduced_and_comes_back_after_gaps_of_every_class():
    plans = synthetic_series(24, 4, 12, 0)
    found = gaps_of(plans)
    assert len(set(plans[0].cast)) == 24
    assert {one.entity for one in found} == set(plans[0].cast)
    long = [one for one in found if one.gap_scenes >= 30 and one.gap_episodes >= 3]
    assert len(long) == 12
    assert {one.gap_scenes for one in found} >= {1, 2, 5, 10, 20, 36}


def test_a_long_absence_is_really_one():
    plans = synthetic_series(8, 4, 12, 0)
    back = next(one for one in gaps_of(plans) if one.gap_scenes >= 30)
    between = [plan for plan in plans[1:3] if back.entity in {who for scene in plan.scenes for who in scene.people()}]
    assert between == []


def test_places_come_back_at_the_same_time_of_day():
    times = {}
    for plan in synthetic_series(6, 3, 7, 1):
        for scene in plan.scenes:
            times.setdefault(scene.at, set()).add((scene.time, scene.weather))
    assert len(times) > 2
    assert all(len(one) == 1 for one in times.values())


def test_no_two_are_described_alike_and_lines_and_moods_change():
    plans = synthetic_series(60, 4, 12, 2)
    described = Counter(member.description for plan in plans for member in plan.cast.values())
    assert len(described) == len({who for plan in plans for who in plan.cast}) == 60
    lines = [
        line for plan in plans for scene in plan.scenes for shot in scene.shots for line in shot.lines if line.speaker == "otto"
    ]
    assert len({one.text for one in lines}) > 2
    assert len({one.emotion for one in lines}) > 2


def test_the_same_seed_gives_the_same_series_and_another_seed_another():
    assert synthetic_series(5, 2, 3, 1) == synthetic_series(5, 2, 3, 1) != synthetic_series(5, 2, 3, 2)


def test_a_series_in_which_nobody_can_come_back_is_refused():
    with pytest.raises(ValueError, match="1 characters"):
        synthetic_series(1, 4, 12, 0)
    with pytest.raises(ValueError, match="1 episodes of 1 scenes"):
        synthetic_series(4, 1, 1, 0)


def test_light_is_summed_up_by_what_it_lies_between():
    steps = [step("shots", 1.0, 2.0), step("shots", 3.0, 4.0), step("episodes", 9.0, 20.0)]
    light = report(light_on=steps).to_json()["light"]
    assert light["shots"]["on"]["ambient_mean"] == 2.0
    assert light["shots"]["on"]["direction_deg_worst"] == 4.0
    assert light["scenes"]["on"] == {"count": 0} | {
        f"{name}_{what}": None for name in ("ambient", "direction_deg") for what in ("mean", "p95", "worst")
    }
    assert light["episodes"]["off"]["count"] == 0


def test_a_report_is_json_and_plots(tmp_path):
    report(light_on=[step("shots", 1.0, 2.0)]).write(tmp_path / "new" / "folder")
    written = {path.name for path in (tmp_path / "new" / "folder").iterdir()}
    assert written == {
        "continuity.json", "light-ambient.svg", "light-direction.svg",
        *(f"{kind}-{what}.svg" for kind in KINDS for what in ("correctness", "similarity")),
    }  # fmt: skip
    assert json.loads((tmp_path / "new/folder/continuity.json").read_text())["format"] == "episodic/continuity@2"


def test_identity_has_its_judge_chance_ceiling_ablation_interval_and_ways():
    measured = report([back("look", True)] * 4, [back("look", True)] * 3 + [back("look", False)], [back("look", False)] * 4)
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


def test_motion_is_no_identity_figure_but_a_consistency_check():
    data = report([back("motion", True)]).to_json()
    assert set(data["identity"]) == {"look", "voice"}
    assert set(data["consistency_checks"]) == {"motion"}
    assert data["consistency_checks"]["motion"]["figure"]["judge"] == "stage-encoder"
    assert "consistency check" in report([back("motion", True)]).plots()["motion-correctness.svg"]


def test_the_tables_name_judges_and_say_what_their_figures_do_not_measure(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    print_continuity(report([back("look", True), back("motion", True)], [back("look", True)], [back("look", False)]))
    printed = capsys.readouterr().out
    assert "identified by look (judge: look-lda-1)" in printed
    assert "identified by motion (consistency check: stage-encoder)" in printed
    assert "recall of stored looks" in printed
    assert "part of its training loss" in printed
    assert (
        "1/1 = 100 % (21-100), 24 ways, chance 4 %; ceiling: 2/2 = 100 % (34-100); "
        "ablation: no memory, fixed seed: 1/1 = 100 % (21-100); no memory, new seed per scene: 0/1 = 0 % (0-79)"
    ) in printed


def test_a_small_series_is_made_under_every_condition_and_memory_keeps_who_is_who():
    found = run_continuity_bench(2, 2, 1, seed=3, processes=1)
    assert found.shots == dict.fromkeys(CONDITIONS, 8)
    for kind in KINDS:
        groups = [found.of(condition, kind) for condition in CONDITIONS]
        assert all(groups)
        assert len({len(group) for group in groups}) == 1
        assert all(one.gap_episodes == 1 for one in groups[0])
        assert found.ceilings[kind].count
    assert all(one.correct for one in found.of("on", "look"))
    likeness = {name: sum(one.similarity for one in found.of(name, "look")) / len(found.of(name, "look")) for name in CONDITIONS}
    assert likeness["on"] > likeness["off"]
    # what is a function of description and seed comes back without memory too
    assert likeness["fixed_seed"] == pytest.approx(likeness["on"], abs=0.02)
    assert found.light_of("on", "shots")
    assert not found.light_of("on", "scenes")
    assert {one.between for one in found.light["on"]} <= set(BETWEEN)
