"""Models are released often in these tests, each time with a garbage collection."""

import gc

import pytest


@pytest.fixture(scope="module", autouse=True)
def _thawed():
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _frozen():
    # the libraries that are imported by now are millions of objects, which no collection has to walk through again
    gc.freeze()
