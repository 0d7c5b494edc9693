"""The clean films that the tests of the consistency layers share."""

import pytest

from tests.episodic.consistency.consistency_faults import Frames, acted, painted, textured


@pytest.fixture(scope="session")
def clean() -> dict[str, Frames]:
    """Films without faults, by name: sampled by `stage`, painted with a moving camera, a storm, a textured background."""
    return {
        "acted": acted(40),
        "street": painted("street", 40, travel=0.5),
        "push": painted("living_room", 40, travel=0.3, push=0.4),
        "storm": painted("coast", 40, travel=0.2, push=0.3, weather="storm"),
        "textured": textured(40),
    }
