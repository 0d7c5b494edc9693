"""What a series knows: a canon that changes along the story, with branches, search and recall.

>>> with MemoryStore.open("memory.db", create=True) as memory:
...     memory.name_series("The lamp")
...     mara = EntityRecord(id="mara", kind="character", character_kind="human")
...     coat = Fact(entity="mara", attribute="wearing", value="a yellow coat", since=StoryPosition(1, 1))
...     scene = SceneRecord(position=StoryPosition(1, 1), scene_id="e1s1", key="1", entities=(mara,), facts=(coat,))
...     memory.commit(scene).written
...     memory.as_of(StoryPosition(1, 2)).characters["mara"].state["wearing"]
True
'a yellow coat'

The names below are loaded on first use: `memory.errors` and `memory.model` need no database library.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from memory.errors import EpisodicError, MemoryFault, MergeConflict
    from memory.model.canon import Canon, Character, Location, Prop, Relationship, Thread, Voice
    from memory.model.facts import Fact, FactValue, StoryPosition
    from memory.model.records import EmbeddingRecord, EntityRecord, KeyFrame, SceneRecord, Sighting, TakeRecord
    from memory.queries.recall import Need, Recall
    from memory.queries.text_search import SearchHit, SearchResults
    from memory.store import MemoryStore

__all__ = [
    "Canon",
    "Character",
    "EmbeddingRecord",
    "EntityRecord",
    "EpisodicError",
    "Fact",
    "FactValue",
    "KeyFrame",
    "Location",
    "MemoryFault",
    "MemoryStore",
    "MergeConflict",
    "Need",
    "Prop",
    "Recall",
    "Relationship",
    "SceneRecord",
    "SearchHit",
    "SearchResults",
    "Sighting",
    "StoryPosition",
    "TakeRecord",
    "Thread",
    "Voice",
]

_MODULES: Final = {
    "errors": "EpisodicError MemoryFault MergeConflict",
    "model.canon": "Canon Character Location Prop Relationship Thread Voice",
    "model.facts": "Fact FactValue StoryPosition",
    "model.records": "EmbeddingRecord EntityRecord KeyFrame SceneRecord Sighting TakeRecord",
    "queries.recall": "Need Recall",
    "queries.text_search": "SearchHit SearchResults",
    "store": "MemoryStore",
}
_MODULE_OF: Final = {name: module for module, names in _MODULES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """Load a public name on first use."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
