"""Develop a take: a latent becomes RGB frames. One surface for each shot and one copy for each frame keep memory flat."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import skia
from jaxtyping import Float, UInt8

from episodic.backbones.request import Mark, PropOnSet, ShotRequest
from episodic.backbones.stage.model.latent import ACTOR_SLOTS, LATENT_HZ, SLOTS, SlotMotion, decode, decode_at
from episodic.backbones.stage.painter.camera import CameraPath, View
from episodic.backbones.stage.painter.figures.figure import Figure
from episodic.backbones.stage.painter.figures.props import draw_prop
from episodic.backbones.stage.painter.light import ShotLight, grade_image
from episodic.backbones.stage.painter.pen import Ink
from episodic.backbones.stage.painter.sets.brush import Brush, Item, Live, Moment
from episodic.backbones.stage.painter.sets.build import air_of, build_set
from episodic.backbones.stage.painter.sets.plates import Drawable, lay_out
from episodic.backbones.stage.painter.sets.weather import weather_items
from episodic.looks.places import read_look

__all__ = ["Layer", "Shot", "paint_shot", "turn", "upright"]

_SHADOW_PX: Final = 128


def paint_shot(
    request: ShotRequest, latent: Float[np.ndarray, "slot time channel"]
) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
    """Yield `request.frames` RGB frames of `request.width` x `request.height`. Deterministic in both arguments.

    `latent` is [8 slots, time at 8 Hz, 32 channels] as defined in `stage.model.latent`; performer i of the request is slot `actor{i}`.
    """
    shot = Shot.of(request, latent)
    for frame in range(request.frames):
        yield shot.paint(frame)


@dataclass(frozen=True, slots=True)
class Layer:
    """A figure or a prop in one frame. `body` draws in flat colours if it is given an ink."""

    x: float
    z: float
    performer: str | None
    """The performer's id; None for a prop."""
    name: str
    """The id of the performer or of the prop."""
    holds: str | None
    """The id of the prop in the performer's hand."""
    shadow: Callable[[skia.Canvas], None]
    body: Callable[..., None]
    mark: Callable[[skia.Canvas], Mapping[str, tuple[float, float]]]
    """Joint to its place on the canvas, for the joints that the body has."""
    box: skia.Rect
    """The pixels that the body may reach, generously, before roll."""

    def paint(self, canvas: skia.Canvas) -> None:
        """Paint the shadow, then the body."""
        self.shadow(canvas)
        self.body(canvas)


