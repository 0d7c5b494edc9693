"""How long a frame takes to paint: `python tests/bench/paint.py [frames]`. 1280x720, two people, one core."""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path
from typing import Any

from episodic.backbones.stage.painter.film import paint_shot
from episodic.looks.look import character_look

SHOTS = (
    ("living_room", "wide", "static", {}, "clear"),
    ("living_room", "wide", "push_in", {"push": 0.5}, "clear"),
    ("bakery", "medium", "static", {}, "clear"),
    ("bakery", "close", "handheld", {"travel": 0.2}, "clear"),
    ("street", "wide", "track", {"travel": 2.0}, "clear"),
    ("street", "wide", "static", {}, "rain"),
    ("meadow", "wide", "static", {"wind": 0.5}, "wind"),
    ("coast", "wide", "push_in", {"push": 0.5}, "storm"),
    ("forest", "wide", "track", {"travel": 2.0}, "snow"),
    ("alley", "medium", "track", {"travel": 1.0}, "rain"),
)


def _shots() -> Any:
    path = Path(__file__).parent.parent / "episodic" / "backbones" / "stage" / "painter" / "set_shots.py"
    spec = importlib.util.spec_from_file_location("set_shots", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Print milliseconds of processor time per frame, and of setting up, for every kind of shot."""
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else 48
    shots = _shots()
    looks = tuple(
        character_look(kind="human", name=name, description=words, seed=i)
        for i, (name, words) in enumerate(
            (("Mara", "old keeper, grey braid, yellow raincoat"), ("Tom", "young man in a blue jacket"))
        )
    )
    print(f"{'place':14}{'size':8}{'camera':10}{'weather':8}{'set-up ms':>10}{'frame ms':>10}")
    total = 0.0
    for place, size, camera, moves, weather in SHOTS:
        request = shots.request_for(
            place, size=size, camera=camera, weather=weather, width=1280, height=720, frames=frames, people=2, looks=looks
        )
        latent = shots.latent_for(request, **moves)
        film = paint_shot(request, latent)
        began = time.process_time()
        next(film)
        first = time.process_time()
        for _ in film:
            pass
        each = (time.process_time() - first) / (frames - 1) * 1000
        total += each
        print(f"{place:14}{size:8}{camera:10}{weather:8}{(first - began) * 1000:10.0f}{each:10.1f}")
    print(f"{'mean':50}{total / len(SHOTS):10.1f}")


if __name__ == "__main__":
    main()
