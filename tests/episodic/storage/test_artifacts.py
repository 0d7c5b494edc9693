import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodic.storage.artifacts import TRANSIENT, LocalArtifacts, canonical, digest, write_atomically

TASK = {"id": "t", "kind": "speech", "version": "1"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_canonical_json_survives_a_round_trip_and_key_order(value):
    again = json.loads(canonical(value))
    assert canonical(again) == canonical(value)
    if isinstance(value, dict):
        assert digest(dict(reversed(list(value.items())))) == digest(value)


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
    keys = [f"{TRANSIENT}{digest(one)}" for one in ("abandoned", "fresh")] + [digest("kept")]
    for key in keys:
        with store.making(key, TASK) as (folder, _):
            (folder / "frames.bin").write_bytes(b"frames")
    for key in (keys[0], keys[2]):
        os.utime(store.folder(key), (0, 0))
    store.sweep()
    assert [store.has(key) for key in keys] == [False, True, True]


def test_writing_atomically_keeps_the_old_file_when_it_fails(tmp_path):
    path = tmp_path / "plan.yaml"
    write_atomically(path, b"old")
    with pytest.raises(FileNotFoundError):
        write_atomically(path, tmp_path / "missing")
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["plan.yaml"]
