"""Makers of the pictures that models are shown before any take exists: sheets of characters and props, place plates, first frames.

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
from typing import TYPE_CHECKING, Final

import numpy as np
from jaxtyping import UInt8

from episodic.backbones.diffusers.families.family_registry import KEYFRAME_FAMILIES, open_keyframe_family
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.folder.spec import ModelSpec, resolve
from episodic.backbones.diffusers.machine.host_messages import host_messages
from episodic.backbones.diffusers.picture_family import PictureFamily, PictureRules
from episodic.backbones.diffusers.picture_request import PictureRequest
from episodic.backbones.diffusers.sampling.tokens import TokenCounter
from episodic.backbones.keyframes.checks import LikenessTest, figure_in, picture_fault
from episodic.backbones.keyframes.keyframer import EXPRESSIONS, FIRST_FILE, LAST_FILE, PAINTER, Keyframer, Sheet
from episodic.backbones.keyframes.sheet_file import write_sheet
from episodic.backbones.keyframes.wishes import CharacterWanted, FramesWanted, PlaceWanted, PropWanted
from episodic.backbones.pictures import read_picture, write_picture
from episodic.backbones.protocol import Capabilities, DrawsLooks, HeavyModel
from episodic.backbones.registry import open_backbone
from episodic.backbones.request import FrameEnd
from episodic.errors import BackboneError
from episodic.series.machine_settings import DEFAULT_MACHINE, MachineSettings

if TYPE_CHECKING:  # loads torch
    import torch

    from episodic.backbones.diffusers.driver import LoadedPipeline
from memory.model.facts import FactValue

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

Picture = UInt8[np.ndarray, "_ _ 3"]
"""[height, width, 3]. The axes have no names: one function may take pictures of several sizes."""

KEYFRAMES_VERSION: Final = "1"
"""Changes whenever picture models are asked or judged differently."""
VIEWS: Final = ("front", "side", "back")
"""Views of the whole figure."""
_FRAME_FORMAT: Final = "episodic/keyframe@2"
_TRIES: Final = 3
"""Number of attempts at a picture."""
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


class Painter(DrawsLooks):
    """`stage`'s painter. It draws sheets from a look in any style, and paints the frames of a shot as `stage` plays it."""

    name: Final = PAINTER
    maker: Final = PAINTER
    capabilities: Final = Capabilities(name=PAINTER, max_performers=8)

    @property
    def version(self) -> str:
        """The version of the painter."""
        return self.painter_version

    @property
    def painter_version(self) -> str:
        """The version of the painter, which draws looks as a wish describes them."""
        return open_backbone("stage").develop_version

    def count_tokens(self, text: str) -> int:
        """0: it reads no text."""
        del text
        return 0

    def sheet(self, wish: CharacterWanted, folder: Path, likeness: LikenessTest) -> Sheet:
        """See `draw_sheet`. Every view is of one figure: `likeness` is not needed."""
        del likeness
        return _draw(wish, folder)

    def prop(self, wish: PropWanted, folder: Path) -> Sheet:
        """See `draw_prop_sheet`."""
        return _draw(wish, folder)

    def plate(self, wish: PlaceWanted, folder: Path) -> Sheet:
        """See `draw_plate`."""
        return _draw(wish, folder)

    def frames(self, wish: FramesWanted, folder: Path) -> None:
        """Paint the frames of the shot as `stage` plays it. Raises BackboneError where the wish does not hold the shot."""
        if wish.played is None:
            raise BackboneError(
                f"shot {wish.shot_id}: expected the shot as {PAINTER} plays it, found none; the request is at fault"
            )
        folder.mkdir(parents=True, exist_ok=True)
        stage, request = open_backbone("stage"), wish.played
        painted = stage.develop(request, stage.shoot(request))
        for number, picture in enumerate(painted):
            if wish.first and number == 0:
                write_picture(folder / FIRST_FILE, picture)
            if wish.last and number == request.frames - 1:
                write_picture(folder / LAST_FILE, picture)
            if not wish.last:
                break
        _write_note(folder, wish, {"model": self.version})


def _draw(wish: CharacterWanted | PropWanted | PlaceWanted, folder: Path) -> Sheet:
    """Draw with `stage`'s painter, which is imported on first use: planning an episode draws nothing."""
    from episodic.backbones.keyframes.sheets import draw_wish

    return draw_wish(wish, folder)


