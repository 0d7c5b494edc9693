"""What of memory reaches which family as what: from the capabilities, for the documentation, and from the record of a real run.

python -m episodic.lab.backbone_bench.capability_table docs/backbones.md
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from episodic.backbones.protocol import Capabilities
from episodic.conditioning.delivery import Form
from episodic.lab.backbone_bench.models import TINY_MODELS, build_tiny

__all__ = ["BEGIN", "END", "reach_table", "reached", "reaches", "tiny_capabilities", "with_table"]

BEGIN: Final = "<!-- begin: python -m episodic.lab.backbone_bench.capability_table docs/backbones.md -->"
END: Final = "<!-- end -->"

_WORDS: Final = ("look", "layout", "prop", "state", "relation", "thread", "scene")
"""Kinds of memories that words can say."""
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


def reaches(can: Capabilities) -> dict[str, Form | None]:
    """As what each kind of memory reaches a model with these capabilities; None: not at all."""
    words: Form | None = "drawn" if can.draws else "text" if can.text_tokens else None
    played: Form | None = "tokens" if can.motion_embeddings else "control" if can.control else None
    light: Form | None = "tokens" if can.motion_embeddings else "guidance" if can.light_guidance else None
    found: dict[str, Form | None] = {
        "light": light,
        "picture": "picture" if can.reference_pictures or can.first_frame else None,
        "frames": "frames" if can.continuation_frames else None,
        "voice": "heard",
    }
    found.update(dict.fromkeys(_WORDS, words))
    found.update(dict.fromkeys(_PLAYED, played))
    return found


def reached(record: Mapping[str, Any]) -> dict[str, Form | None]:
    """As what each kind of memory reached the model, by the delivery record of an episode (`delivery.json`).

    What was said against is not counted. Kinds of which nothing was asked for, or for all of which the prompt had no room, are
    missing. Raises ValueError where memories of one kind reached it in two ways.
    """
    forms: dict[str, set[Form]] = {}
    for one in _deliveries(record):
        # a prompt has room for so much; that is no matter of what a model can take
        if one["dropped"] != "budget":
            forms.setdefault(one["kind"], set()).update([one["delivered"]] if one["delivered"] and not one["error"] else [])
    twice = {kind: sorted(ways) for kind, ways in forms.items() if len(ways) > 1}
    if twice:
        raise ValueError(f"expected one way for each kind of memory, found {twice}")
    return {kind: next(iter(ways), None) for kind, ways in forms.items()}


def _deliveries(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for shot in record["shots"]:
        yield from shot["deliveries"]


def reach_table(rows: Mapping[str, Capabilities]) -> list[str]:
    """A table in Markdown, a line per model."""
    lines = [_row(_COLUMNS), _row(["---"] * len(_COLUMNS))]
    return lines + [_row([f"`{name}`", *_cells(can)]) for name, can in rows.items()]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(can: Capabilities) -> list[str]:
    ways = reaches(can)
    tokens = f"text, {can.text_tokens} tokens" if can.text_tokens else "no"
    control = f"control video: {' or '.join(can.control)}" if can.control else ways["motion"] or "no"
    pictures = f"up to {can.reference_pictures}" if can.reference_pictures else "no"
    if pictures != "no" and can.frames_or_pictures:
        pictures += ", where it begins with nothing"
    begins = "needed" if can.needs_first_frame else "yes" if can.first_frame else "no"
    ends = "needed" if can.needs_last_frame else "yes" if can.last_frame else "no"
    return [
        tokens,
        control,
        ways["light"] or "no",
        pictures,
        f"its last {can.continuation_frames} frames"
        if can.continuation_frames > 1
        else "its last frame"
        if can.continuation_frames
        else "no",
        f"{begins} / {ends}",
        "with the pictures" if can.memory_sounds else "no",
        "as fixed sound" if can.speech else "no",
        "yes" if can.own_sound else "no",
    ]


def with_table(text: str, table: Sequence[str]) -> str:
    """A document with the table between its marks. Raises ValueError where it has none."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"expected {BEGIN} and {END}")
    return "\n".join([before + begin, *table, end + after])


def tiny_capabilities(folder: Path) -> dict[str, Capabilities]:
    """Of every tiny model, which is built in `folder`: all that the family can take, whatever a series makes of it."""
    import dataclasses

    from episodic.backbones.diffusers.backbone import VideoModel
    from episodic.backbones.diffusers.folder.spec import ModelSpec

    found = {}
    for name in TINY_MODELS:
        model = VideoModel(ModelSpec.parse(build_tiny(name, folder)))
        everything = model.family.capabilities(model.folder).control
        found[name] = dataclasses.replace(model.capabilities, control=everything)
    return found


def main() -> None:
    path = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        table = reach_table(tiny_capabilities(Path(folder)))
    path.write_text(with_table(path.read_text("utf-8"), table), "utf-8")


if __name__ == "__main__":
    main()
