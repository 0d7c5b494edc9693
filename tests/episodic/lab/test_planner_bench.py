"""The benchmark of planners: prompts, matching by words, the outside checker, odd prompts, rows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.bench.planner_tables import print_planner, print_planner_json
from episodic.errors import InputError
from episodic.lab.planner_bench.annotation_match import match_prompt
from episodic.lab.planner_bench.film_plans import BenchPlanner, FilmPlan, plan_film, plan_films
from episodic.lab.planner_bench.fresh_process import plan_in_fresh_process
from episodic.lab.planner_bench.measures import content_measures, failure_measure, reuse_measures
from episodic.lab.planner_bench.odd_prompts import odd_prompts
from episodic.lab.planner_bench.planner_bench import BenchSize, run_planner_bench
from episodic.lab.planner_bench.planner_report import Measure, PlannerReport, PlannerRow, count_of, mean_of, ratio_of
from episodic.lab.planner_bench.prompt_files import AnnotatedPrompt, plain_prompts, read_suite
from episodic.lab.planner_bench.series_measures import series_measures
from episodic.lab.planner_bench.story_checker import check_stories
from planners.planner_registry import PLANNERS
from tests.planners.plan_checks.small_plans import scene, small_plan

SUITE = """
format: prompt-suite@1
prompts:
  - id: bell
    prompt: Olga steals a church bell from a museum.
    minutes: 0.2
    cast: [{id: olga, words: [olga], kind: human}]
    things: [{id: bell, words: [bell]}]
    events: [{id: e1, who: olga, verbs: [steal, take], what: bell}, {id: e2, who: any, verbs: [run], what: null, explicit: false}]
  - {id: katze, prompt: Eine Katze stiehlt einen Fisch., may_decline: true, form: other}
"""
CHECKER = """
import json, pathlib, sys
plans = sorted(path.stem for path in pathlib.Path(sys.argv[3]).iterdir())
row = {"form": "story", "fidelity": 1.0, "story": 0.5, "parts": {"cast": 1.0}, "explicit": 1.0, "implied": None, "more": 3}
print(json.dumps({"prompts": [row | {"id": plan} for plan in plans]}))
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    path = tmp_path / "suite.yaml"
    path.write_text(SUITE, "utf-8")
    return path


def prompt(**parts: object) -> AnnotatedPrompt:
    whole: dict[str, object] = {
        "id": "bell",
        "prompt": "Olga steals a church bell from Tom, and Tom cries.",
        "cast": [{"id": "o", "words": ["olga"], "kind": "human"}, {"id": "t", "words": "guard", "kind": "animal"}],
        "things": [{"id": "b", "words": ["church bell"]}],
        "places": [{"id": "m", "words": ["museum"]}, {"id": "n", "time": ["night"]}],
        "events": [
            {"id": "e1", "who": "o", "verbs": ["steal"], "what": "b"},
            {"id": "e2", "who": ["t"], "verbs": ["cry"], "what": None},
        ],
    }
    return AnnotatedPrompt.model_validate(whole | parts)


def test_the_shipped_prompts_are_many_and_all_different() -> None:
    annotated, plain = read_suite(), plain_prompts()
    assert len(annotated) >= 40
    assert len({entry.id for entry in annotated}) == len(annotated)
    assert len(plain) >= 250
    assert len({text.lower() for text in (*plain, *(entry.prompt for entry in annotated))}) == len(plain) + len(annotated)


@pytest.mark.parametrize("entry", read_suite(), ids=lambda entry: entry.id)
def test_events_of_the_shipped_suite_name_what_is_annotated(entry: AnnotatedPrompt) -> None:
    known = {item.id for item in (*entry.cast, *entry.things, *entry.places)}
    for event in entry.events:
        assert set(event.what) <= known
        assert set(event.who) <= known | {"any"}
        assert event.verbs


