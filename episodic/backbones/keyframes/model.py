"""Who makes the pictures that models are shown before any take exists: sheets of characters and props, place plates, a shot's first frame.

`stage`'s painter ships and draws sheets and plates. A `KeyframeModel` is an open picture model (`keyframes: FAMILY:PATH_OR_ID` in
series.yaml); it makes first frames, too.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
from jaxtyping import UInt8

from episodic.backbones.keyframes.sheets import EXPRESSIONS, Sheet, draw_plate, draw_prop_sheet, draw_sheet, write_sheet
from episodic.backbones.keyframes.wishes import CharacterWanted, FramesWanted, PlaceWanted, PropWanted
from episodic.backbones.pictures import read_picture, write_picture
from episodic.backbones.protocol import Capabilities
from episodic.errors import BackboneError
from episodic.series.machine_settings import DEFAULT_MACHINE, MachineSettings

if TYPE_CHECKING:
    import torch

    from episodic.backbones.diffusers.driver import LoadedPipeline
    from episodic.backbones.diffusers.folder.model_folder import ModelFolder
    from episodic.backbones.diffusers.picture_family import PictureFamily, PictureRules
    from episodic.backbones.diffusers.picture_request import PictureRequest

__all__ = [
    "FIRST_FILE",
    "KEYFRAMES_VERSION",
    "LAST_FILE",
    "PAINTER",
    "VIEWS",
    "KeyframeModel",
    "Keyframer",
    "Painter",
    "open_keyframer",
    "pinned_keyframes",
]

Picture = UInt8[np.ndarray, "height width 3"]

PAINTER: Final = "stage"
"""The name of the one that ships."""
KEYFRAMES_VERSION: Final = "1"
"""Changes whenever picture models are asked or judged otherwise."""
VIEWS: Final = ("front", "side", "back")
"""Of the whole figure."""
FIRST_FILE: Final = "first.png"
LAST_FILE: Final = "last.png"
_FRAME_FORMAT: Final = "episodic/keyframe@2"
_TRIES: Final = 3
"""How often a picture is made before it is given up."""
_FIGURE: Final = (2, 3)
"""Shape of a picture of a whole figure, width and height."""
_SQUARE: Final = (1, 1)
_SAME: Final = "The same character as in the picture, unchanged in face, hair, clothes and colours. "
_DRESSED: Final = "The same character as in the picture, unchanged in face and build, but dressed and groomed as follows. "
_CHANGED: Final = "The same object as in the picture, unchanged in shape, but looking as follows. "
_RELIT: Final = "The same place as in the picture, unchanged but for hour, weather and light. "
_BEGINS: Final = "The first frame of a film shot, a still picture. "
_ENDS: Final = "The last frame of a film shot, a still picture, some seconds after its first. "
_ROUGH: Final = "Redraw this rough picture in full detail, keeping figure, clothes and colours. "
_ROUGH_THING: Final = "Redraw this rough picture in full detail, keeping shape and colours. "


class Keyframer(Protocol):
    """Makes pictures for models to be shown."""

    @property
    def name(self) -> str:
        """`stage`, or the model as it is named in series.yaml."""
        ...

    @property
    def maker(self) -> str:
        """`stage`, or what identifies the model's weights, wherever they lie."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What a first frame can be made of: how many reference pictures, how long a prompt."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever the same wish would give other pictures."""
        ...

    def count_tokens(self, text: str) -> int:
        """Length of a text in its own tokens; 0 where it reads none."""
        ...

    def sheet(self, wanted: CharacterWanted, folder: Path) -> Sheet:
        """Make a character sheet in `folder`. Deterministic. Raises BackboneError."""
        ...

    def prop(self, wanted: PropWanted, folder: Path) -> Sheet:
        """Make a picture of a prop by itself in `folder`, a sheet of one picture, `front`. Deterministic. Raises BackboneError."""
        ...

    def plate(self, wanted: PlaceWanted, folder: Path) -> Sheet:
        """Make the plate of a place in `folder`, a sheet of one picture, `wide`. Deterministic. Raises BackboneError."""
        ...

    def frames(self, wanted: FramesWanted, folder: Path) -> None:
        """Make `first.png` and `last.png` of a shot in `folder`, as far as they are wanted, and `keyframe.json` beside them.

        Deterministic. Raises BackboneError.
        """
        ...


