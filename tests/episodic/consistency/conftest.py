"""The clean film and the planted faults that the tests of the layers share."""

import importlib.util
import sys
from pathlib import Path

import pytest


def _loaded(name):
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def faults():
    """The module `consistency_faults`, loaded once: what it paints is painted once."""
    return _loaded("consistency_faults")


@pytest.fixture(scope="session")
def drift_films(faults):
    """The module `drift_films`, which imports the other."""
    return _loaded("drift_films")


@pytest.fixture(scope="session")
def clean(faults):
    """Film without faults, by name: sampled by `stage`, painted with a moving camera, a storm, a textured world."""
    return {
        "acted": faults.acted(40),
        "street": faults.painted("street", 40, travel=0.5),
        "push": faults.painted("living_room", 40, travel=0.3, push=0.4),
        "storm": faults.painted("coast", 40, travel=0.2, push=0.3, weather="storm"),
        "textured": faults.textured(40),
    }
