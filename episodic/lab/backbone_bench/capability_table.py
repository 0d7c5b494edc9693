"""The channel by which each kind of memory reaches each family: from the capabilities, for the documentation, and from a real run's record.

python -m episodic.lab.backbone_bench.capability_table docs/backbones.md
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from episodic.backbones.diffusers.backbone import VideoModel, open_video_model
from episodic.backbones.diffusers.folder.spec import ModelSpec
from episodic.backbones.protocol import ConditionedModel, control_kinds, draws_looks, takes_motion, takes_speech
from episodic.conditioning.delivery import DeliveryKind, Form
from episodic.lab.backbone_bench.models import TINY_MODELS, build_tiny

__all__ = [
    "BEGIN",
    "END",
    "RecordedDelivery",
    "capability_forms",
    "capability_table",
    "delivered_forms",
    "deliveries_of",
    "open_tiny_models",
    "with_table",
]

BEGIN: Final = "<!-- begin: python -m episodic.lab.backbone_bench.capability_table docs/backbones.md -->"
END: Final = "<!-- end -->"

_WORDS: Final = ("look", "layout", "prop", "state", "relation", "thread", "scene")
"""Kinds of memories that words can express."""
_PLAYED: Final = ("motion", "mood")
_COLUMNS: Final = (
    "model",
    "looks, places, states, relations, threads, earlier scenes",
    "movement, mood",
    "light",
    "reference pictures",
    "the take before",
    "picture to begin / end with",
    "remembered sounds",
    "speech",
    "own sound",
)


def capability_forms(model: ConditionedModel) -> dict[str, Form | None]:
    """Return the channel by which each kind of memory reaches a model; None where there is none."""
    can = model.capabilities
    words: Form | None = "drawn" if draws_looks(model) else "text" if can.text_tokens else None
    played: Form | None = "tokens" if takes_motion(model) else "control" if control_kinds(model) else None
    light: Form | None = "tokens" if takes_motion(model) else "guidance" if can.light_guidance else None
    forms: dict[str, Form | None] = {
        "light": light,
        "picture": "picture" if can.reference_pictures or can.first_frame else None,
        "frames": "frames" if can.continuation_frames else None,
        "voice": "heard",
    }
    forms.update(dict.fromkeys(_WORDS, words))
    forms.update(dict.fromkeys(_PLAYED, played))
    return forms


class RecordedDelivery(BaseModel):
    """One memory in an episode's delivery record; its other entries are ignored."""

    model_config = ConfigDict(frozen=True)

    kind: DeliveryKind
    delivered: Form | None
    dropped: str | None
    error: str

    @property
    def failed(self) -> bool:
        """Whether it was handed over and did not arrive."""
        return bool(self.error)

    @property
    def over_budget(self) -> bool:
        """Whether it was dropped because the prompt had no room for it."""
        return self.dropped == "budget"


class _RecordedShot(BaseModel):
    deliveries: tuple[RecordedDelivery, ...]


class _DeliveryRecord(BaseModel):
    shots: tuple[_RecordedShot, ...]


def deliveries_of(record: Mapping[str, object]) -> Iterator[RecordedDelivery]:
    """Read the memories of an episode's delivery record (`delivery.json`). Raises ValueError for another shape."""
    for shot in _DeliveryRecord.model_validate(record).shots:
        yield from shot.deliveries


def delivered_forms(record: Mapping[str, object]) -> dict[str, Form | None]:
    """Return the channel by which each kind of memory reached the model, from an episode's delivery record (`delivery.json`).

    Kinds that were not requested, or for which the prompt had no room, are missing. Raises ValueError where memories of one kind
    reached it by two channels.
    """
    forms: dict[str, set[Form]] = {}
    for delivery in deliveries_of(record):
        # the room in a prompt says nothing about what a model can take
        if not delivery.over_budget:
            channels = forms.setdefault(delivery.kind, set())
            if delivery.delivered and not delivery.failed:
                channels.add(delivery.delivered)
    ambiguous = {kind: sorted(channels) for kind, channels in forms.items() if len(channels) > 1}
    if ambiguous:
        raise ValueError(f"expected one channel for each kind of memory, found {ambiguous}")
    return {kind: next(iter(channels), None) for kind, channels in forms.items()}


def capability_table(rows: Mapping[str, VideoModel]) -> list[str]:
    """Return a Markdown table, a line per model, with all the control video that its family takes."""
    lines = [_row(_COLUMNS), _row(["---"] * len(_COLUMNS))]
    return lines + [_row([f"`{name}`", *_cells(model)]) for name, model in rows.items()]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(model: VideoModel) -> list[str]:
    can, forms, kinds = model.capabilities, capability_forms(model), model.family.control_kinds(model.folder)
    tokens = f"text, {can.text_tokens} tokens" if can.text_tokens else "no"
    control = f"control video: {' or '.join(kinds)}" if kinds else forms["motion"] or "no"
    pictures = f"up to {can.reference_pictures}" if can.reference_pictures else "no"
    if pictures != "no" and can.frames_or_pictures:
        pictures += ", where it begins with nothing"
    last = f"its last {can.continuation_frames} frames" if can.continuation_frames > 1 else "its last frame"
    begins = "needed" if can.needs_first_frame else "yes" if can.first_frame else "no"
    ends = "needed" if can.needs_last_frame else "yes" if can.last_frame else "no"
    return [
        tokens,
        control,
        forms["light"] or "no",
        pictures,
        last if can.continuation_frames else "no",
        f"{begins} / {ends}",
        "with the pictures" if can.memory_sounds else "no",
        "as fixed sound" if takes_speech(model) else "no",
        "yes" if can.own_sound else "no",
    ]


def with_table(text: str, table: Sequence[str]) -> str:
    """Put the table between a document's marks. Raises ValueError where it has none."""
    before, begin, tail = text.partition(BEGIN)
    _, end, after = tail.partition(END)
    if not begin or not end:
        raise ValueError(f"expected {BEGIN} and {END}")
    return "\n".join([before + begin, *table, end + after])


def open_tiny_models(folder: Path) -> dict[str, VideoModel]:
    """Build every tiny model in `folder` and open it, by name."""
    return {name: open_video_model(ModelSpec.parse(build_tiny(name, folder))) for name in TINY_MODELS}


def main() -> None:
    """Write the table into the document named by the first argument."""
    path = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        table = capability_table(open_tiny_models(Path(folder)))
    path.write_text(with_table(path.read_text("utf-8"), table), "utf-8")


if __name__ == "__main__":
    main()
