"""Models are let go often here, and each time everything is collected that nobody holds."""

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
