"""Small facts about what explainers are most often asked for. Without any, an explainer is built from the prompt's own words."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Final

from planners.storybook.script.genres import Topic

__all__ = ["facts_about"]

_COLUMNS: Final = ("f.in", "f.work", "f.work.mine", "f.more", "f.out", "f.stop", "f.why", "f.sum")


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, str]]:
    """Read the topics that ship with the planner, by each of their keys."""
    topics: dict[str, dict[str, str]] = {}
    text = (files("planners.storybook") / "scripts" / "topics.tsv").read_text(encoding="utf-8")
    for row in text.splitlines():
        if row.strip() and not row.startswith("#"):
            keys, *cells = (cell.strip() for cell in row.split("|"))
            facts = dict(zip(_COLUMNS, cells, strict=True))
            for key in keys.split(","):
                topics.setdefault(key, facts)
    return topics


def facts_about(topic: Topic) -> dict[str, str] | None:
    """What is known of a topic, by slot of the scripts: what goes in, the work, what comes out, why it matters."""
    low = topic.subject.lower()
    return _table().get(low) or _table().get(topic.key) or _table().get(topic.key.removesuffix("s"))
