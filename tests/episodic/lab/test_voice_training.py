"""The lessons of the voice encoder."""

import numpy as np

from episodic.lab.training.voice_encoder import make_lessons


def test_lessons_follow_from_their_seed_and_tell_every_quality_of_a_voice():
    one, again, other = make_lessons(1, 3), make_lessons(1, 3), make_lessons(1, 4)
    assert one.frames.tobytes() == again.frames.tobytes()
    assert one.traits.tobytes() == again.traits.tobytes() != other.traits.tobytes()
    assert one.traits.shape == (6, 8)
    assert (np.ptp(one.traits[:, [0, 1, 4, 5, 6]], axis=0) > 0).all()
    assert one.lengths.sum() == len(one.frames)