@lru_cache(maxsize=4)
def open_keyframer(name: str | None, machine: MachineSettings = DEFAULT_MACHINE) -> Keyframer:
    """Open the painter for None, else the model `FAMILY:PATH_OR_ID[@REVISION]`.

    Raises InputError for a malformed name, BackboneError where the model is not on this machine or must not be loaded.
    """
    return Painter() if name is None or name == PAINTER else KeyframeModel(name, machine)


def pinned_keyframes(name: str) -> str:
    """The name of a hub model with the commit that is on this machine. Raises BackboneError where the model is not."""
    if name == PAINTER:
        return name
    spec = ModelSpec.parse(name, families=tuple(KEYFRAME_FAMILIES))
    return name if not spec.is_hub or spec.is_pinned else str(spec.pinned(resolve(spec).revision))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A picture and how it was made."""

    picture: Picture
    seed: int
    tries: int
    likeness: float | None = None
    fault: str = ""
    """Why it cannot be used; empty: it can."""
    cut: str = ""
    """The end of the prompt, beyond the model's limit."""

    def to_json(self) -> dict[str, FactValue]:
        """The record of it in the note beside the picture."""
        likeness = {} if self.likeness is None else {"likeness": round(self.likeness, 3)}
        return {"seed": self.seed, "tries": self.tries, **likeness, **({"cut": self.cut} if self.cut else {})}