class Painter:
    """`stage`'s painter: from a look, in any style, in no time. It paints the frames of a shot as `stage` plays it."""

    name: Final = PAINTER
    maker: Final = PAINTER
    capabilities: Final = Capabilities(name=PAINTER, max_performers=8, draws=True)

    @property
    def version(self) -> str:
        """The painter's."""
        from episodic.backbones.registry import open_backbone

        return open_backbone("stage").develop_version

    def count_tokens(self, text: str) -> int:
        """0: it reads none."""
        del text
        return 0

    def sheet(self, wanted: CharacterWanted, folder: Path) -> Sheet:
        """See `draw_sheet`."""
        return draw_sheet(wanted.kind, wanted.look, wanted.style, folder)

    def prop(self, wanted: PropWanted, folder: Path) -> Sheet:
        """See `draw_prop_sheet`."""
        return draw_prop_sheet(wanted.look, wanted.style, folder)

    def plate(self, wanted: PlaceWanted, folder: Path) -> Sheet:
        """See `draw_plate`."""
        width, height = wanted.size
        return draw_plate(wanted.setting, wanted.style, folder, width, height)

    def frames(self, wanted: FramesWanted, folder: Path) -> None:
        """The frames of the shot as it is played. Raises BackboneError where that is not said."""
        from episodic.backbones.registry import open_backbone

        if wanted.played is None:
            raise BackboneError(
                f"shot {wanted.shot_id}: expected the shot as {PAINTER} plays it, found none; the request is at fault"
            )
        folder.mkdir(parents=True, exist_ok=True)
        stage, request = open_backbone("stage"), wanted.played
        painted = stage.develop(request, stage.shoot(request))
        for number, picture in enumerate(painted):
            if wanted.first and number == 0:
                write_picture(folder / FIRST_FILE, picture)
            if wanted.last and number == request.frames - 1:
                write_picture(folder / LAST_FILE, picture)
            if not wanted.last:
                break
        _write_note(folder, wanted, {"model": self.version})


@lru_cache(maxsize=4)
def open_keyframer(name: str | None, machine: MachineSettings = DEFAULT_MACHINE) -> Keyframer:
    """The painter for None, else the model `FAMILY:PATH_OR_ID[@REVISION]`.

    Raises InputError for a name that is none, BackboneError where the model is not there or may not be loaded.
    """
    return Painter() if name is None or name == PAINTER else KeyframeModel(name, machine)


