from episodic.production.graph.estimate import estimate_wall_s, is_guess
from episodic.production.graph.ledger import Ledger, StaleTask
from tests.episodic.production.graph.small_steps import Draft, Film, Line, task


def stale(name, step, device=""):
    return StaleTask(task(name, step, device=device, length_s=4.0), "key", "not made yet")


def test_the_cost_of_a_video_model_is_a_guess_until_it_has_shot():
    ledger, tasks = Ledger(), [stale("draft:s01.1", Draft(), "wan"), stale("line:s01.1", Line())]
    assert is_guess(tasks, ledger)
    assert not is_guess(tasks[1:], ledger)
    guessed = estimate_wall_s(tasks, ledger, 2)
    ledger.note(tasks[0].task, "key", 500.0)
    assert not is_guess(tasks, ledger)
    assert estimate_wall_s(tasks, ledger, 2) > guessed + 250


def test_the_estimate_spreads_cpu_tasks_over_workers_and_adds_the_cut():
    lines = [stale(f"line:{number}", Line()) for number in range(8)]
    film = stale("film", Film())
    alone, shared = (estimate_wall_s([*lines, film], Ledger(), workers) for workers in (1, 4))
    assert alone - shared == 8 * 3.0 * 3 / 4
    assert estimate_wall_s([*lines, film], Ledger(), 1) - estimate_wall_s(lines, Ledger(), 1) == 1.0


def test_a_graph_without_stale_tasks_takes_no_time():
    assert estimate_wall_s([], Ledger(), 2) == 0.0
