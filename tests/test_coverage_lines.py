"""The coverage table: lines are joined over processes and counted by package."""

from __future__ import annotations

from tests.coverage_lines import merged, package_of, share_rows


def test_a_line_that_one_process_executed_is_executed() -> None:
    first = {"memory/store.py": ([1, 2], [3, 4])}
    second = {"memory/store.py": ([3], [1, 2, 4]), "cli/main.py": ([1], [])}
    assert merged(first, second) == {"memory/store.py": ([1, 2, 3], [4]), "cli/main.py": ([1], [])}


def test_lines_are_counted_by_package_and_in_all() -> None:
    rows = share_rows(
        {"memory/store.py": ([1, 2, 3], [4]), "episodic/cut/video.py": ([1], [2]), "episodic/studio.py": ([], [1, 2])}
    )
    assert rows == [("episodic", 2, 0.0), ("episodic.cut", 2, 0.5), ("memory", 4, 0.75), ("all", 8, 0.5)]


def test_nothing_measured_has_no_rows() -> None:
    assert share_rows({}) == []


def test_folders_of_episodic_are_packages_of_their_own() -> None:
    assert package_of("episodic/cut/video.py") == "episodic.cut"
    assert package_of("episodic/studio.py") == "episodic"
    assert package_of("planners/plan/model.py") == "planners"