def pinned_keyframes(name: str) -> str:
    """The name with the commit that is on this machine, for a model of the hub. Raises BackboneError where it is not there."""
    if name == PAINTER:
        return name
    from episodic.backbones.diffusers.families.registry import KEYFRAME_FAMILIES
    from episodic.backbones.diffusers.folder.spec import ModelSpec, resolve

    spec = ModelSpec.parse(name, families=tuple(KEYFRAME_FAMILIES))
    return name if not spec.is_hub or spec.is_pinned else str(spec.pinned(resolve(spec).revision))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A picture, and how it came about."""

    picture: Picture
    seed: int
    tries: int
    likeness: float | None = None
    fault: str = ""
    """Why it is unfit; empty: it is fit."""
    cut: str = ""
    """The end of the prompt, which the model could not read any more."""

    def to_json(self) -> dict[str, Any]:
        likeness = {} if self.likeness is None else {"likeness": round(self.likeness, 3)}
        return {"seed": self.seed, "tries": self.tries, **likeness, **({"cut": self.cut} if self.cut else {})}


class KeyframeModel:
    """A folder of open weights that makes pictures. Making one reads configurations only; weights are loaded for the first picture."""

    def __init__(
        self,
        name: str,
        machine: MachineSettings = DEFAULT_MACHINE,
        *,
        family: PictureFamily | None = None,
        steps: int | None = None,
        area: int | None = None,
    ) -> None:
        """`family`: instead of the one that is named. `steps`, `area` (pixels): instead of the model's own. Raises as `open_keyframer`."""
        from episodic.backbones.diffusers.families.registry import KEYFRAME_FAMILIES, open_keyframe_family
        from episodic.backbones.diffusers.folder.spec import ModelSpec, resolve

        spec = ModelSpec.parse(name, families=tuple(KEYFRAME_FAMILIES))
        self.name = name
        self._family = family or open_keyframe_family(spec.family)
        self._folder: ModelFolder = self._family.complete(resolve(spec))
        self._machine, self._steps, self._area = machine, steps, area

    @cached_property
    def _rules(self) -> PictureRules:
        return self._family.rules(self._folder)

    @cached_property
    def capabilities(self) -> Capabilities:
        """References and text of the model."""
        rules = self._rules
        return Capabilities(
            name=self._family.name,
            max_performers=8,
            text_tokens=rules.text_tokens,
            reference_pictures=rules.references,
            first_frame=True,
            heavy=True,
        )

    @property
    def maker(self) -> str:
        """Family and weights."""
        return f"{self._family.name} {self._folder.fingerprint}"

    @property
    def version(self) -> str:
        """Family, weights, and how they are called."""
        said = "".join(f"-{one}" for one in (self._steps, self._area) if one is not None)
        return f"{self._family.name}-{self._family.version}-{self._folder.fingerprint}-{KEYFRAMES_VERSION}{said}"

    @cached_property
    def _counter(self) -> Any:
        from episodic.backbones.diffusers.sampling.tokens import TokenCounter

        return TokenCounter(self._folder, tuple(self._folder.components))

    def count_tokens(self, text: str) -> int:
        """By the model's own tokenizer."""
        return int(self._counter.count(text))

    def sheet(self, wanted: CharacterWanted, folder: Path) -> Sheet:
        """The front first, then every other view with the front as its reference.

        A view that is not like the front by the look encoder is made again with another seed, and left out after three tries. Raises
        BackboneError where not even the front is fit.
        """
        folder.mkdir(parents=True, exist_ok=True)
        rough = self._rough(lambda place: draw_sheet(wanted.kind, wanted.look, wanted.style, place))
        shown, prefix = _shown(wanted.like, _DRESSED, rough)
        front = self._try("front", wanted.prompts["front"], shown, _FIGURE, wanted.seed, prefix)
        if front.fault:
            raise BackboneError(f"{self.name}: no front view came out in {_TRIES} tries: {front.fault}; {_REMEDY}")
        made = {"front": front}
        for view in [one for one in (*VIEWS[1:], *EXPRESSIONS) if one in wanted.prompts]:
            shape = _FIGURE if view in VIEWS else _SQUARE
            made[view] = self._try(view, wanted.prompts[view], [front.picture], shape, wanted.seed, _SAME, like=front.picture)
        fit = {view: (one.picture, _box_of(one.picture)) for view, one in made.items() if not one.fault}
        unfit = {view: one.fault for view, one in made.items() if one.fault}
        return write_sheet(folder, wanted.style, fit, left_out=unfit, made=self._note(made, wanted.prompts))

    def _rough(self, draw: Callable[[Path], Sheet]) -> Callable[[], list[Picture]]:
        """What the painter draws first, for a model that only changes pictures."""

        def drawn() -> list[Picture]:
            if not self._rules.needs_reference:
                return []
            with tempfile.TemporaryDirectory() as place:
                sheet = draw(Path(place))
                return [read_picture(sheet.folder / next(iter(sheet.pictures.values())).file)]

        return drawn

    def prop(self, wanted: PropWanted, folder: Path) -> Sheet:
        """Raises BackboneError where none comes out."""
        rough = self._rough(lambda place: draw_prop_sheet(wanted.look, wanted.style, place))
        shown, prefix = _shown(wanted.like, _CHANGED, rough, _ROUGH_THING)
        made = self._one(wanted, "front", "picture of the prop", _SQUARE, shown, prefix)
        return self._written(wanted, folder, "front", made, _box_of(made.picture))

    def plate(self, wanted: PlaceWanted, folder: Path) -> Sheet:
        """Raises BackboneError where none comes out."""
        rough = self._rough(lambda place: draw_plate(wanted.setting, wanted.style, place, *_drawable(wanted.size)))
        shown, prefix = _shown(wanted.like, _RELIT, rough)
        made = self._one(wanted, "wide", "plate", wanted.size, shown, prefix)
        height, width = made.picture.shape[:2]
        return self._written(wanted, folder, "wide", made, (0, 0, width, height))

    def _one(
        self,
        wanted: PropWanted | PlaceWanted,
        view: str,
        what: str,
        shape: tuple[int, int],
        shown: Sequence[Picture],
        prefix: str,
    ) -> _Made:
        """The one picture that there is to a sheet."""
        made = self._try(view, wanted.prompt, shown, shape, wanted.seed, prefix)
        if made.fault:
            raise BackboneError(f"{self.name}: no {what} came out in {_TRIES} tries: {made.fault}; {_REMEDY}")
        return made

    def _written(
        self, wanted: PropWanted | PlaceWanted, folder: Path, view: str, made: _Made, box: tuple[int, int, int, int]
    ) -> Sheet:
        folder.mkdir(parents=True, exist_ok=True)
        note = self._note({view: made}, {view: wanted.prompt})
        return write_sheet(folder, wanted.style, {view: (made.picture, box)}, made=note)

    def frames(self, wanted: FramesWanted, folder: Path) -> None:
        """From all references that there is room for, the last frame with the first in place of what does not fit beside it.

        What each was really shown is in the note.
        """
        folder.mkdir(parents=True, exist_ok=True)
        most = self._rules.references
        shown = [(one.name, read_picture(one.path)) for one in wanted.references[:most]]
        pictures: dict[str, Any] = {}
        if wanted.first:
            first = self._frame(wanted, "first", _BEGINS, wanted.prompt, shown)
            write_picture(folder / FIRST_FILE, first.picture)
            pictures["first"] = _told(first, wanted.prompt, shown)
            if most:
                shown = [*shown[: most - 1], (f"{wanted.shot_id}:{FIRST_FILE}", first.picture)]
        if wanted.last:
            prompt = wanted.last_prompt or wanted.prompt
            last = self._frame(wanted, "last", _ENDS, prompt, shown)
            write_picture(folder / LAST_FILE, last.picture)
            pictures["last"] = _told(last, prompt, shown)
        _write_note(folder, wanted, {"model": self.version, "pictures": pictures})

    def _frame(self, wanted: FramesWanted, which: str, prefix: str, prompt: str, shown: Sequence[tuple[str, Picture]]) -> _Made:
        made = self._try(which, prompt, [picture for _, picture in shown], wanted.size, wanted.seed, prefix)
        if made.fault:
            raise BackboneError(
                f"shot {wanted.shot_id}: {self.name} made no {which} frame in {_TRIES} tries: {made.fault}; {_REMEDY}"
            )
        return made

    def _note(self, made: Mapping[str, _Made], prompts: Mapping[str, str]) -> dict[str, Any]:
        pictures = {view: {**one.to_json(), "prompt": prompts[view]} for view, one in made.items()}
        return {"model": self.version, "pictures": pictures}

    def _try(
        self,
        view: str,
        prompt: str,
        references: Sequence[Picture],
        shape: tuple[int, int],
        seed: int,
        prefix: str = "",
        like: Picture | None = None,
    ) -> _Made:
        """A picture, made again with other seeds until it is fit or the tries are spent; then the last one."""
        from episodic.backbones.diffusers.picture_request import PictureRequest

        rules = self._rules
        width, height = rules.size_for(*shape, area=self._area)
        prompt, cut = self._readable(prefix + prompt)
        for number in range(1, _TRIES + 1):
            own = _seed(seed, view, number)
            picture = self._call(
                PictureRequest(
                    prompt=prompt,
                    references=tuple(references[: rules.references]),
                    width=width,
                    height=height,
                    seed=own,
                    steps=self._steps or rules.steps,
                    guidance=rules.guidance,
                )
            )
            made = _judged(picture, own, number, like)
            if not made.fault:
                break
        return replace(made, cut=cut)

    def _readable(self, prompt: str) -> tuple[str, str]:
        """As much of a prompt as the model reads, and the rest."""
        words, most = prompt.split(" "), self._rules.text_tokens
        fits = bisect_right(range(1, len(words) + 1), most, key=lambda many: self.count_tokens(" ".join(words[:many])))
        return " ".join(words[:fits]), " ".join(words[fits:])

    def _call(self, wanted: PictureRequest) -> Picture:
        from episodic.backbones.diffusers.machine.host import the_host

        def act(loaded: LoadedPipeline, device: torch.device) -> Picture:
            return self._family.call(loaded, wanted, device)

        size = (wanted.width, wanted.height)
        picture = the_host().run(self._folder, self._family, self._machine, act, frames=1, size=size).value
        expected = (wanted.height, wanted.width, 3)
        if picture.shape != expected:
            raise BackboneError(
                f"{self.name}: expected a picture {list(expected)}, found {list(picture.shape)}; the adapter is at fault"
            )
        return picture


