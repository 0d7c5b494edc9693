"""`episodic models fetch MODEL`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.interrupt import resume_hint_on_interrupt
from cli.models.model_tables import print_fetched, show_fetch
from cli.options import JsonObjectOption
from episodic.backbones.diffusers.folder.hub import fetch as fetch_model
from episodic.backbones.diffusers.folder.model_card import EVERY_FAMILY, published
from episodic.backbones.diffusers.folder.spec import ModelSpec

__all__ = ["fetch"]

HubArgument = Annotated[
    str, typer.Argument(metavar="FAMILY:ID", help="A model on the hub, such as wan:OWNER/NAME, optionally with @REVISION.")
]


def fetch(model: HubArgument, json: JsonObjectOption = False) -> None:
    """Download a model, safetensors and configurations only, and print its commit. If interrupted, run it again to resume."""
    spec = ModelSpec.parse(model, families=EVERY_FAMILY)
    known = published(spec)
    with resume_hint_on_interrupt(), show_fetch(spec, known, quiet=json) as listen:
        folder, commit = fetch_model(spec, listen)
    print_fetched(spec.pinned(commit), folder, known, json)
