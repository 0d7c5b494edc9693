"""The likeness test for pictures of character sheets, by the look encoder."""

from __future__ import annotations

from episodic.backbones.keyframes.checks import LikenessTest
from episodic.quality.look import load_look_encoder
from episodic.quality.verify import THRESHOLDS

__all__ = ["look_likeness"]


def look_likeness() -> LikenessTest:
    """The test with the threshold of takes: the cosine at which at most 2 % of true pairs painted by `stage` were refused."""
    # the encoder is loaded for the first picture that is compared
    return LikenessTest(encode=lambda picture, mask: load_look_encoder().encode(picture, mask), least=THRESHOLDS["look"])