class KeyframeModel(HeavyModel):
    """A picture model in a folder of open weights. Opening it reads configurations only; the first picture loads the weights."""

    def __init__(
        self,
        name: str,
        machine: MachineSettings = DEFAULT_MACHINE,
        *,
        family: PictureFamily | None = None,
        steps: int | None = None,
        area: int | None = None,
    ) -> None:
        """`family`, `steps` and `area` (pixels) replace the model's own. Raises as `open_keyframer`."""
        spec = ModelSpec.parse(name, families=tuple(KEYFRAME_FAMILIES))
        self.name = name
        self._family = family or open_keyframe_family(spec.family)
        self._folder: ModelFolder = self._family.complete(resolve(spec))
        self._machine, self._steps, self._area = machine, steps, area

    @cached_property
    def _rules(self) -> PictureRules:
        """The sizes, references and text that the model takes."""
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
        )

    @property
    def maker(self) -> str:
        """Family and weights."""
        return f"{self._family.name} {self._folder.fingerprint}"

    @property
    def version(self) -> str:
        """Family, weights, and how they are called."""
        overrides = "".join(f"-{number}" for number in (self._steps, self._area) if number is not None)
        return f"{self._family.name}-{self._family.version}-{self._folder.fingerprint}-{KEYFRAMES_VERSION}{overrides}"

    @cached_property
    def _counter(self) -> TokenCounter:
        """The counter of the model's own tokens."""
        return TokenCounter(self._folder, tuple(self._folder.components))

    def host_messages(self) -> Sequence[str]:
        """How the model was fitted to the machine, where the user was not told before."""
        return host_messages()

    def count_tokens(self, text: str) -> int:
        """Length of a text by the model's own tokenizer."""
        return self._counter.count(text)

    def sheet(self, wish: CharacterWanted, folder: Path, likeness: LikenessTest) -> Sheet:
        """Make the front first, then every other view with the front as its reference.

        A view that is not like the front is made again with another seed, and left out after three tries. Raises BackboneError where
        not even the front can be used.
        """
        folder.mkdir(parents=True, exist_ok=True)
        rough = self._rough(lambda place: _draw(wish, place))
        shown, prefix = _shown(wish.like, _DRESSED, rough)
        front = self._try("front", wish.prompts["front"], shown, _FIGURE, wish.seed, prefix)
        if front.fault:
            raise BackboneError(f"{self.name}: no front view came out in {_TRIES} tries: {front.fault}; {_REMEDY}")
        made = {"front": front}
        for view in (view for view in (*VIEWS[1:], *EXPRESSIONS) if view in wish.prompts):
            shape, model = _FIGURE if view in VIEWS else _SQUARE, _Model(front.picture, likeness)
            made[view] = self._try(view, wish.prompts[view], [front.picture], shape, wish.seed, _SAME, model)
        usable = {view: (drawing.picture, _box_of(drawing.picture)) for view, drawing in made.items() if not drawing.fault}
        faults = {view: drawing.fault for view, drawing in made.items() if drawing.fault}
        return write_sheet(folder, wish.style, usable, left_out=faults, made=self._note(made, wish.prompts))

    def _rough(self, draw: Callable[[Path], Sheet]) -> Callable[[], list[Picture]]:
        """What the painter draws for a model that can only change a picture; nothing for one that needs no reference."""

        def drawn() -> list[Picture]:
            if not self._rules.needs_reference:
                return []
            with tempfile.TemporaryDirectory() as place:
                sheet = draw(Path(place))
                return [read_picture(sheet.folder / next(iter(sheet.pictures.values())).file)]

        return drawn

    def prop(self, wish: PropWanted, folder: Path) -> Sheet:
        """Make a picture of a prop. Raises BackboneError where no attempt can be used."""
        rough = self._rough(lambda place: _draw(wish, place))
        shown, prefix = _shown(wish.like, _CHANGED, rough, _ROUGH_THING)
        made = self._single(wish, "front", "picture of the prop", _SQUARE, shown, prefix)
        return self._written(wish, folder, "front", made, _box_of(made.picture))

    def plate(self, wish: PlaceWanted, folder: Path) -> Sheet:
        """Make the plate of a place. Raises BackboneError where no attempt can be used."""
        rough = self._rough(lambda place: _draw(replace(wish, size=_drawable(wish.size)), place))
        shown, prefix = _shown(wish.like, _RELIT, rough)
        made = self._single(wish, "wide", "plate", wish.size, shown, prefix)
        height, width = made.picture.shape[:2]
        return self._written(wish, folder, "wide", made, (0, 0, width, height))

    def _single(
        self,
        wish: PropWanted | PlaceWanted,
        view: str,
        what: str,
        shape: tuple[int, int],
        shown: Sequence[Picture],
        prefix: str,
    ) -> _Made:
        """The only picture of a sheet."""
        made = self._try(view, wish.prompt, shown, shape, wish.seed, prefix)
        if made.fault:
            raise BackboneError(f"{self.name}: no {what} came out in {_TRIES} tries: {made.fault}; {_REMEDY}")
        return made

    def _written(
        self, wish: PropWanted | PlaceWanted, folder: Path, view: str, made: _Made, box: tuple[int, int, int, int]
    ) -> Sheet:
        folder.mkdir(parents=True, exist_ok=True)
        note = self._note({view: made}, {view: wish.prompt})
        return write_sheet(folder, wish.style, {view: (made.picture, box)}, made=note)

    def frames(self, wish: FramesWanted, folder: Path) -> None:
        """Make the frames from as many references as the model takes; the first frame is a reference of the last.

        The note lists the references that each frame was made from.
        """
        folder.mkdir(parents=True, exist_ok=True)
        most = self._rules.references
        shown = [(reference.name, read_picture(reference.path)) for reference in wish.references[:most]]
        pictures: dict[str, FactValue] = {}
        if wish.first:
            first = self._frame(wish, "first", _BEGINS, wish.prompt, shown)
            write_picture(folder / FIRST_FILE, first.picture)
            pictures["first"] = _frame_note(first, wish.prompt, shown)
            if most:
                shown = [*shown[: most - 1], (f"{wish.shot_id}:{FIRST_FILE}", first.picture)]
        if wish.last:
            prompt = wish.last_prompt or wish.prompt
            last = self._frame(wish, "last", _ENDS, prompt, shown)
            write_picture(folder / LAST_FILE, last.picture)
            pictures["last"] = _frame_note(last, prompt, shown)
        _write_note(folder, wish, {"model": self.version, "pictures": pictures})

    def _frame(self, wish: FramesWanted, end: FrameEnd, prefix: str, prompt: str, shown: Sequence[tuple[str, Picture]]) -> _Made:
        made = self._try(end, prompt, [picture for _, picture in shown], wish.size, wish.seed, prefix)
        if made.fault:
            raise BackboneError(
                f"shot {wish.shot_id}: {self.name} made no {end} frame in {_TRIES} tries: {made.fault}; {_REMEDY}"
            )
        return made

    def _note(self, made: Mapping[str, _Made], prompts: Mapping[str, str]) -> dict[str, FactValue]:
        """The record of how pictures were made, by view."""
        pictures: dict[str, FactValue] = {view: {**drawing.to_json(), "prompt": prompts[view]} for view, drawing in made.items()}
        return {"model": self.version, "pictures": pictures}

    def _try(
        self,
        view: str,
        prompt: str,
        references: Sequence[Picture],
        shape: tuple[int, int],
        seed: int,
        prefix: str = "",
        model: _Model | None = None,
    ) -> _Made:
        """A picture, made again with other seeds until it can be used or the attempts are spent; then the last one."""
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
            made = _judged(picture, own, number, model)
            if not made.fault:
                break
        return replace(made, cut=cut)

    def _readable(self, prompt: str) -> tuple[str, str]:
        """The part of a prompt that the model reads, and the rest."""
        words, most = prompt.split(" "), self._rules.text_tokens
        fits = bisect_right(range(1, len(words) + 1), most, key=lambda many: self.count_tokens(" ".join(words[:many])))
        return " ".join(words[:fits]), " ".join(words[fits:])

    def _call(self, request: PictureRequest) -> Picture:
        """Make one picture on the machine's host. Raises BackboneError where memory does not suffice."""
        from episodic.backbones.diffusers.machine.host import the_host  # loads torch

        def act(loaded: LoadedPipeline, device: torch.device) -> Picture:
            return self._family.call(loaded, request, device)

        size = (request.width, request.height)
        picture = the_host().run(self._folder, self._family, self._machine, act, frames=1, size=size).value
        expected = (request.height, request.width, 3)
        if picture.shape != expected:
            raise BackboneError(
                f"{self.name}: expected a picture {list(expected)}, found {list(picture.shape)}; the adapter is at fault"
            )
        return picture


