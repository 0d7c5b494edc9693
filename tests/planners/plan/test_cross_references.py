"""References inside a plan that lead nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from planners.plan.cross_references import Fault, check_references, nearest
from planners.plan.model import EpisodePlan


def plan(*, open_threads: tuple[str, ...] | None = (), scenes: list[dict[str, Any]] | None = None, **scene: Any) -> list[Fault]:
    """The faults of a valid one-scene plan with the fields of `scene` set, or of a plan of `scenes`."""
    first = {"id": "s01", "at": "shore", "shots": [{"id": "s01.1", "lines": [{"mara": "Hello."}, {"narrator": "So it began."}]}]}
    data: dict[str, Any] = {
        "title": "Rain",
        "cast": {"mara": {}, "storm": {}, "narrator": {"voice": {"base": "old"}}},
        "locations": {"shore": {}, "tower": {}},
        "props": {"lamp": {}},
        "scenes": scenes or [first | scene],
    }
    data |= {key: scene.pop(key) for key in ("cast", "locations", "props") if key in scene}
    if scenes is None:
        data["scenes"] = [first | scene]
    return check_references(EpisodePlan.model_validate(data), open_threads)


def shot(**values: Any) -> list[dict[str, Any]]:
    return [{"id": "s01.1", **values}]


def scene(number: int, **values: Any) -> dict[str, Any]:
    return {"id": f"s{number:02d}", "at": "shore", "shots": [{"id": f"s{number:02d}.1"}], **values}


def test_a_valid_plan_has_no_faults() -> None:
    assert plan() == []
    assert plan(present=["mara"], relations=[["mara", "near", "lamp"]], facts=["shore.wet = yes", "lamp.lit = no"]) == []
    assert plan(relations=[["mara", "near", "lamp", 0.4]], facts=["story.motif = sea shanty"]) == []


@pytest.mark.parametrize(
    ("values", "path", "message"),
    [
        ({"at": "shor"}, ("scenes", 0, "at"), "did you mean ‘shore’"),
        ({"at": "lamp"}, ("scenes", 0, "at"), "‘lamp’ is a prop; expected a location: shore, tower"),
        ({"present": ["mara", "gull"]}, ("scenes", 0, "present", 1), "‘gull’ is not in the cast"),
        ({"present": ["narrator", "mara"]}, ("scenes", 0, "present", 0), "only heard"),
        ({"present": ["storm"]}, ("scenes", 0, "shots", 0, "lines", 0, "speaker"), "‘mara’ speaks here but is not in the scene"),
        (
            {"shots": shot(focus=["lamp"])},
            ("scenes", 0, "shots", 0, "focus", 0),
            "‘lamp’ is a prop; expected a member of the cast",
        ),
        ({"shots": shot(focus=["narrator"])}, ("scenes", 0, "shots", 0, "focus", 0), "only heard"),
        ({"shots": shot(action={"narrator": "waves"})}, ("scenes", 0, "shots", 0, "action", "narrator"), "only heard"),
        ({"shots": shot(action={"stom": "waves"})}, ("scenes", 0, "shots", 0, "action", "stom"), "did you mean ‘storm’"),
        (
            {"shots": shot(action={"storm": "waves"}), "present": ["mara"]},
            ("scenes", 0, "shots", 0, "action", "storm"),
            "acts here",
        ),
        ({"shots": shot(continues=True)}, ("scenes", 0, "shots", 0, "continues"), "no shot to continue"),
        ({"relations": [["mara", "near", "gull"]]}, ("scenes", 0, "relations", 0, 2), "‘gull’ is not in"),
        ({"relations": [["mara", "likes", "mara"]]}, ("scenes", 0, "relations", 0, 2), "in a relation to itself"),
        ({"facts": ["marra.wet = yes"]}, ("scenes", 0, "facts", 0), "did you mean ‘mara’"),
        ({"facts": ["mara.wet = yes", "mara.wet = no"]}, ("scenes", 0, "facts", 1), "is both ‘yes’ and ‘no’"),
        ({"facts": ["story.motif = a", "story.motif = b"]}, ("scenes", 0, "facts", 1), "is both ‘a’ and ‘b’"),
        ({"relations": [["mara", "likes", "story"]]}, ("scenes", 0, "relations", 0, 2), "‘story’ is not in"),
        ({"props": {"lamp": {}, "story": {}}}, ("props", "story"), "‘story’ is the series as a whole"),
        ({"closes": ["ferry"]}, ("scenes", 0, "closes", 0), "no scene has opened the thread ‘ferry’"),
        ({"props": {"lamp": {}, "mara": {}}}, ("props", "mara"), "‘mara’ is already used in `cast`"),
        ({"locations": {"shore": {}, "storm": {}}}, ("locations", "storm"), "‘storm’ is already used in `cast`"),
        ({"props": {"lamp": {}, "narrator": {}}}, ("props", "narrator"), "the voice off screen"),
    ],
)
def test_a_broken_reference_is_reported_with_its_path(values: dict[str, Any], path: tuple[str | int, ...], message: str) -> None:
    faults = {fault.path: fault.message for fault in plan(**values)}
    assert message in faults[path]


def test_scene_and_shot_ids_are_unique_in_the_episode() -> None:
    faults = plan(scenes=[scene(1), scene(1)])
    assert [fault.path for fault in faults] == [("scenes", 1, "id"), ("scenes", 1, "shots", 0, "id")]
    assert "shot ‘s01.1’ is there twice (first in scene ‘s01’)" in faults[1].message


def test_a_thread_opens_and_closes_once() -> None:
    opens, closes = {"opens": {"ferry": "Will it land?"}}, {"closes": ["ferry"]}
    assert plan(scenes=[scene(1, **opens), scene(2, **closes)]) == []
    assert plan(scenes=[scene(1, **opens, **closes)]) == []
    assert plan(scenes=[scene(1, **opens), scene(2, **closes), scene(3, **opens), scene(4, **closes)]) == []
    for scenes, message in (
        ([scene(1, **closes), scene(2, **opens)], "scene ‘s02’ opens it, later"),
        ([scene(1, **opens), scene(2, **closes), scene(3, **closes)], "closed already, by scene ‘s02’"),
        ([scene(1, **opens), scene(2, **opens)], "open already (by scene ‘s01’)"),
    ):
        (fault,) = plan(scenes=scenes)
        assert message in fault.message


def test_threads_of_earlier_episodes_may_be_closed() -> None:
    assert plan(open_threads=("ferry",), closes=["ferry"]) == []
    assert plan(open_threads=None, closes=["ferry"]) == []


def test_only_a_similar_name_is_suggested() -> None:
    assert nearest("Marra", ["storm", "mara"]) == "; did you mean ‘mara’?"
    assert nearest("gull", ["storm", "mara"]) == ""
