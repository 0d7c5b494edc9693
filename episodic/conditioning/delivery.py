"""The delivery record: of every memory a shot asks for, as what it reached the model, or why it did not.

What is asked for follows from canon, plan and recall (`requested`, `recalled`); what arrived only the backbone knows, and says in
its take's `notes["received"]`. The record is one held against the other. It explains a take and is no part of it: rewording it
makes nothing stale. Format `episodic/delivery@2`, one file per episode beside the plan.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

from episodic.backbones.protocol import Capabilities
from episodic.backbones.request import ShotRequest
from episodic.backbones.take import Take
from episodic.errors import BackboneError
from episodic.storage.files import write_atomically

__all__ = [
    "DELIVERY_FORMAT",
    "FORMS",
    "REASONS",
    "Delivery",
    "EpisodeDelivery",
    "Form",
    "Reason",
    "ShotDelivery",
    "check_received",
    "confirm",
    "due",
    "hand_over",
    "read_received",
    "write_delivery",
]

DELIVERY_FORMAT: Final = "episodic/delivery@2"

Form = Literal["text", "picture", "frames", "tokens", "control", "guidance", "drawn", "heard"]
"""As what a memory reaches a model; `control`: as how the previsualisation plays it; `guidance`: as a gentle pull while denoising; `heard`: as the speech track, which the lips
follow."""
Reason = Literal["no slot", "budget", "low quality", "not verified", "unknown"]
FORMS: tuple[Form, ...] = get_args(Form)
REASONS: tuple[Reason, ...] = get_args(Reason)

_NOTE: Final = "received"

Received = Mapping[str, Sequence[str]]
"""What a take says it was made from: for each form, the names of what came as that, such as `motion:mara`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One memory that a shot asks for, and what becomes of it: it goes as `form`, or is `dropped`."""

    kind: str
    """look, state, motion, light, voice, layout, prop, relation, thread, scene, picture, frames, action…"""
    entity: str
    """Whose memory it is; empty: nobody's in particular."""
    text: str
    """The memory in words."""
    form: Form | None = None
    dropped: Reason | None = None
    detail: str = ""
    """How it goes, or what stands in its way and what helps."""
    name: str = ""
    """What the take's receipt calls that which carries it, such as `motion:mara`; empty where it is dropped."""
    named: bool = False
    """Whether the plan names its entity in this very shot, so that it may not be missing."""
    error: str = ""
    """What the take says against this."""

    def __post_init__(self) -> None:
        if (self.form is None) == (self.dropped is None):
            raise ValueError(f"{self.kind} of {self.entity}: a memory is either delivered or dropped")

    def to_json(self) -> dict[str, Any]:
        """One entry of the record."""
        return {
            "kind": self.kind,
            "entity": self.entity,
            "requested": self.text,
            "delivered": self.form,
            "dropped": self.dropped,
            "detail": self.detail,
            "error": self.error,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotDelivery:
    """What one shot asked memory for."""

    scene: str
    shot: str
    take: str
    """Key of the take's artifact; empty: not shot yet, and nothing is confirmed."""
    deliveries: tuple[Delivery, ...]

    @property
    def errors(self) -> tuple[Delivery, ...]:
        """What was handed over and did not arrive."""
        return tuple(one for one in self.deliveries if one.error)


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeDelivery:
    """The record of one episode."""

    episode: int
    title: str
    backbone: str
    shots: tuple[ShotDelivery, ...]

    def to_json(self) -> dict[str, Any]:
        """The record as it is stored."""
        shots = [
            {"scene": one.scene, "shot": one.shot, "take": one.take, "deliveries": [each.to_json() for each in one.deliveries]}
            for one in self.shots
        ]
        return {"format": DELIVERY_FORMAT, "episode": self.episode, "backbone": self.backbone, "shots": shots}


def due(request: ShotRequest, can: Capabilities) -> dict[Form, list[str]]:
    """What a backbone with these capabilities must receive of `request`: everything in it that it has a way to take."""
    found: dict[Form, list[str]] = {}
    people = request.performers
    if can.draws:
        props = [f"prop:{one.id}" for one in request.setting.props]
        found["drawn"] = [*(f"look:{one.id}" for one in people), f"layout:{request.setting.location}", *props]
    if can.motion_embeddings:
        tokens = [f"motion:{one.id}" for one in people if one.motion]
        tokens += [f"light:{request.setting.location}"] if request.setting.light else []
        found["tokens"] = [*tokens, *(f"emotion:{one.id}" for one in people)]
    if can.continuation_frames and request.continues is not None:
        found["frames"] = [f"take:{request.continues.shot_id}"]
    if can.text_tokens:
        found["text"] = list(request.text)
    if can.reference_pictures:
        found["picture"] = [one.name for one in request.references]
    made = ((can.first_frame, request.first_frame), (can.last_frame, request.last_frame))
    if pictures := [one.name for takes, one in made if takes and one is not None]:
        found["picture"] = [*found.get("picture", []), *pictures]
    if can.light_guidance and (request.light_from is not None or request.continues is not None):
        found["guidance"] = [f"light:{request.setting.location}"]
    if can.control and request.previs is not None:
        found["control"] = [*(f"motion:{one.id}" for one in people if one.motion), *(f"emotion:{one.id}" for one in people)]
    return found | {"heard": [f"voice:{one}" for one in dict.fromkeys(cue.speaker for cue in request.speech)]}


def hand_over(deliveries: Sequence[Delivery]) -> dict[str, Any]:
    """The part of a request that hands over remembered texts and pictures, as JSON; empty where there are none."""
    texts = [one.name for one in deliveries if one.form == "text"]
    pictures = []
    for one in deliveries:
        if one.form == "picture":
            artifact, _, file = one.name.removeprefix(f"{one.entity}:").partition("/")
            pictures.append({"entity": one.entity, "artifact": artifact, "file": file})
    return ({"text": texts} if texts else {}) | ({"references": pictures} if pictures else {})


def check_received(request: ShotRequest, take: Take, can: Capabilities) -> None:
    """Hold a take's receipt against what it was asked for. Raises BackboneError naming all that did not arrive."""
    received = read_received(take.notes)
    missing = [
        f"{name} as {form}" for form, names in due(request, can).items() for name in names if name not in received.get(form, ())
    ]
    if missing:
        raise BackboneError(
            f"shot {request.shot_id}: {can.name} was handed {', '.join(missing)}, and its take does not say that it received that; "
            'expected in the take\'s notes["received"]. The backbone is at fault: shoot with another one, or mend its adapter'
        )


def read_received(notes: Mapping[str, Any]) -> Received:
    """The receipt in a take's notes; empty where there is none."""
    noted = notes.get(_NOTE)
    if not isinstance(noted, dict):
        return {}
    return {str(form): [str(one) for one in names] for form, names in noted.items() if isinstance(names, list)}


def confirm(deliveries: Iterable[Delivery], received: Received) -> tuple[Delivery, ...]:
    """Deliveries held against a take's receipt: what was handed over and did not arrive carries an error."""
    return tuple(
        dataclasses.replace(one, error=f"handed over as {one.form}, and the take did not receive it")
        if one.form is not None and one.name not in received.get(one.form, ())
        else one
        for one in deliveries
    )


def write_delivery(path: Path, record: EpisodeDelivery) -> bool:
    """Write the record as one step, unless it stands there already; whether it was written."""
    content = (json.dumps(record.to_json(), indent=1, ensure_ascii=False) + "\n").encode()
    if path.is_file() and path.read_bytes() == content:
        return False
    write_atomically(path, content)
    return True
