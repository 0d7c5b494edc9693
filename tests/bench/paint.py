"""The time to paint a frame: `python -m tests.bench.paint [frames]`. 1280x720, two characters, one core."""

from __future__ import annotations

import sys
import time
from typing import NamedTuple

from episodic.backbones.stage.painter.film import paint_shot
from episodic.looks.look import character_look
from planners.plan.vocabulary import CameraMove, ShotSize, Weather
from tests.episodic.backbones.stage.painter.set_shots import latent_for, request_for


class Shot(NamedTuple):
    """One kind of shot. `push`, `travel` and `wind` go into its latent."""

    place: str
    size: ShotSize
    camera: CameraMove
    weather: Weather = "clear"
    push: float = 0.0
    travel: float = 0.0
    wind: float | None = None


SHOTS = (
    Shot("living_room", "wide", "static"),
    Shot("living_room", "wide", "push_in", push=0.5),
    Shot("bakery", "medium", "static"),
    Shot("bakery", "close", "handheld", travel=0.2),
    Shot("street", "wide", "track", travel=2.0),
    Shot("street", "wide", "static", "rain"),
    Shot("meadow", "wide", "static", "wind", wind=0.5),
    Shot("coast", "wide", "push_in", "storm", push=0.5),
    Shot("forest", "wide", "track", "snow", travel=2.0),
    Shot("alley", "medium", "track", "rain", travel=1.0),
)


def main() -> None:
    """Print milliseconds of processor time to set up and per frame, for every kind of shot."""
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else 48
    looks = tuple(
        character_look(kind="human", name=name, description=words, seed=i)
        for i, (name, words) in enumerate(
            (("Mara", "old keeper, grey braid, yellow raincoat"), ("Tom", "young man in a blue jacket"))
        )
    )
    print(f"{'place':14}{'size':8}{'camera':10}{'weather':8}{'set-up ms':>10}{'frame ms':>10}")
    total = 0.0
    for shot in SHOTS:
        request = request_for(
            shot.place,
            size=shot.size,
            camera=shot.camera,
            weather=shot.weather,
            width=1280,
            height=720,
            frames=frames,
            people=2,
            looks=looks,
        )
        wind = {} if shot.wind is None else {"wind": shot.wind}
        film = paint_shot(request, latent_for(request, push=shot.push, travel=shot.travel, **wind))
        began = time.process_time()
        next(film)
        first = time.process_time()
        for _ in film:
            pass
        frame_ms = (time.process_time() - first) / (frames - 1) * 1000
        total += frame_ms
        title = f"{shot.place:14}{shot.size:8}{shot.camera:10}{shot.weather:8}"
        print(f"{title}{(first - began) * 1000:10.0f}{frame_ms:10.1f}")
    print(f"{'mean':50}{total / len(SHOTS):10.1f}")


if __name__ == "__main__":
    main()
