"""The fronts of clothes: collars, buttons, lapels, bibs, aprons, ties. Placed by their angle round the body, so that they turn with it."""

from __future__ import annotations

import skia

from episodic.backbones.stage.painter.figures.pose import BodyPose
from episodic.backbones.stage.painter.figures.wardrobe_torso import Torso, darker
from episodic.backbones.stage.painter.pen import Pen, curve, polygon
from episodic.looks.clothes import Garment

__all__ = ["Front"]


class Front:
    """The details on the front of one person's top and coat."""

    def __init__(self, top: Garment, coat: Garment | None, skin: str) -> None:
        self.top, self.coat, self.skin = top, coat, skin

    def draw_top(self, pen: Pen, torso: Torso) -> None:
        """Draw collar, buttons, bib, ribs or panels of the top."""
        cut, color = self.top.cut, self.top.color
        if not pen.seen(torso.size.height * 0.02, 3):
            return
        line = pen.tone(color).line & 0xA0FFFFFF
        if cut in ("striped",):
            self._stripes(pen, torso)
        elif cut == "shirt":
            self._placket(pen, torso, line, buttons="#f4efe4")
            self._collar(pen, torso, color)
        elif cut == "uniform":
            self._uniform(pen, torso)
        elif cut == "overalls":
            self._bib(pen, torso, color)
        elif cut in ("sweater", "hoodie"):
            self._ribs(pen, torso, line)
        elif cut in ("spacesuit", "wetsuit", "jumpsuit"):
            self._suit_panels(pen, torso, line)
        elif cut in ("dress", "gown", "tunic"):
            self._waistband(pen, torso, line)
        elif cut == "robe":
            self._placket(pen, torso, line, buttons=None)

    def _stripes(self, pen: Pen, torso: Torso) -> None:
        """The stripes of a sailor's shirt."""
        canvas = pen.canvas
        canvas.save()
        canvas.clipPath(curve(torso.outline(), tension=0.8), True)
        pen.paint.setColor(pen.tone("#f4efe4").lit)
        step = (torso.shoulder_y - torso.hip_y) / 6
        for index in range(6):
            y = torso.hip_y + index * step
            canvas.drawRect(skia.Rect.MakeLTRB(-1, y, 1, y + step * 0.42), pen.paint)
        canvas.restore()

    def _placket(self, pen: Pen, torso: Torso, line: int, buttons: str | None) -> None:
        """The closing edge of a shirt, with buttons in a colour."""
        path = skia.Path()
        facing = torso.at(0.0, 0.5)[2]
        if facing < 0.1:
            return
        path.moveTo(*torso.at(0.0, 0.94)[:2])
        path.quadTo(*torso.at(0.0, 0.5, 1.06)[:2], *torso.at(0.0, -0.05)[:2])
        pen.line(path, line, 0.006)
        if buttons and pen.seen(0.012, 2):
            color = pen.tone(buttons).lit
            for t in (0.14, 0.34, 0.54, 0.74):
                x, y, _ = torso.at(0.05, t, 1.02)
                pen.dot(x, y, torso.size.height * 0.006, color)

    def _collar(self, pen: Pen, torso: Torso, color: str) -> None:
        """A shirt's collar."""
        tone = pen.tone(color)
        centre = torso.at(0.0, 0.9)
        neck = torso.size.head * 0.44
        y = torso.shoulder_y + torso.size.head * 0.12
        for side in (-1, 1):
            flap = polygon(
                (
                    (centre[0] * 0.8, y - 0.035),
                    (side * neck + centre[0] * 0.2, y + 0.035),
                    (side * neck * 1.16 + centre[0] * 0.3, y - 0.03),
                    (side * neck * 0.55 + centre[0] * 0.8, y - 0.085),
                )
            )
            pen.flat(flap, tone.rim if side * pen.light.key_x > 0 else tone.lit)
            pen.line(flap, tone.line & 0x60FFFFFF, 0.004)

    def _uniform(self, pen: Pen, torso: Torso) -> None:
        """Buttons, braid and collar of a uniform."""
        gold = pen.tone("#e0b548").lit
        self._placket(pen, torso, gold, buttons=None)
        for angle in (-0.34, 0.34):
            for t in (0.2, 0.42, 0.64, 0.82):
                x, y, facing = torso.at(angle, t)
                if facing > 0.2:
                    pen.dot(x, y, torso.size.height * 0.0085, gold)
        for angle in (-1.25, 1.25):
            x, y, facing = torso.at(angle, 0.96)
            if facing > -0.4:
                pen.oval(x, y + 0.005, torso.size.height * 0.028, torso.size.height * 0.011, gold)
        self._belt(pen, torso, "#3a2c2a", "#e0b548")

    def _belt(self, pen: Pen, torso: Torso, color: str, buckle: str) -> None:
        """A belt with a buckle."""
        half = torso.half(0.28) + 0.004
        y = torso.hip_y + 0.26 * (torso.shoulder_y - torso.hip_y)
        high = torso.size.height * 0.022
        push = torso.sin * torso.size.waist * 0.1
        band = curve(
            (
                (-half + push, y + high * 0.6),
                (push, y + high * 0.2),
                (half + push, y + high * 0.6),
                (half + push, y - high * 0.5),
                (push, y - high),
                (-half + push, y - high * 0.5),
            ),
            tension=0.7,
        )
        pen.lit(band, color)
        x, _, facing = torso.at(0.0, 0.26)
        if facing > 0.15:
            pen.paint.setColor(pen.tone(buckle).lit)
            pen.canvas.drawRect(skia.Rect.MakeLTRB(x - high * 0.8, y - high * 1.1, x + high * 0.8, y + high * 0.4), pen.paint)

    def _bib(self, pen: Pen, torso: Torso, color: str) -> None:
        """The bib and straps of overalls."""
        left, right = torso.at(-0.62, 0.66), torso.at(0.62, 0.66)
        low_left, low_right = torso.at(-1.3, 0.3), torso.at(1.3, 0.3)
        base = curve(torso.outline(low=-0.12), tension=0.8)
        canvas = pen.canvas
        canvas.save()
        canvas.clipPath(base, True)
        shape = polygon(
            (
                (left[0], left[1]),
                (right[0], right[1]),
                (low_right[0], low_right[1]),
                (1, low_right[1] - 0.02),
                (1, -1),
                (-1, -1),
                (-1, low_left[1] - 0.02),
                (low_left[0], low_left[1]),
            )
        )
        pen.lit(shape, color)
        for angle, top in ((-0.5, left), (0.5, right)):
            shoulder = torso.at(angle * 1.2, 1.06)
            strap = skia.Path()
            strap.moveTo(top[0], top[1])
            strap.lineTo(shoulder[0], shoulder[1])
            pen.line(strap, pen.tone(color).lit, torso.size.height * 0.022)
            pen.dot(top[0], top[1] - 0.012, torso.size.height * 0.009, pen.tone("#e0b548").lit)
        canvas.restore()

    def _ribs(self, pen: Pen, torso: Torso, line: int) -> None:
        """The neck and hem of a sweater."""
        neck = torso.size.head * 0.5
        y = torso.shoulder_y + torso.size.head * 0.1
        x = torso.sin * torso.size.head * 0.1
        pen.oval(x, y, neck * 1.02, neck * 0.34, pen.tone(self.top.color).dim)
        pen.oval(x, y + neck * 0.1, neck * 0.86, neck * 0.26, pen.tone(self.skin).dim)
        path = skia.Path()
        for t in (0.0, 0.05):
            a, b = torso.at(-1.2 - torso.theta, t), torso.at(1.2 - torso.theta, t)
            path.moveTo(a[0], a[1])
            path.quadTo(0, a[1] - 0.02, b[0], b[1])
        pen.line(path, line & 0x80FFFFFF, 0.006)

    def _suit_panels(self, pen: Pen, torso: Torso, line: int) -> None:
        """Closing and panels of a space suit, wetsuit or jumpsuit."""
        self._placket(pen, torso, line, buttons=None)
        accent = {"spacesuit": "#e2603f", "wetsuit": "#3fa0b0"}.get(self.top.cut, "#e0d0a8")
        if self.top.cut == "spacesuit":
            x, y, facing = torso.at(0.0, 0.55)
            if facing > 0.1:
                high = torso.size.height * 0.045
                pen.paint.setColor(pen.tone("#55606e").lit)
                pen.canvas.drawRoundRect(
                    skia.Rect.MakeLTRB(x - high * 1.2 * facing, y - high, x + high * 1.2 * facing, y + high * 0.7),
                    0.012,
                    0.012,
                    pen.paint,
                )
                for index, color in enumerate(("#e2603f", "#f2b632", "#7fe6e0")):
                    pen.dot(x + (index - 1) * high * 0.62 * facing, y + high * 0.2, high * 0.2, pen.tone(color).lit)
            ring = torso.size.head * 0.62
            pen.oval(torso.sin * 0.01, torso.shoulder_y + torso.size.head * 0.12, ring, ring * 0.32, pen.tone("#b9bec8").dim)
            pen.oval(
                torso.sin * 0.01, torso.shoulder_y + torso.size.head * 0.16, ring * 0.86, ring * 0.24, pen.tone("#55606e").dim
            )
        for side in (-1, 1):
            path = skia.Path()
            points = [torso.at(side * 0.95, t) for t in (0.0, 0.45, 0.9)]
            if points[1][2] > 0.1:
                path.moveTo(points[0][0], points[0][1])
                path.quadTo(points[1][0], points[1][1], points[2][0], points[2][1])
                pen.line(path, pen.tone(accent).lit, torso.size.height * 0.009)
        self._belt(pen, torso, accent if self.top.cut != "spacesuit" else "#b9bec8", "#f4efe4")

    def _waistband(self, pen: Pen, torso: Torso, line: int) -> None:
        """The waist of a dress."""
        half, y = torso.half(0.4) + 0.002, torso.hip_y + 0.4 * (torso.shoulder_y - torso.hip_y)
        push = torso.sin * torso.size.waist * 0.14
        path = skia.Path()
        path.moveTo(-half + push, y + 0.01)
        path.quadTo(push, y - 0.025, half + push, y + 0.01)
        pen.line(path, line, torso.size.height * 0.011)
        neck = torso.size.head * 0.52
        x = torso.sin * torso.size.head * 0.3
        scoop = skia.Path()
        scoop.moveTo(x - neck, torso.shoulder_y + torso.size.head * 0.2)
        scoop.quadTo(
            x,
            torso.shoulder_y - torso.size.head * (0.7 if self.top.cut == "gown" else 0.45),
            x + neck,
            torso.shoulder_y + torso.size.head * 0.2,
        )
        scoop.close()
        pen.lit(scoop, self.skin)

    def draw_open_coat(self, pen: Pen, torso: Torso, coat: Garment) -> None:
        """Draw two fronts that leave the top visible between them."""
        if coat.cut == "cape":
            self._cape_front(pen, torso, coat)
            return
        low = 0.02 if coat.cut == "vest" else -0.13
        gap_top, gap_low = (0.5, 0.16) if coat.cut in ("suit", "vest", "jacket") else (0.42, 0.34)
        outline = curve(torso.outline(low=low, grow=0.006), tension=0.8)
        canvas = pen.canvas
        canvas.save()
        canvas.clipPath(outline, True)
        tone = pen.tone(coat.color)
        for side in (-1, 1):
            inner_top, inner_mid, inner_low = (
                torso.at(side * gap_top, 0.98),
                torso.at(side * 0.1, 0.42),
                torso.at(side * gap_low, low),
            )
            edge = side * 1.0
            if inner_mid[2] < -0.2 and side * torso.sin > 0:
                continue
            shape = polygon(
                (
                    (inner_top[0], torso.shoulder_y + 0.1),
                    inner_top[:2],
                    inner_mid[:2],
                    (inner_low[0], torso.hip_y - 0.2),
                    (edge, torso.hip_y - 0.2),
                    (edge, torso.shoulder_y + 0.1),
                )
            )
            pen.flat(shape, tone.lit)
            if side * pen.light.key_x < -0.15:
                inner = torso.half(0.5) * 0.6
                pen.flat(polygon(((side * inner, -9.0), (side * inner, 9.0), (edge, 9.0), (edge, -9.0))), tone.dim)
            if pen.seen(0.03, 4) and coat.cut in ("suit", "jacket"):
                lapel = polygon((inner_top[:2], torso.at(side * 0.82, 0.8)[:2], torso.at(side * 0.6, 0.72)[:2], inner_mid[:2]))
                pen.flat(lapel, tone.rim)
                pen.line(lapel, tone.line & 0x70FFFFFF, 0.005)
            if pen.seen(0.03, 5):
                a, b = torso.at(side * 0.5, 0.16), torso.at(side * 0.85, 0.18)
                if a[2] > 0.2:
                    pocket = skia.Path()
                    pocket.moveTo(a[0], a[1])
                    pocket.lineTo(b[0], b[1])
                    pen.line(pocket, tone.line & 0xA0FFFFFF, 0.008)
        canvas.restore()
        if pen.seen(0.012, 2) and coat.cut in ("suit", "vest", "cardigan"):
            for t in (0.1, 0.26):
                x, y, facing = torso.at(0.12, t)
                if facing > 0.2:
                    pen.dot(x, y, torso.size.height * 0.007, tone.line)

    def _cape_front(self, pen: Pen, torso: Torso, coat: Garment) -> None:
        """The edges and clasp of a cape."""
        x = torso.sin * torso.size.head * 0.3
        y = torso.shoulder_y + torso.size.head * 0.06
        half = torso.half(0.95) * 1.06
        path = curve(
            (
                (x - half, y - 0.04),
                (x - half * 0.5, y + 0.05),
                (x + half * 0.5, y + 0.05),
                (x + half, y - 0.04),
                (x + half * 0.4, y - 0.075),
                (x, y - 0.085),
                (x - half * 0.4, y - 0.075),
            )
        )
        pen.solid(path, coat.color, 0.15)
        pen.dot(x + torso.sin * 0.05, y - 0.045, torso.size.height * 0.014, pen.tone("#e0b548").lit)

    def draw_closed_coat(self, pen: Pen, torso: Torso, coat: Garment) -> None:
        """Draw buttons, lapels, belt and pockets of a closed coat."""
        tone = pen.tone(coat.color)
        line = tone.line & 0xA8FFFFFF
        if not pen.seen(0.02, 3):
            return
        if coat.cut == "trench":
            for angle in (-0.32, 0.32):
                for t in (0.1, 0.48, 0.66):
                    x, y, facing = torso.at(angle, t)
                    if facing > 0.2:
                        pen.dot(x, y, torso.size.height * 0.008, tone.line)
            self._lapels(pen, torso, coat, 0.52)
            self._belt(pen, torso, darker(coat.color), "#6a4a34")
            return
        self._placket(pen, torso, line, buttons={"raincoat": "#6a5a34", "labcoat": "#b9bec8"}.get(coat.cut, "#e0c98a"))
        if coat.cut in ("long", "labcoat"):
            self._lapels(pen, torso, coat, 0.55 if coat.cut == "long" else 0.4)
        else:
            self._storm_collar(pen, torso, coat)
        for side in (-1, 1):
            a, b = torso.at(side * 0.45, 0.12), torso.at(side * 0.95, 0.14)
            if a[2] > 0.15:
                pocket = skia.Path()
                pocket.moveTo(a[0], a[1])
                pocket.lineTo(b[0], b[1])
                pen.line(pocket, line, 0.011)

    def _lapels(self, pen: Pen, torso: Torso, coat: Garment, low: float) -> None:
        """The lapels of an open coat, down to `low`."""
        tone, inner = pen.tone(coat.color), pen.tone(self.top.color)
        centre = torso.at(0.0, low)
        a, b = torso.at(-0.5, 1.0), torso.at(0.5, 1.0)
        pen.flat(polygon(((a[0], torso.shoulder_y + 0.04), (b[0], torso.shoulder_y + 0.04), centre[:2])), inner.lit)
        for side in (-1, 1):
            top = torso.at(side * 0.5, 1.0)
            if top[2] < -0.3:
                continue
            flap = polygon(
                ((top[0], torso.shoulder_y + 0.055), torso.at(side * 1.1, 0.94)[:2], torso.at(side * 0.78, 0.74)[:2], centre[:2])
            )
            pen.flat(flap, tone.rim if side * pen.light.key_x > 0 else tone.lit)
            pen.line(flap, tone.line & 0x80FFFFFF, 0.005)

    def _storm_collar(self, pen: Pen, torso: Torso, coat: Garment) -> None:
        """The high collar of a raincoat."""
        tone = pen.tone(coat.color)
        x, y = torso.sin * torso.size.head * 0.22, torso.shoulder_y + torso.size.head * 0.1
        half = torso.size.head * 0.74
        path = curve(
            (
                (x - half, y + 0.02),
                (x - half * 0.7, y + 0.07),
                (x, y + 0.03),
                (x + half * 0.7, y + 0.07),
                (x + half, y + 0.02),
                (x + half * 0.5, y - 0.055),
                (x, y - 0.035),
                (x - half * 0.5, y - 0.055),
            )
        )
        pen.solid_tone(path, tone, 0.2)
        pen.line(path, tone.line & 0x58FFFFFF, 0.005)

    def draw_tie(self, pen: Pen, torso: Torso, tie: Garment) -> None:
        """A tie, a bow tie or a jabot."""
        x, y, facing = torso.at(0.0, 0.93)
        if facing < 0.1:
            return
        unit = torso.size.height * 0.022
        y = torso.shoulder_y - unit * 0.3
        tone = pen.tone(tie.color)
        if tie.cut == "bow":
            for side in (-1, 1):
                pen.flat(
                    polygon(((x, y), (x + side * unit * 1.7, y + unit * 0.9), (x + side * unit * 1.7, y - unit * 0.9))), tone.lit
                )
            pen.dot(x, y, unit * 0.48, tone.dim)
        elif tie.cut == "jabot":
            for index in range(3):
                pen.oval(x, y - index * unit * 1.5, unit * (1.5 - 0.1 * index), unit * 1.2, tone.lit if index % 2 else tone.rim)
                pen.line(
                    curve(
                        (
                            (x - unit, y - unit * (0.6 + index * 1.5)),
                            (x, y - unit * (1.0 + index * 1.5)),
                            (x + unit, y - unit * (0.6 + index * 1.5)),
                        ),
                        closed=False,
                    ),
                    tone.line & 0x60FFFFFF,
                    0.004,
                )
        else:
            low = torso.at(0.0, 0.3, 1.04)
            pen.flat(
                polygon(
                    (
                        (x - unit * 0.55, y),
                        (x + unit * 0.55, y),
                        (low[0] + unit * 0.95, low[1] + unit),
                        (low[0], low[1] - unit),
                        (low[0] - unit * 0.95, low[1] + unit),
                    )
                ),
                tone.lit,
            )
            pen.flat(
                polygon(
                    (
                        (x - unit * 0.8, y + unit * 0.7),
                        (x + unit * 0.8, y + unit * 0.7),
                        (x + unit * 0.5, y - unit * 0.8),
                        (x - unit * 0.5, y - unit * 0.8),
                    )
                ),
                tone.rim,
            )

    def draw_apron(self, pen: Pen, torso: Torso, pose: BodyPose, apron: Garment) -> None:
        """An apron over the top."""
        size = torso.size
        top_l, top_r = torso.at(-0.6, 0.76), torso.at(0.6, 0.76)
        waist_l, waist_r = torso.at(-1.05, 0.3), torso.at(1.05, 0.3)
        x = torso.sin * size.hip * 0.7 + pose.sway * 0.02
        low = torso.hip_y - 0.13 * size.height
        half = size.hip * 0.92 * (0.4 + 0.6 * torso.cos)
        path = skia.Path()
        path.moveTo(*top_l[:2])
        path.quadTo((top_l[0] + top_r[0]) / 2, top_l[1] - 0.015, *top_r[:2])
        path.quadTo(top_r[0] * 1.02, waist_r[1] + 0.05, *waist_r[:2])
        path.cubicTo(waist_r[0] * 1.02, torso.hip_y, x + half, low + 0.1, x + half, low)
        path.quadTo(x, low - 0.03, x - half, low)
        path.cubicTo(x - half, low + 0.1, waist_l[0] * 1.02, torso.hip_y, *waist_l[:2])
        path.quadTo(top_l[0] * 1.02, waist_l[1] + 0.05, *top_l[:2])
        pen.solid(path, apron.color, 0.13)
        tone = pen.tone(apron.color)
        straps = skia.Path()
        for top, angle in ((top_l, -0.52), (top_r, 0.52)):
            straps.moveTo(*top[:2])
            straps.lineTo(*torso.at(angle, 1.04)[:2])
        pen.line(straps, tone.lit, size.height * 0.012)
        if pen.seen(0.05, 8):
            pocket = curve(
                (
                    (x - half * 0.5, torso.hip_y + 0.03),
                    (x + half * 0.5, torso.hip_y + 0.03),
                    (x + half * 0.46, torso.hip_y - 0.05),
                    (x - half * 0.46, torso.hip_y - 0.05),
                ),
                tension=0.3,
            )
            pen.line(pocket, tone.line & 0x80FFFFFF, 0.006)
