import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from episodic.storage.files import canonical, digest, write_atomically

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


def test_writing_atomically_keeps_the_old_file_when_it_fails(tmp_path):
    path = tmp_path / "plan.yaml"
    write_atomically(path, b"old")
    with pytest.raises(FileNotFoundError):
        write_atomically(path, tmp_path / "missing")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["plan.yaml"]
