"""`episodic models`, `episodic models show` and `episodic models fetch`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.choices import JsonObjectOption

__all__ = ["models_app"]

models_app = typer.Typer(
    help="Open video and keyframe models: what there is, what of memory each takes, and fetching them.",
    invoke_without_command=True,
)

SpecArgument = Annotated[
    str, typer.Argument(metavar="MODEL", help="FAMILY:PATH_OR_ID[@REVISION], as for --backbone, or a model's folder.")
]


@models_app.callback()
def models(
    context: typer.Context,
    json: JsonObjectOption = False,
) -> None:
    """List the families and their published models: size, memory on a GPU, licence and its limits, what of memory each takes."""
    if context.invoked_subcommand is not None:
        return
    from cli.model_tables import print_catalogue

    print_catalogue(json)


@models_app.command()
def show(model: SpecArgument, json: JsonObjectOption = False) -> None:
    """One model on this machine: its parts, rules, what it takes and what not, its licence, and how it would be run here."""
    from cli.model_tables import print_card, print_published
    from episodic.backbones.diffusers.folder.model_card import EVERY_FAMILY, card_of, published
    from episodic.backbones.diffusers.folder.spec import ModelSpec, locate

    spec = ModelSpec.parse(model, families=EVERY_FAMILY) if ":" in model else None
    known = published(spec) if spec else None
    if spec is not None and known is not None and locate(spec) is None:
        print_published(known, spec, json)
        return
    print_card(card_of(model), json)


@models_app.command()
def fetch(
    model: Annotated[
        str, typer.Argument(metavar="FAMILY:ID", help="A model of the hub, such as wan:OWNER/NAME, with @REVISION.")
    ],
    json: JsonObjectOption = False,
) -> None:
    """Download a model, only safetensors and configurations, and say which commit it is. Interrupted, the same command goes on."""
    from cli.display import stop_with_a_word
    from cli.model_tables import print_fetched, shown_fetch
    from episodic.backbones.diffusers.folder.hub import fetch as fetch_model
    from episodic.backbones.diffusers.folder.model_card import EVERY_FAMILY, published
    from episodic.backbones.diffusers.folder.spec import ModelSpec

    spec = ModelSpec.parse(model, families=EVERY_FAMILY)
    known = published(spec)
    with stop_with_a_word(), shown_fetch(spec, known, quiet=json) as listen:
        folder, commit = fetch_model(spec, listen)
    print_fetched(spec.pinned(commit), folder, known, json)