def _shown(
    like: Path | None, prefix: str, rough: Callable[[], list[Picture]], redrawn: str = _ROUGH
) -> tuple[list[Picture], str]:
    """What the first picture of a sheet is made from, and how that is said: an earlier one, else a rough, where the model wants one."""
    if like is not None:
        return [read_picture(like)], prefix
    painted = rough()
    return painted, redrawn if painted else ""


def _told(made: _Made, prompt: str, shown: Sequence[tuple[str, Picture]]) -> dict[str, Any]:
    return {**made.to_json(), "prompt": prompt, "references": [name for name, _ in shown]}


def _write_note(folder: Path, wanted: FramesWanted, made: Mapping[str, Any]) -> None:
    note = {"format": _FRAME_FORMAT, "shot": wanted.shot_id, **made}
    (folder / "keyframe.json").write_text(json.dumps(note, indent=1, ensure_ascii=False) + "\n", "utf-8")


_REMEDY: Final = "try another `seed` in series.yaml, or another model"


def _judged(picture: Picture, seed: int, tries: int, like: Picture | None) -> _Made:
    from episodic.backbones.keyframes.checks import LEAST_LIKENESS, likeness, picture_fault

    fault, how_like = picture_fault(picture), None
    if not fault and like is not None:
        how_like = likeness(like, picture)
        if how_like < LEAST_LIKENESS:
            fault = f"it is not like the front view: likeness {how_like:.2f}, expected {LEAST_LIKENESS:.2f} or more"
    return _Made(picture=picture, seed=seed, tries=tries, likeness=how_like, fault=fault)


def _box_of(picture: Picture) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the figure; of the whole picture where none stands out."""
    from episodic.backbones.keyframes.checks import figure_in

    figure = figure_in(picture)
    if figure is None:
        return 0, 0, picture.shape[1], picture.shape[0]
    rows, columns = np.flatnonzero(figure.any(1)), np.flatnonzero(figure.any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _drawable(size: tuple[int, int]) -> tuple[int, int]:
    """A size of that shape that a rough can be painted at."""
    scale = 768 / max(size)
    return max(64, round(size[0] * scale)), max(64, round(size[1] * scale))


def _seed(seed: int, view: str, number: int) -> int:
    text = f"{seed}|{view}|try {number}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
