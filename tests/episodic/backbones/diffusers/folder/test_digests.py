import hashlib
import json
import os

import pytest

from episodic.backbones.diffusers.folder.digests import digest_of, digests_file, fingerprint
from episodic.progress import ReadProgress, report_reads_to

LARGE = (16 << 20) + 5
FALSE = "0" * 64


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "episodic" / "digests.json"


@pytest.fixture
def weights(tmp_path):
    file = tmp_path / "weights.safetensors"
    with file.open("wb") as stream:
        stream.truncate(LARGE)
    return file


def overwrite(file, place, content):
    with file.open("r+b") as stream:
        stream.seek(place)
        stream.write(content)


def plant(cache, digest):
    """Replace all digests in the cache."""
    known = json.loads(cache.read_bytes())
    cache.write_text(json.dumps({place: [stamp, digest] for place, (stamp, _) in known.items()}), "utf-8")


def test_a_digest_is_that_of_the_whole_file(weights):
    before = digest_of(weights)
    assert before == hashlib.sha256(weights.read_bytes()).hexdigest()
    for place in (0, 5 << 20, LARGE - 1):
        overwrite(weights, place, b"!")
        after = digest_of(weights)
        assert after == hashlib.sha256(weights.read_bytes()).hexdigest() != before
        before = after


def test_large_files_are_read_once(weights, cache):
    digest_of(weights)
    assert cache == digests_file()
    plant(cache, FALSE)
    assert digest_of(weights) == FALSE


def test_a_file_changed_in_place_is_read_again_although_its_time_is_set_back(weights, cache):
    status = weights.stat()
    digest_of(weights)
    plant(cache, FALSE)
    overwrite(weights, 5 << 20, b"!")
    os.utime(weights, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert digest_of(weights) == hashlib.sha256(weights.read_bytes()).hexdigest()


def test_small_files_leave_nothing_behind(tmp_path, cache):
    small = tmp_path / "config.json"
    small.write_text("{}", "utf-8")
    assert digest_of(small) == hashlib.sha256(b"{}").hexdigest()
    assert not cache.exists()


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}', '{"a": [[1, "x"], 2]}', "[" * 100_000])
def test_a_damaged_cache_is_only_slower(weights, cache, content):
    cache.parent.mkdir(parents=True)
    cache.write_text(content, "utf-8")
    expected = hashlib.sha256(weights.read_bytes()).hexdigest()
    assert digest_of(weights) == expected
    plant(cache, FALSE)
    assert digest_of(weights) == FALSE


def test_a_cache_that_cannot_be_written_is_only_slower(weights, tmp_path):
    (tmp_path / "cache").write_text("a file, not a folder", "utf-8")
    assert digest_of(weights) == digest_of(weights) == hashlib.sha256(weights.read_bytes()).hexdigest()


def test_blobs_that_the_hubs_cache_names_by_their_digest_are_not_read(tmp_path):
    store = tmp_path / "models--owner--name"
    snapshot = store / "snapshots" / ("0" * 40)
    (store / "blobs").mkdir(parents=True)
    snapshot.mkdir(parents=True)
    prints = []
    for digest in (FALSE, "1" * 64):
        (store / "blobs" / digest).write_bytes(b"the same")
        link = snapshot / "model.safetensors"
        link.unlink(missing_ok=True)
        link.symlink_to(store / "blobs" / digest)
        prints.append(fingerprint(snapshot, [link]))
    assert prints[0] != prints[1]


def test_outside_the_hubs_cache_a_name_is_no_digest(tmp_path):
    (tmp_path / "blobs").mkdir()
    file = tmp_path / "blobs" / FALSE
    prints = []
    for content in (b"one", b"two"):
        file.write_bytes(content)
        prints.append(fingerprint(tmp_path, [file]))
    assert prints[0] != prints[1]


def test_progress_counts_only_files_that_are_read(weights, tmp_path):
    small = tmp_path / "config.json"
    small.write_text("{}", "utf-8")
    heard: list[ReadProgress] = []
    with report_reads_to(heard.append):
        first = fingerprint(tmp_path, [small, "a text", weights])
        assert fingerprint(tmp_path, [small, "a text", weights]) == first
    assert [(reading.bytes, reading.total_bytes) for reading in heard] == [(8 << 20, LARGE), (16 << 20, LARGE), (LARGE, LARGE)]
    assert {reading.root for reading in heard} == {tmp_path}
    assert len(first) == 16


def test_reporting_progress_does_not_change_the_fingerprint(weights, tmp_path, cache):
    with report_reads_to(lambda _: None):
        heard = fingerprint(tmp_path, [weights])
    cache.unlink()
    assert fingerprint(tmp_path, [weights]) == heard != fingerprint(tmp_path, [weights, "more"])