@pytest.mark.parametrize(
    "text", ["", "prompts: []", "format: prompt-suite@1\nprompts: [{id: a}]", "format: [", "format: prompt-suite@2\nprompts: []"]
)
def test_a_file_that_is_no_suite_is_refused_with_its_name(text: str, tmp_path: Path) -> None:
    path = tmp_path / "suite.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=r"suite\.yaml"):
        read_suite(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_suite(tmp_path / "none.yaml")


def test_a_match_needs_the_right_performer_object_and_order() -> None:
    right = small_plan(scene({"action": {"olga": "steals the church bell"}}, {"action": {"tom": "cries"}}, time="night"))
    match = match_prompt(prompt(), right)
    assert (match.things, match.places, match.explicit, match.order) == (1.0, 1.0, 1.0, 1.0)
    assert match.cast == 0.75  # the guard is a human, not an animal
    assert match.implied is None
    other = small_plan(
        scene(
            {"action": {"tom": "cries"}}, {"action": {"olga": "steals the lamp"}}, {"action": {"tom": "steals the church bell"}}
        )
    )
    assert match_prompt(prompt(), other).explicit == 0.5
    late = small_plan(scene({"action": {"tom": "cries"}}, {"action": {"olga": "steals the church bell"}}))
    assert match_prompt(prompt(), late).order == 0.0


def test_an_action_counts_for_one_event_and_an_attempt_for_none() -> None:
    events = [{"id": "a", "who": "any", "verbs": ["take", "steal"]}, {"id": "b", "who": "any", "verbs": ["steal"]}]
    once = small_plan(scene({"action": {"olga": "steals the bell"}}))
    assert match_prompt(prompt(events=events), once).explicit == 0.5
    tries = small_plan(scene({"action": {"olga": "tries to steal the bell"}}))
    assert match_prompt(prompt(events=events), tries).explicit == 0.0


def test_the_checker_is_asked_about_the_plans_that_there_are(suite: Path, tmp_path: Path) -> None:
    checker = tmp_path / "checker.py"
    checker.write_text(CHECKER, "utf-8")
    [verdict] = check_stories(checker, suite, {"bell": small_plan(scene({"action": {"olga": "waits"}}))})
    assert (verdict.id, verdict.story, verdict.parts, verdict.implied) == ("bell", 0.5, {"cast": 1.0}, None)


@pytest.mark.parametrize("script", ["raise SystemExit('no suite')", "print('{}')"])
def test_a_checker_that_fails_is_an_input_error(script: str, suite: Path, tmp_path: Path) -> None:
    checker = tmp_path / "checker.py"
    checker.write_text(script, "utf-8")
    with pytest.raises(InputError, match="--checker"):
        check_stories(checker, suite, {})


def test_odd_prompts_are_the_same_every_time_and_as_many_as_asked_for() -> None:
    first = list(odd_prompts(plain_prompts()[:20], 120, seed=3))
    assert first == list(odd_prompts(plain_prompts()[:20], 120, seed=3))
    assert len(first) == 120
    assert len(set(first)) > 100
    assert len(list(odd_prompts(plain_prompts()[:20], 5))) == 5


def test_a_refusal_is_no_failure_and_an_exception_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert plan_film("null", "Eine Katze stiehlt einen Fisch aus der Küche.").refusal is not None

    def broken(*_: object, **__: object) -> None:
        raise KeyError("cat")

    monkeypatch.setattr("episodic.lab.planner_bench.film_plans.direct", broken)
    films = plan_films("null", ["A cat steals a fish.", "Eine Katze stiehlt einen Fisch aus der Küche."])
    assert [film.failure for film in films] == ["KeyError: 'cat'", None]
    assert failure_measure(films) == Measure(value=1.0, n=2, examples=("A cat steals a fish.: KeyError: 'cat'",))


def test_measures_count_faults_over_films() -> None:
    spoken = small_plan(scene({"action": {"olga": "holds"}, "lines": [{"olga": "There is four marks."}]}))
    films = [FilmPlan(prompt=text, minutes=1.0, seed=1, plan=spoken) for text in ("Olga waits in a museum.", "Tom hides a bell.")]
    content = content_measures(films)
    grammar, lines = content["grammar"], content["lines"]
    assert grammar is not None
    assert grammar.value == 2
    assert grammar.n == 2
    assert lines is not None
    assert lines.value == 1
    reuse = reuse_measures(films)["reuse"]
    assert reuse is not None
    assert (reuse.value, reuse.n, reuse.examples) == (1.0, 2, ("2 films: there is four marks",))


def test_means_shares_and_counts() -> None:
    mean = mean_of([0.0, 1.0, 1.0, 1.0])
    assert mean is not None
    assert mean.interval is not None
    assert mean.interval[0] < mean.value == 0.75 < mean.interval[1]
    share = ratio_of([(1, 4), (0, 0)])
    assert share is not None
    assert (share.value, share.n) == (0.25, 4)
    assert mean_of([]) is ratio_of([(0, 0)]) is None
    assert count_of(["a", "a", "b"], 9) == Measure(value=3.0, n=9, examples=("a", "b"))


@pytest.mark.parametrize(
    ("better", "value", "met"), [("high", 0.9, True), ("high", 0.7, False), ("low", 0.9, False), ("low", 0.8, True)]
)
def test_a_goal_is_a_least_or_a_most(better: str, value: float, met: bool) -> None:
    row = PlannerRow(what="x", goal=0.8, better="high" if better == "high" else "low", measure=Measure(value=value, n=1))
    assert row.met is met


def run(planner: BenchPlanner, suite: Path) -> PlannerReport:
    size = BenchSize(plain=3, compared=2, seeds=1, lengths=1, runs=0, fuzz=10)
    return run_planner_bench(planner, suite=suite, size=size)


def test_the_report_has_every_row_with_baselines_or_a_reason(suite: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = run("null", suite)
    rows = {row.what: row for row in report.rows}
    assert all(row.measure is not None or row.note for row in report.rows)
    enacted = next(row for what, row in rows.items() if what.startswith("events that the prompt states"))
    assert enacted.measure is not None
    assert enacted.measure.value == 1.0
    assert set(enacted.baselines) == set(PLANNERS)
    print_planner_json(report)
    written = json.loads(capsys.readouterr().out)
    assert written["format"] == "episodic/bench-planner@1"
    assert len(written["rows"]) == len(report.rows)
    print_planner(report, examples=1)
    table = capsys.readouterr().out
    assert "story" in table
    assert "judged by people" in table


def test_a_fresh_process_says_what_it_took_and_whether_there_is_a_plan() -> None:
    refused = plan_in_fresh_process("null", "Eine Katze stiehlt einen Fisch aus der Küche.", 0.2)
    assert not refused.ok
    assert refused.cpu_s > 0
    assert 10 < refused.peak_mb < 4000


def test_a_series_is_measured_episode_by_episode(tmp_path: Path) -> None:
    path = tmp_path / "series.txt"
    path.write_text(
        "A fox steals a bell from a farmer.\nThe farmer forgives the fox.\n\nA fox steals a bell from a farmer.\n", "utf-8"
    )

    measures = series_measures("story", path)

    events, recalled, failures = measures["series_events"], measures["series_recalled"], measures["series_failures"]
    assert events is not None
    assert (events.value, events.n) == (1.0, 3)
    assert recalled is not None
    assert recalled.n == 1
    assert failures is not None
    assert failures.value == 0