@dataclass(slots=True)
class Shot:
    """Everything that is made once for a shot."""

    request: ShotRequest
    path: CameraPath
    light: ShotLight
    actors: list[tuple[str, Figure, SlotMotion]]
    props: list[PropOnSet]
    items: list[Item]
    drawables: list[Drawable]
    stage: SlotMotion
    lamp: SlotMotion
    shadow: Any
    grade: Any
    pixels: np.ndarray
    surface: Any
    start_s: float
    times_s: Sequence[float]

    @classmethod
    def of(
        cls, request: ShotRequest, latent: Float[np.ndarray, "slot time channel"], times_s: Sequence[float] | None = None
    ) -> Shot:
        """Prepare the shot at the film's frames, or at the moments `times_s` in the same light and on the same camera."""
        film = {slot: decode(slot, latent[i], request.frames, request.fps) for i, slot in enumerate(SLOTS)}
        tracks, moments = film, [frame / request.fps for frame in range(request.frames)]
        path = CameraPath.of(tracks["camera"], request.camera, request.width, request.height)
        if times_s is not None:
            moments = [float(time) for time in times_s]
            ticks = np.array(moments, np.float64) * LATENT_HZ
            tracks = {slot: decode_at(slot, latent[i], ticks) for i, slot in enumerate(SLOTS)}
            path = path.at(tracks["camera"], request.width, request.height)
        look = read_look(request.setting.look, request.setting.location)
        air, tint = air_of(look)
        light = ShotLight.of(
            request.setting, request.style, _mean(film["light"]), _mean(film["set"]), indoors=look.indoors, air=air, tint=tint
        )
        actors = _actors(request, tracks)
        props = [prop for prop in request.setting.props if prop.mark is not None and not prop.held_by]
        ranges = [motion.values["z"] for _, _, motion in actors]
        depths = [float(z) for track in ranges for z in (track.min(), track.max())]
        depths += [prop.mark.z for prop in props if prop.mark is not None]
        salt = _salt(request.shot_id, request.seed)
        items, lives = build_set(look, light, request.setting)
        lives = [*lives, *weather_items(look, light, request.setting, salt)]
        drawables = lay_out(
            items, lives, path, (min(depths), max(depths)) if depths else None, lambda canvas: Brush(canvas, light, look)
        )
        pixels = np.zeros((request.height, request.width, 4), np.uint8)
        info = skia.ImageInfo.Make(
            request.width, request.height, skia.ColorType.kBGRA_8888_ColorType, skia.AlphaType.kPremul_AlphaType
        )
        return cls(
            request=request,
            path=path,
            light=light,
            actors=actors,
            props=props,
            items=items,
            drawables=drawables,
            stage=tracks["set"],
            lamp=tracks["light"],
            shadow=_shadow_sprite(),
            grade=grade_image(light, request.width, request.height, salt),
            pixels=pixels,
            surface=skia.Surface.MakeRasterDirect(info, pixels),
            start_s=(salt % 4096) / 16,
            times_s=moments,
        )

    def paint(self, frame: int) -> UInt8[np.ndarray, "height width 3"]:
        """Paint one frame."""
        view = self.path.views[frame]
        moment = self.moment(frame)
        canvas = self.surface.getCanvas()
        canvas.save()
        queue = self.layers(frame)
        for drawable in self.drawables:
            while queue and queue[0].z >= drawable.order:
                upright(canvas, view, queue.pop(0).paint)
            self.draw(drawable, canvas, view, moment)
        for layer in queue:
            upright(canvas, view, layer.paint)
        canvas.restore()
        canvas.drawImage(self.grade, 0, 0, skia.SamplingOptions(), _MULTIPLY)
        return self._rgb()

    def flicker(self, frame: int) -> float:
        """The LIGHT slot's flicker at a frame, -1..1."""
        return float(np.clip(np.nan_to_num(self.lamp.values["flicker"][frame]), -1, 1))

    def moment(self, frame: int) -> Moment:
        """The moving values of the set at a frame."""
        return Moment(
            seconds=self.start_s + self.times_s[frame],
            frame=frame,
            stage=self.stage.at(frame),
            light=self.lamp.at(frame),
            glow=max(0.0, self.light.practical * (1 + 0.35 * self.flicker(frame))),
        )

    def draw(self, drawable: Drawable, canvas: skia.Canvas, view: View, moment: Moment) -> None:
        """Draw one item of the set as `view` sees it."""
        turned = bool(view.roll) and not self.path.locked
        if turned or (view.roll and isinstance(drawable, Live)):
            upright(canvas, view, lambda turned: drawable.draw(turned, view, moment))
        else:
            drawable.draw(canvas, view, moment)

    def layers(self, frame: int) -> list[Layer]:
        """Figures and props of a frame, farthest first."""
        view, flicker = self.path.views[frame], self.flicker(frame)
        queue: list[Layer] = []
        for performer, figure, motion in self.actors:
            pose = motion.at(frame)
            if view.sees(pose["z"]):
                queue.append(self._figure_layer(performer, figure, pose, view, flicker))
        queue += [
            self._prop_layer(prop, prop.mark, view, flicker)
            for prop in self.props
            if prop.mark is not None and view.sees(prop.mark.z)
        ]
        queue.sort(key=lambda layer: -layer.z)
        return queue

    def _figure_layer(self, performer: str, figure: Figure, pose: Mapping[str, float], view: View, flicker: float) -> Layer:
        """A figure as a layer of the frame."""
        x, z = pose["x"], pose["z"]
        px, py = view.point(x, 0.0, z)
        scale = view.scale(z)
        shade = self.light.figure((px / view.width) * 2 - 1, z - view.focus_z, scale, flicker)

        def shadow(canvas: skia.Canvas) -> None:
            self._ground_shadow(canvas, view, x, z, 0.42, max(0.0, pose["lift"]))

        def body(canvas: skia.Canvas, ink: Ink | None = None) -> None:
            canvas.save()
            canvas.translate(px, py)
            canvas.scale(scale, scale)
            figure.draw(canvas, pose, shade, ink)
            canvas.restore()

        def mark(canvas: skia.Canvas) -> Mapping[str, tuple[float, float]]:
            with figure.marking() as marks:
                body(canvas)
            return marks

        holds = next((prop.id for prop in self.request.setting.props if prop.held_by == performer), None)
        half, tall = figure.bounds()
        box = _box(px, py - scale * max(0.0, pose["lift"]), scale * (2.0 * half + tall), scale * tall)
        return Layer(x, z, performer, performer, holds, shadow, body, mark, box)

    def _prop_layer(self, prop: PropOnSet, mark: Mark, view: View, flicker: float) -> Layer:
        """A prop on its mark as a layer of the frame."""
        px, py = view.point(mark.x, 0.0, mark.z)
        scale = view.scale(mark.z)
        shade = self.light.figure((px / view.width) * 2 - 1, mark.z - view.focus_z, scale, flicker)

        def shadow(canvas: skia.Canvas) -> None:
            self._ground_shadow(canvas, view, mark.x, mark.z, 0.3, 0.0)

        def body(canvas: skia.Canvas, ink: Ink | None = None) -> None:
            del ink
            canvas.save()
            canvas.translate(px, py)
            canvas.scale(scale, scale)
            draw_prop(canvas, prop.look, shade, self.request.style)
            canvas.restore()

        box = skia.Rect.MakeWH(view.width, view.height)
        return Layer(mark.x, mark.z - 0.01, None, prop.id, None, shadow, body, lambda _: {}, box)

    def _ground_shadow(self, canvas: skia.Canvas, view: View, x: float, z: float, radius: float, lift: float) -> None:
        """Paint a soft patch on the floor that leans away from the key, and spreads and pales as the body leaves the ground."""
        grow = 1 + 0.5 * min(lift, 1.5)
        lean = -self.light.key_x * (0.16 + 0.22 * (1 - self.light.elevation))
        cx, far = view.point(x + lean, 0.0, z + 0.32 * radius * 2 * grow)
        _, near = view.point(x + lean, 0.0, z - 0.30 * radius * 2 * grow)
        half = radius * (1.15 + abs(lean)) * grow * view.scale(z)
        high = max(near - far, half * 0.22)
        middle = (near + far) / 2
        strength = (0.50 + 0.25 * self.light.contrast) * (0.75 if not self.light.indoors and self.light.time == "night" else 1.0)
        paint = skia.Paint(Alphaf=max(0.08, strength / (1 + 1.6 * lift)))
        rect = skia.Rect.MakeLTRB(cx - half, middle - high / 2, cx + half, middle + high / 2)
        canvas.drawImageRect(self.shadow, rect, skia.SamplingOptions(skia.FilterMode.kLinear), paint)

    def _rgb(self) -> UInt8[np.ndarray, "height width 3"]:
        """The painted pixels as a new RGB array."""
        frame = np.empty((self.request.height, self.request.width, 3), np.uint8)
        # one channel at a time: four times as quick as a sliced copy
        for channel in range(3):
            frame[..., channel] = self.pixels[..., 2 - channel]
        return frame


