"""A character on the picture: one `Figure` per look, drawn anew every frame from the frame's motion."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, Protocol, runtime_checkable

import skia

from episodic.backbones.stage.painter.figures.animal import Beast
from episodic.backbones.stage.painter.figures.animal_other import Bird, Octopus, Swimmer
from episodic.backbones.stage.painter.figures.human import Human
from episodic.backbones.stage.painter.figures.pose import BodyPose, read_pose
from episodic.backbones.stage.painter.figures.robot import Robot
from episodic.backbones.stage.painter.figures.spirit import Spirit
from episodic.backbones.stage.painter.figures.thing import Thing
from episodic.backbones.stage.painter.pen import FigureLight, Ink, Pen, Point
from memory.model.facts import FactValue
from planners.plan.vocabulary import Style

__all__ = ["Figure", "FigureLight"]


@runtime_checkable
class _Body(Protocol):
    @property
    def height(self) -> float: ...

    @property
    def face_y(self) -> float: ...

    @property
    def half_width(self) -> float: ...

    def draw(self, pen: Pen, pose: BodyPose) -> None: ...


class Figure:
    """A character of one look in one style. `holding` is the look of a prop in the hand that is right in the picture."""

    def __init__(self, look: Mapping[str, FactValue], *, style: Style, holding: Mapping[str, FactValue] | None = None) -> None:
        self._pen = Pen(style)
        self._body = _body(look, holding)

    def draw(self, canvas: skia.Canvas, pose: Mapping[str, float], shade: FigureLight, ink: Ink | None = None) -> None:
        """Draw one frame; with `ink`, in its flat colours.

        The caller has put the canvas's origin on the floor between the feet; one unit is a metre, y runs down.
        `pose` is a frame of `latent.ACTOR` in its units, as `SlotMotion.at` returns it; the caller applies x and z.
        """
        frame = read_pose(pose)
        canvas.save()
        canvas.scale(1, -1)
        shiver = 0.006 * frame.tremble
        phase = frame.sway * 40 + frame.breath * 25 + frame.stride_sin * 11
        canvas.translate(shiver * math.sin(phase * 3.1), frame.lift + shiver * 0.5 * math.cos(phase * 2.3))
        self._pen.begin(canvas, shade)
        self._pen.take_up(ink)
        self._body.draw(self._pen, frame)
        self._pen.take_up(None)
        canvas.restore()

    @contextmanager
    def marking(self) -> Iterator[dict[str, Point]]:
        """While open, drawing records the joints of the figure: COCO's name to the place in the canvas's pixels.

        A joint that the body lacks or hides is missing. Left and right are the figure's own.
        """
        marks: dict[str, Point] = {}
        self._pen.marks = marks
        try:
            yield marks
        finally:
            self._pen.marks = None

    def bounds(self) -> tuple[float, float]:
        """Half width and height in metres, standing with hanging arms."""
        return self._body.half_width, self._body.height

    def head_height(self) -> float:
        """Metres above the floor of the middle of the face, standing: the centre of a close-up."""
        return self._body.face_y


def _body(look: Mapping[str, FactValue], holding: Mapping[str, FactValue] | None) -> _Body:
    """The body of the look's kind and form."""
    kind, form = look.get("kind"), str(look.get("form"))
    if kind == "human":
        return Human(look, holding)
    if kind == "robot":
        return Robot(look, holding)
    if kind == "spirit":
        return Spirit(look, holding)
    if kind == "thing":
        return Thing(look, holding)
    return _ANIMALS.get(form, Beast)(look, holding)


_ANIMALS: Final[dict[str, type[Bird] | type[Swimmer] | type[Octopus]]] = {"bird": Bird, "swimmer": Swimmer, "octopus": Octopus}
