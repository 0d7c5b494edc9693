"""`episodic models show MODEL`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.models.model_tables import print_card, print_published
from cli.options import JsonObjectOption
from episodic.backbones.diffusers.folder.model_card import EVERY_FAMILY, card_of, published
from episodic.backbones.diffusers.folder.spec import ModelSpec, locate

__all__ = ["show"]

SpecArgument = Annotated[
    str, typer.Argument(metavar="MODEL", help="FAMILY:PATH_OR_ID[@REVISION], as for --backbone, or a model's folder.")
]


def show(model: SpecArgument, json: JsonObjectOption = False) -> None:
    """Show one model: its parts and rules, what it takes and does not take, its licence, and how it would run here."""
    spec = ModelSpec.parse(model, families=EVERY_FAMILY) if ":" in model else None
    known = published(spec) if spec else None
    if spec is not None and known is not None and locate(spec) is None:
        print_published(known, spec, json)
        return
    print_card(card_of(model), json)
