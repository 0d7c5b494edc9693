"""Text embeddings and nearest-neighbour search."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from memory.errors import MemoryFault
from memory.queries.embeddings import DIMENSIONS, HashingEncoder, MiniLmEncoder, TextEncoder, nearest
from memory.queries.encoder_weights import check_weights

ENCODERS = [pytest.param(HashingEncoder()), pytest.param(MiniLmEncoder(), marks=pytest.mark.filterwarnings("default"))]


@pytest.mark.parametrize("encoder", ENCODERS, ids=["hashing", "minilm"])
def test_rows_have_unit_length_and_the_order_of_the_texts(encoder: TextEncoder) -> None:
    rows = encoder.encode(["the lamp goes out", "a gull cries", "the lamp goes out"])
    assert (rows.shape, rows.dtype) == ((3, DIMENSIONS), np.dtype(np.float32))
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(rows[0], rows[2], atol=1e-6)
    assert encoder.encode([]).shape == (0, DIMENSIONS)


def test_sentences_of_like_meaning_are_closer_than_those_of_like_words() -> None:
    rows = MiniLmEncoder().encode(
        ["A keeper of a lighthouse", "Someone tends the beacon by the sea", "The keeper of a zoo's accounts"]
    )
    assert rows[0] @ rows[1] > 0.4


def test_hashed_texts_that_share_words_are_closer() -> None:
    lamp, near, far = HashingEncoder().encode(["the old lamp", "the new lamp", "seven gulls cry"])
    assert lamp @ near > lamp @ far
    assert not HashingEncoder().encode(["…"]).any()


def test_nearest_rows_come_best_first_with_ties_in_row_order() -> None:
    matrix = np.array([[0, 1], [2, 0], [0, 0], [1, 1], [5, 0]], np.float32)
    rows, cosines = nearest(np.array([3, 0], np.float32), matrix, 4)
    assert rows.tolist() == [1, 4, 3, 0]
    np.testing.assert_allclose(cosines, [1, 1, np.sqrt(0.5), 0], atol=1e-6)
    assert nearest(np.array([3, 0], np.float32), matrix, 99)[0].size == 5
    assert nearest(np.array([3, 0], np.float32), matrix[:0], 3)[0].size == 0


def test_weights_that_are_not_the_published_ones_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"other")
    with pytest.raises(MemoryFault, match=r"not the published weights .*force-reinstall"):
        check_weights(tmp_path / "model.safetensors")
    with pytest.raises(MemoryFault, match="cannot be read"):
        check_weights(tmp_path / "none.safetensors")
