"""Keys and names of files that come from memory lead nowhere else."""

import pytest

from episodic.errors import InputError
from episodic.storage.artifacts import LocalArtifacts


@pytest.mark.parametrize("key", ["../../etc", "", "ab", "ab/cd", "a" * 200, "ab\0cd"])
def test_a_key_that_leads_elsewhere_is_refused(tmp_path, key):
    artifacts = LocalArtifacts(tmp_path)
    with pytest.raises(InputError, match="no artifact's key"):
        artifacts.folder(key)
    assert not artifacts.has(key)


@pytest.mark.parametrize("name", ["../secret.png", "/etc/passwd", "", "..", "a/b.png"])
def test_a_file_that_leads_elsewhere_is_refused(tmp_path, name):
    artifacts = LocalArtifacts(tmp_path)
    with pytest.raises(InputError, match="no artifact's file"):
        artifacts.file("abcdef", name)
    assert not artifacts.has_file("abcdef", name)


def test_a_file_that_is_there_is_found(tmp_path):
    (tmp_path / "ab" / "cdef").mkdir(parents=True)
    (tmp_path / "ab" / "cdef" / "one.png").write_bytes(b"x")
    assert LocalArtifacts(tmp_path).has_file("abcdef", "one.png")