def _shown(
    like: Path | None, prefix: str, rough: Callable[[], list[Picture]], redrawn: str = _ROUGH
) -> tuple[list[Picture], str]:
    """References of the first picture of a sheet, and the words for them: an earlier picture, else a rough where the model needs one."""
    if like is not None:
        return [read_picture(like)], prefix
    painted = rough()
    return painted, redrawn if painted else ""


def _frame_note(made: _Made, prompt: str, shown: Sequence[tuple[str, Picture]]) -> dict[str, FactValue]:
    return {**made.to_json(), "prompt": prompt, "references": [name for name, _ in shown]}


def _write_note(folder: Path, wish: FramesWanted, made: Mapping[str, FactValue]) -> None:
    note = {"format": _FRAME_FORMAT, "shot": wish.shot_id, **made}
    (folder / "keyframe.json").write_text(json.dumps(note, indent=1, ensure_ascii=False) + "\n", "utf-8")


_REMEDY: Final = "try another `seed` in series.yaml, or another model"


@dataclass(frozen=True, slots=True)
class _Model:
    """The picture that another one must be like."""

    picture: Picture
    test: LikenessTest


def _judged(picture: Picture, seed: int, tries: int, model: _Model | None) -> _Made:
    """Judge a picture: by its own faults, and by its likeness to the model that it shows."""
    fault, likeness = picture_fault(picture), None
    if not fault and model is not None:
        likeness = model.test.likeness(model.picture, picture)
        if likeness < model.test.least:
            fault = f"it is not like the front view: likeness {likeness:.2f}, expected {model.test.least:.2f} or more"
    return _Made(picture=picture, seed=seed, tries=tries, likeness=likeness, fault=fault)


def _box_of(picture: Picture) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the figure; of the whole picture where none stands out."""
    figure = figure_in(picture)
    if figure is None:
        return 0, 0, picture.shape[1], picture.shape[0]
    rows, columns = np.flatnonzero(figure.any(1)), np.flatnonzero(figure.any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _drawable(size: tuple[int, int]) -> tuple[int, int]:
    """A size of that shape at which a rough can be painted."""
    scale = 768 / max(size)
    return max(64, round(size[0] * scale)), max(64, round(size[1] * scale))


def _seed(seed: int, view: str, number: int) -> int:
    """The seed of an attempt at a view."""
    text = f"{seed}|{view}|try {number}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
