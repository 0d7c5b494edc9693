"""The lessons of the voice encoder, and the words of the lessons of both encoders."""

from pathlib import Path

import numpy as np
import pytest

from episodic.lab.training.look_encoder import LookWords
from episodic.lab.training.voice_encoder import VoiceWords, make_lessons, train_voice
from planners.data_file import DataFile, read_data_file


def test_lessons_follow_from_their_seed_and_vary_every_trait_of_a_voice() -> None:
    lessons, again, other = make_lessons(1, 3), make_lessons(1, 3), make_lessons(1, 4)
    assert lessons.frames.tobytes() == again.frames.tobytes()
    assert lessons.traits.tobytes() == again.traits.tobytes() != other.traits.tobytes()
    assert lessons.traits.shape == (6, 8)
    assert (np.ptp(lessons.traits[:, [0, 1, 4, 5, 6]], axis=0) > 0).all()
    assert lessons.lengths.sum() == len(lessons.frames)


@pytest.mark.filterwarnings("ignore:invalid value encountered in sqrt")  # two held-out lines have no covariance
def test_training_follows_from_its_seed() -> None:
    lessons = make_lessons(3, 3)
    weights, again, other = (
        train_voice(lessons, 2, 0, batch=4),
        train_voice(lessons, 2, 0, batch=4),
        train_voice(lessons, 2, 1, batch=4),
    )
    assert {name: array.tobytes() for name, array in weights.items()} == {name: array.tobytes() for name, array in again.items()}
    assert weights["first.weight"].tobytes() != other["first.weight"].tobytes()


@pytest.mark.parametrize("words", [VoiceWords, LookWords])
def test_words_are_checked_when_they_are_read(tmp_path: Path, words: type[DataFile]) -> None:
    path = tmp_path / "words.yaml"
    path.write_text("leads: [Well]\n", "utf-8")
    with pytest.raises(ValueError, match=r"words\.yaml: (subjects|places): Field required"):
        read_data_file(path, words)
