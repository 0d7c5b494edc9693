"""The steps that make an episode, one module per kind, in the order of the flow:

1. `audition`: how a new character moves.
2. `place_light`: how a new place is lit.
3. `speech`: every line is spoken; its length sets the shot's length.
4. `sheet`: the pictures that show characters, props and places by themselves.
5. `keyframe`: the pictures that a shot begins or ends with.
6. `previs`: the shot as `stage` plays it, as control video for a video model.
7. `prompt`: the text of the shot as the video model's encoder has it.
8. `rushes`: the part of a take that needs the video model.
9. `shoot`: the take.
10. `picture`: the take's frames, developed and encoded.
11. `survey`: what the take shows and sounds like, measured for memory.
12. `mix`: everything heard in one scene.
13. `meaning`: what each scene is about, for memory.
14. `cut`: the film.

A new kind is one module in this folder with a class that is marked with `register`. Its class plans its tasks, says what they need and
cost and how they are called, and performs them; nothing else has to know of it. `parts` holds what several steps have in common.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from episodic.production.graph.step import Step, registered

__all__ = ["label_of", "noun_of", "step_kinds"]


def step_kinds() -> Mapping[str, type[Step]]:
    """Every class of steps by its kind, in the order of the flow."""
    _import_modules(tuple(__path__))
    return dict(sorted(registered().items(), key=lambda entry: (entry[1].flow, entry[0])))


@cache
def _import_modules(folders: tuple[str, ...]) -> None:
    """Import every module of steps, so that its classes are registered. Heavy libraries are loaded by `perform`, not by this."""
    for module in pkgutil.iter_modules(folders):
        if not module.ispkg:
            importlib.import_module(f"{__name__}.{module.name}")


def label_of(kind: str) -> str:
    """What the progress display calls the steps of a kind; an unknown kind: as it is."""
    step = step_kinds().get(kind)
    return kind if step is None else step.label


def noun_of(kind: str) -> str:
    """What people call one artifact of a kind."""
    step = step_kinds().get(kind)
    return kind if step is None else step.noun or kind
