from episodic.production.graph.estimate import estimate_wall_s, is_guess
from episodic.production.graph.graph import Task
from episodic.production.graph.ledger import Ledger, StaleTask


def stale(name, kind, device=""):
    return StaleTask(Task(id=name, kind=kind, version="1", inputs={}, length_s=4.0, device=device), "key", "not made yet")


def test_the_time_of_a_video_model_is_a_guess_until_it_has_shot():
    ledger, tasks = Ledger(), [stale("rushes:s01.1", "rushes", "wan"), stale("picture:s01.1", "picture")]
    assert is_guess(tasks, ledger)
    assert not is_guess(tasks[1:], ledger)
    guessed = estimate_wall_s(tasks, ledger, 2)
    ledger.note(tasks[0].task, "key", 500.0)
    assert not is_guess(tasks, ledger)
    assert estimate_wall_s(tasks, ledger, 2) > guessed + 250
