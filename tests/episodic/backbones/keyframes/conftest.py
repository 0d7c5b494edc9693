"""Fixtures of the tests of keyframe models: a tiny model and painted faces."""

import pytest

from episodic.backbones.keyframes.model import open_keyframer
from episodic.lab.tiny_models.flux2 import build_flux2
from tests.episodic.backbones.keyframes.keyframe_rig import LOOK, OTHER, painted


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    """Two people from the front, as they are painted."""
    return {name: painted(look, tmp_path_factory.mktemp(name)) for name, look in (("mara", LOOK), ("tom", OTHER))}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return build_flux2(tmp_path_factory.mktemp("flux2"))


@pytest.fixture(scope="module")
def model(root):
    return open_keyframer(f"flux2:{root}")