_MULTIPLY = skia.Paint(BlendMode=skia.BlendMode.kMultiply)


def _actors(request: ShotRequest, tracks: Mapping[str, SlotMotion]) -> list[tuple[str, Figure, SlotMotion]]:
    """The performers in frame: id, figure and motion."""
    in_hand = {prop.held_by: prop for prop in request.setting.props if prop.held_by}
    return [
        (
            performer.id,
            Figure(
                performer.look,
                style=request.style,
                holding=in_hand[performer.id].look if performer.id in in_hand else None,
            ),
            _numbers(tracks[f"actor{i}"]),
        )
        for i, performer in enumerate(request.performers[:ACTOR_SLOTS])
        if performer.in_frame
    ]


def _numbers(motion: SlotMotion) -> SlotMotion:
    """The motion with 0 for values that are no numbers."""
    return SlotMotion({name: np.nan_to_num(track) for name, track in motion.values.items()})


def _box(x: float, y: float, half: float, tall: float) -> skia.Rect:
    """Room for raised arms, hats, tails and props, about a figure that stands at (x, y)."""
    return skia.Rect.MakeLTRB(x - half, y - 2.2 * tall, x + half, y + 0.5 * tall)


def _mean(motion: SlotMotion) -> dict[str, float]:
    """The mean of every channel over the shot."""
    return {name: float(np.nan_to_num(track).mean()) for name, track in motion.values.items()}


def _salt(shot_id: str, seed: int) -> int:
    """A number that is the same for every take of a shot with this seed."""
    return int.from_bytes(hashlib.blake2b(f"{shot_id}/{seed}".encode(), digest_size=4).digest(), "big")


def upright(canvas: skia.Canvas, view: View, paint: Callable[[skia.Canvas], None]) -> None:
    """Paint with the camera's roll."""
    canvas.save()
    turn(canvas, view)
    paint(canvas)
    canvas.restore()


def turn(canvas: skia.Canvas, view: View) -> None:
    """Turn the canvas by the camera's roll."""
    if view.roll:
        canvas.translate(view.center_x, view.center_y)
        canvas.rotate(view.roll * 57.29578)
        canvas.translate(-view.center_x, -view.center_y)


def _shadow_sprite() -> skia.Image:
    """A soft violet-black disc."""
    surface = skia.Surface(_SHADOW_PX, _SHADOW_PX)
    surface.getCanvas().clear(0)
    half = _SHADOW_PX / 2
    colors = [0xFF0D0714, 0xC80D0714, 0x500D0714, 0x000D0714]
    shader = skia.GradientShader.MakeRadial(skia.Point(half, half), half, colors, [0.0, 0.35, 0.7, 1.0])
    surface.getCanvas().drawPaint(skia.Paint(Shader=shader))
    return surface.makeImageSnapshot()
