"""How the species of beasts differ: ears, muzzle, tail and size of the head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["BeastBuild", "build_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BeastBuild:
    """What sets a species apart. Sizes of the head's parts are in head units: 1 is half the head's width."""

    ears: str = "point"
    ear: float = 0.8
    muzzle: float = 0.5
    """How far it stands out, in head units."""
    muzzle_wide: float = 0.46
    tail: str = "thin"
    cheeks: float = 0.0
    wide: float = 1.0
    head: float = 0.2
    """Half the head's width, of the height."""
    extra: str = ""
    slit: bool = False


_BUILDS: Final[dict[str, BeastBuild]] = {
    "fox": BeastBuild(ears="point", ear=0.95, muzzle=0.62, muzzle_wide=0.36, tail="brush", cheeks=0.42),
    "wolf": BeastBuild(ears="point", ear=0.8, muzzle=0.7, muzzle_wide=0.42, tail="brush", cheeks=0.34, head=0.17, extra="ruff"),
    "cat": BeastBuild(
        ears="point", ear=0.72, muzzle=0.22, muzzle_wide=0.38, tail="long", cheeks=0.2, extra="whiskers", slit=True
    ),
    "tiger": BeastBuild(ears="round", ear=0.5, muzzle=0.3, muzzle_wide=0.5, tail="long", cheeks=0.26, extra="stripes", head=0.17),
    "lion": BeastBuild(ears="round", ear=0.5, muzzle=0.36, muzzle_wide=0.5, tail="tuft", extra="mane", head=0.16),
    "dog": BeastBuild(ears="flop", ear=1.0, muzzle=0.5, muzzle_wide=0.5, tail="long", extra="patch"),
    "bear": BeastBuild(ears="round", ear=0.5, muzzle=0.42, muzzle_wide=0.46, tail="stub", wide=1.3, head=0.165),
    "rabbit": BeastBuild(ears="long", ear=1.5, muzzle=0.2, muzzle_wide=0.34, tail="puff", cheeks=0.1, extra="teeth"),
    "mouse": BeastBuild(ears="big", ear=0.86, muzzle=0.4, muzzle_wide=0.3, tail="string", extra="whiskers", head=0.22),
    "badger": BeastBuild(ears="round", ear=0.36, muzzle=0.55, muzzle_wide=0.38, tail="stub", wide=1.2, extra="badger"),
    "raccoon": BeastBuild(ears="point", ear=0.55, muzzle=0.42, muzzle_wide=0.36, tail="ringed", cheeks=0.36, extra="mask"),
    "squirrel": BeastBuild(ears="point", ear=0.66, muzzle=0.3, muzzle_wide=0.36, tail="plume", extra="teeth", head=0.215),
    "hedgehog": BeastBuild(
        ears="round", ear=0.36, muzzle=0.55, muzzle_wide=0.28, tail="none", wide=1.25, extra="quills", head=0.22
    ),
    "monkey": BeastBuild(ears="side", ear=0.62, muzzle=0.34, muzzle_wide=0.56, tail="string"),
    "pig": BeastBuild(ears="flop", ear=0.55, muzzle=0.4, muzzle_wide=0.36, tail="curl", wide=1.3, extra="snout"),
    "cow": BeastBuild(ears="side", ear=0.6, muzzle=0.5, muzzle_wide=0.66, tail="tuft", wide=1.2, extra="horns", head=0.15),
    "sheep": BeastBuild(ears="side", ear=0.6, muzzle=0.4, muzzle_wide=0.46, tail="puff", wide=1.3, extra="wool", head=0.165),
    "goat": BeastBuild(ears="side", ear=0.6, muzzle=0.56, muzzle_wide=0.42, tail="stub", extra="horns", head=0.16),
    "deer": BeastBuild(ears="side", ear=0.72, muzzle=0.58, muzzle_wide=0.38, tail="puff", extra="antlers", head=0.135, wide=0.9),
    "horse": BeastBuild(ears="point", ear=0.55, muzzle=0.8, muzzle_wide=0.46, tail="horse", extra="forelock", head=0.14),
    "elephant": BeastBuild(ears="fan", ear=1.2, muzzle=0.2, muzzle_wide=0.3, tail="string", wide=1.35, extra="trunk", head=0.16),
    "frog": BeastBuild(ears="none", muzzle=0.12, muzzle_wide=0.7, tail="none", wide=1.25, extra="frog", head=0.25),
    "turtle": BeastBuild(ears="none", muzzle=0.3, muzzle_wide=0.5, tail="stub", wide=1.3, extra="shell", head=0.2),
    "dragon": BeastBuild(ears="point", ear=0.6, muzzle=0.56, muzzle_wide=0.5, tail="long", extra="horns", head=0.17, slit=True),
}


_PLAIN: Final = BeastBuild(ears="round", ear=0.55, muzzle=0.4, muzzle_wide=0.42, tail="long")


def build_of(species: str) -> BeastBuild:
    """How a species is built. An unknown species is a plain beast."""
    return _BUILDS.get(species, _PLAIN)
