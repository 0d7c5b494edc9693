import os

import pytest

from episodic.storage.artifacts import TRANSIENT, LocalArtifacts
from episodic.storage.files import digest

TASK = {"id": "t", "kind": "speech", "version": "1"}


def test_an_artifact_appears_only_when_it_is_whole(tmp_path):
    store = LocalArtifacts(tmp_path)
    key = digest("one")

    def fail_half_way():
        with store.making(key, TASK) as (folder, _):
            (folder / "half.bin").write_bytes(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert not store.has(key)
    assert list(tmp_path.glob("??/*")) == []
    with store.making(key, TASK) as (folder, times):
        (folder / "whole.bin").write_bytes(b"whole")
        times["seconds"] = 1.5
    assert store.has(key)
    assert store.seconds(key) == 1.5


@pytest.mark.parametrize("damage", ["remove", "truncate", "manifest"])
def test_a_damaged_artifact_counts_as_not_made_and_can_be_made_again(tmp_path, damage):
    store = LocalArtifacts(tmp_path)
    key = digest("one")

    def make():
        with store.making(key, TASK) as (folder, _):
            (folder / "film.bin").write_bytes(b"film")

    make()
    target = store.folder(key) / "film.bin"
    if damage == "remove":
        target.unlink()
    elif damage == "truncate":
        os.truncate(target, 1)
    else:
        (store.folder(key) / "artifact.json").write_text("{")
    assert not store.has(key)
    make()
    assert store.has(key)


def test_sweeping_removes_what_a_killed_run_left(tmp_path):
    store = LocalArtifacts(tmp_path)
    left_over = store.folder(digest("x")).with_name(".half.999999999")
    left_over.mkdir(parents=True)
    store.sweep()
    assert not left_over.exists()


def test_an_artifact_is_removed_whole_and_what_is_not_there_is_no_error(tmp_path):
    store = LocalArtifacts(tmp_path)
    key = f"{TRANSIENT}{digest('x')}"
    with store.making(key, TASK) as (folder, _):
        (folder / "frames.bin").write_bytes(b"frames")
    store.remove(key)
    store.remove(key)
    assert not store.has(key)
    assert not list(store.folder(key).parent.iterdir())


def test_sweeping_removes_transient_artifacts_that_nobody_came_back_for(tmp_path):
    store = LocalArtifacts(tmp_path)
    keys = [f"{TRANSIENT}{digest(name)}" for name in ("abandoned", "fresh")] + [digest("kept")]
    for key in keys:
        with store.making(key, TASK) as (folder, _):
            (folder / "frames.bin").write_bytes(b"frames")
    for key in (keys[0], keys[2]):
        os.utime(store.folder(key), (0, 0))
    store.sweep()
    assert [store.has(key) for key in keys] == [False, True, True]
