"""The likeness test for pictures of character sheets, by the look encoder."""

from __future__ import annotations

from episodic.backbones.keyframes.checks import LikenessTest
from episodic.quality.look import load_look_encoder
from episodic.quality.verify import LOOK_THRESHOLD

__all__ = ["look_likeness"]


def look_likeness() -> LikenessTest:
    """The test with the threshold of takes: the cosine that refuses at most 2 % of true pairs painted by `stage`."""
    # deferred, so that the encoder is loaded with the first picture to compare
    return LikenessTest(encode=lambda picture, mask: load_look_encoder().encode(picture, mask), least=LOOK_THRESHOLD)
