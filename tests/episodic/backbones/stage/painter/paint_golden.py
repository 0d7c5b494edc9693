"""Paint the golden thumbnails of the sets again: `python -m tests.episodic.backbones.stage.painter.paint_golden`, then look at them."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from episodic.backbones.stage.painter.film import paint_shot
from tests.episodic.backbones.stage.painter.set_shots import latent_for, request_for

NAMES = ("lamp_room", "bakery", "alley", "courtroom", "forest", "harbour")


def main() -> None:
    """Write one small picture per place."""
    folder = Path(__file__).parent / "golden"
    folder.mkdir(exist_ok=True)
    for name in NAMES:
        request = request_for(name, time="dusk", frames=1, width=320, height=180)
        (frame,) = paint_shot(request, latent_for(request))
        Image.fromarray(frame).resize((80, 45), Image.Resampling.BOX).save(folder / f"set_{name}.png", optimize=True)


if __name__ == "__main__":
    main()
