"""The delivery record: which memory each shot asked for, how it reached the model, and if it did not, why.

Requests follow from canon, plan and recall (`canon_requests`, `memory_requests`). Only the backbone knows what arrived; it says so in
its take's `notes["received"]`. The record compares the two. It explains a take and is no part of it: rewording it makes nothing stale.
Format `episodic/delivery@2`, one file per episode beside the plan.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from episodic.backbones.protocol import ConditionedModel, control_kinds, draws_looks, takes_motion
from episodic.backbones.request import ReferencePicture, ShotRequest
from episodic.backbones.take import Take
from episodic.errors import BackboneError
from episodic.storage.files import write_atomically
from memory.model.facts import FactValue

__all__ = [
    "DELIVERY_FORMAT",
    "FORMS",
    "REASONS",
    "CanonKind",
    "Delivery",
    "DeliveryKind",
    "EpisodeDelivery",
    "Form",
    "Reason",
    "ShotDelivery",
    "ShotKind",
    "check_received",
    "confirm",
    "due",
    "pictures_of",
    "read_received",
    "texts_of",
    "write_delivery",
]

DELIVERY_FORMAT: Final = "episodic/delivery@2"

Form = Literal["text", "picture", "frames", "tokens", "control", "guidance", "drawn", "heard"]
"""The channel by which a memory reaches the model: `control` is the acting of the previsualisation, `guidance` a gentle pull while
denoising, `heard` the speech track that the lips follow."""
CanonKind = Literal["look", "state", "motion", "light", "voice", "layout", "prop", "relation", "thread"]
"""What canon and plan hold about an entity."""
ShotKind = Literal["identity", "scene", "picture", "frames", "action", "plan"]
"""What is recalled or belongs to one shot: `frames` is the end of the take that it continues, `plan` a clause of the plan itself."""
DeliveryKind = CanonKind | ShotKind
Reason = Literal["no slot", "budget", "low quality", "not verified", "unknown"]
FORMS: tuple[Form, ...] = get_args(Form)
REASONS: tuple[Reason, ...] = get_args(Reason)

_NOTE: Final = "received"

Received = Mapping[str, Sequence[str]]
"""A take's receipt: for each form, the names of the memories that arrived in it, such as `motion:mara`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One memory that a shot asks for: it is handed over in a `form`, or `dropped`."""

    kind: DeliveryKind
    entity: str
    """The entity that it is about; empty: none in particular."""
    text: str
    """The memory in words."""
    form: Form | None = None
    dropped: Reason | None = None
    detail: str = ""
    """How it is handed over, or what prevents it and what helps."""
    name: str = ""
    """The name under which the take's receipt lists it, such as `motion:mara`; empty where it is dropped."""
    picture: ReferencePicture | None = None
    """The picture to hand over, for a memory that goes as a reference picture."""
    named: bool = False
    """Whether the plan names the entity in this very shot, so that it must not be missing."""
    error: str = ""
    """How the take's receipt contradicts it."""

    def __post_init__(self) -> None:
        if (self.form is None) == (self.dropped is None):
            raise ValueError(f"{self.kind} of {self.entity}: a memory is either delivered or dropped")

    def drop(self, reason: Reason, detail: str) -> Delivery:
        """The same memory, dropped."""
        return dataclasses.replace(self, form=None, dropped=reason, detail=detail, name="", picture=None)

    def to_json(self) -> dict[str, FactValue]:
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
    """The memories that one shot asked for."""

    scene: str
    shot: str
    take: str
    """Key of the take's artifact; empty: not shot yet, nothing confirmed."""
    deliveries: tuple[Delivery, ...]

    @property
    def errors(self) -> tuple[Delivery, ...]:
        """Memories that were handed over and did not arrive."""
        return tuple(delivery for delivery in self.deliveries if delivery.error)

    def to_json(self) -> dict[str, FactValue]:
        """The shot's part of the record."""
        return {
            "scene": self.scene,
            "shot": self.shot,
            "take": self.take,
            "deliveries": [delivery.to_json() for delivery in self.deliveries],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeDelivery:
    """The record of one episode."""

    episode: int
    title: str
    backbone: str
    shots: tuple[ShotDelivery, ...]

    def to_json(self) -> dict[str, FactValue]:
        """The record as it is stored."""
        return {
            "format": DELIVERY_FORMAT,
            "episode": self.episode,
            "backbone": self.backbone,
            "shots": [shot.to_json() for shot in self.shots],
        }


def due(request: ShotRequest, model: ConditionedModel) -> dict[Form, list[str]]:
    """The receipt that a backbone must give for `request`: everything in it that the model has a way to take."""
    can = model.capabilities
    names: dict[Form, list[str]] = {}
    people, place = request.performers, request.setting.location
    emotions = [f"emotion:{performer.id}" for performer in people]
    motions = [f"motion:{performer.id}" for performer in people if performer.motion]
    if draws_looks(model):
        props = [f"prop:{prop.id}" for prop in request.setting.props]
        names["drawn"] = [*(f"look:{performer.id}" for performer in people), f"layout:{place}", *props]
    if takes_motion(model):
        names["tokens"] = [*motions, *([f"light:{place}"] if request.setting.light else []), *emotions]
    if can.continuation_frames and request.continues is not None:
        names["frames"] = [f"take:{request.continues.shot_id}"]
    if can.text_tokens:
        names["text"] = list(request.text)
    if can.reference_pictures:
        names["picture"] = [picture.name for picture in request.references]
    own_frames = ((can.first_frame, request.first_frame), (can.last_frame, request.last_frame))
    if pictures := [picture.name for takes, picture in own_frames if takes and picture is not None]:
        names["picture"] = [*names.get("picture", []), *pictures]
    if can.light_guidance and (request.light_from is not None or request.continues is not None):
        names["guidance"] = [f"light:{place}"]
    if control_kinds(model) and request.previs is not None:
        names["control"] = [*motions, *emotions]
    names["heard"] = [f"voice:{speaker}" for speaker in dict.fromkeys(cue.speaker for cue in request.speech)]
    return names


def texts_of(deliveries: Iterable[Delivery]) -> tuple[str, ...]:
    """The texts among some deliveries, in their order."""
    return tuple(delivery.name for delivery in deliveries if delivery.form == "text")


def pictures_of(deliveries: Iterable[Delivery]) -> tuple[ReferencePicture, ...]:
    """The reference pictures among some deliveries, in their order."""
    return tuple(delivery.picture for delivery in deliveries if delivery.picture is not None)


def check_received(request: ShotRequest, take: Take, model: ConditionedModel) -> None:
    """Compare a take's receipt with its request. Raises BackboneError naming every memory that did not arrive."""
    received = read_received(take.notes)
    missing = [
        f"{name} as {form}" for form, names in due(request, model).items() for name in names if name not in received.get(form, ())
    ]
    if missing:
        raise BackboneError(
            f"shot {request.shot_id}: {model.capabilities.name} was handed {', '.join(missing)}, but its take does not list that as received; "
            'expected in the take\'s notes["received"]. The backbone is at fault: shoot with another one, or mend its adapter'
        )


def read_received(notes: Mapping[str, FactValue]) -> Received:
    """The receipt in a take's notes; empty where there is none."""
    noted = notes.get(_NOTE)
    if not isinstance(noted, dict):
        return {}
    return {str(form): [str(name) for name in names] for form, names in noted.items() if isinstance(names, list)}


def confirm(deliveries: Iterable[Delivery], received: Received) -> tuple[Delivery, ...]:
    """Deliveries compared with a take's receipt: one that was handed over and did not arrive carries an error."""
    return tuple(
        dataclasses.replace(delivery, error=f"handed over as {delivery.form}, and the take did not receive it")
        if delivery.form is not None and delivery.name not in received.get(delivery.form, ())
        else delivery
        for delivery in deliveries
    )


def write_delivery(path: Path, record: EpisodeDelivery) -> bool:
    """Write the record atomically, unless the file holds it already. Returns whether it was written."""
    content = (json.dumps(record.to_json(), indent=1, ensure_ascii=False) + "\n").encode()
    if path.is_file() and path.read_bytes() == content:
        return False
    write_atomically(path, content)
    return True
