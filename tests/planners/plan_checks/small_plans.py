"""Plans of a few shots for the tests of the plan checks."""

from __future__ import annotations

from planners.plan.model import EpisodePlan

CAST = {
    "olga": {"name": "Olga", "kind": "human", "description": "old pensioner, a woman"},
    "tom": {"name": "Tom", "kind": "human", "description": "guard, a man"},
}


def small_plan(*scenes: dict[str, object], **parts: object) -> EpisodePlan:
    """A plan of scenes that have ids and places already. `parts` replace cast, locations or props."""
    whole = {
        "title": "The Bell",
        "cast": CAST,
        "locations": {"museum": {"name": "museum"}},
        "props": {"church_bell": {"name": "church bell"}},
        "scenes": list(scenes),
    }
    return EpisodePlan.model_validate(whole | parts)


def scene(*shots: dict[str, object], identifier: str = "s1", at: str = "museum", **parts: object) -> dict[str, object]:
    """A scene; its shots get ids."""
    numbered = [{"id": f"{identifier}.{number}", **shot} for number, shot in enumerate(shots, start=1)]
    return {"id": identifier, "at": at, "shots": numbered, **parts}
