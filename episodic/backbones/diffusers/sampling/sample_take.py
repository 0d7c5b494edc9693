"""One take of an open video model: its windows, what each is given, and what comes of them, sound included.

What is decided for all families is decided here: seeds, the order of references, what a window goes on from, which colours it is
held to. The take says in its notes what it received.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from jaxtyping import Float32, UInt8

from episodic.backbones.diffusers.family import SOUND_HZ, Joint, Loaded, Memory, Shown, StepHook, Window
from episodic.backbones.diffusers.machine.host import the_host
from episodic.backbones.diffusers.sampling.develop import anchor_in
from episodic.backbones.diffusers.sampling.finish_take import agree_window, left_unfinished, seen_so_far
from episodic.backbones.diffusers.sampling.prompt_file import read_prompt
from episodic.backbones.diffusers.sampling.receipt import Given, receipt_of
from episodic.backbones.diffusers.sampling.windows import WindowSpan, plan_windows
from episodic.backbones.footage import Footage
from episodic.backbones.pictures import fit_picture, read_picture
from episodic.backbones.previs import Previs, open_previs
from episodic.backbones.request import ReferencePicture, ShotRequest
from episodic.backbones.take import Rushes, Take
from episodic.consistency.colour import ColourAnchor, anchor_of
from episodic.consistency.guidance import LowFrequencyGuide, chain_hooks
from episodic.consistency.latent_windows import shared_noise, windowed
from episodic.consistency.pinned_frames import PinnedFrames
from episodic.errors import BackboneError
from episodic.series.shooting_settings import ControlKind
from memory.model.facts import FactValue

if TYPE_CHECKING:
    from episodic.backbones.diffusers.backbone import VideoModel

__all__ = ["expose_take"]

Frames = UInt8[np.ndarray, "frame height width 3"]
Sound = Float32[np.ndarray, "channel sample"]

_MOST_WINDOWS: Final = 4
"""A take of no more than so many windows is denoised as one; a longer one window by window, each going on from the one before."""
_PICTURES: Final = 16
"""So many reference pictures stay read."""
_MOST_SECONDS: Final = 120.0
"""A take is held in memory while it is shot."""


def expose_take(model: VideoModel, request: ShotRequest) -> Rushes:
    """Sample one take, all but what `finish_take` does. Deterministic in `request` on one machine. Raises BackboneError."""
    if request.seconds > _MOST_SECONDS:
        raise BackboneError(
            f"shot {request.shot_id}: {request.seconds:.0f} s is longer than the {_MOST_SECONDS:.0f} s a take may have; split the shot"
        )
    return _Shoot(model, request).rushes()


@dataclass(frozen=True, slots=True)
class _Past:
    """The end of what a window goes on from."""

    frames: Frames
    sound: Sound | None


class _Shoot:
    def __init__(self, model: VideoModel, request: ShotRequest) -> None:
        self._model, self._request = model, request
        self._rules = model.rules
        self._width, self._height = model.size_for(request.width, request.height, draft=request.draft)
        self._fps = self._rules.fps
        self._frames = max(1, math.ceil(request.seconds * self._fps - 1e-6))
        self._before = self._end_of(request.continues)
        self._given: list[Given] = []
        corrects = "colour" in model.shooting.layers(heavy=True)
        self._seen = _seen_before(request.continues) if corrects else None
        self._notes: list[str] = []
        self._machine: FactValue = None

    def rushes(self) -> Rushes:
        spans = self._spans()
        frames, sounds = [np.zeros((0, self._height, self._width, 3), np.uint8)], []
        past, left = self._before, dict[str, np.ndarray]()
        for number, span in enumerate(spans):
            shown = self._shoot(span, number, past)
            sounds.append(self._sound_of(shown, span))
            known = past.frames[-span.known :] if past is not None and span.known else None
            left = left_unfinished(shown.frames, known, self._seen)
            if number + 1 < len(spans):
                frames.append(agree_window(shown.frames, left["known"], self._seen)[span.known :])
                past = self._join_past(past, frames[-1], sounds[-1])
                self._seen = None if self._seen is None else seen_so_far(frames[-1], self._seen)
        take = Take(
            shot_id=self._request.shot_id,
            arrays=self._arrays(sounds),
            notes=self._all_notes(spans),
            footage=Footage.of(np.concatenate(frames), self._fps),
        )
        return Rushes(take=take, unfinished=left)

    def _spans(self) -> tuple[WindowSpan, ...]:
        before = 0 if self._before is None else len(self._before.frames)
        overlap = self._model.shooting.overlap
        together = self._together(before)
        if together is not None:
            return (together,)
        spans = plan_windows(self._frames, self._rules, self._model.known_frames, before=before, overlap=overlap)
        if spans is not None and len(spans) > 1 and self._model.capabilities.needs_last_frame:
            spans = None  # only the last window would end with a picture
        if spans is None:
            most = self._rules.most_frames / self._fps
            raise BackboneError(
                f"shot {self._request.shot_id}: it lasts {self._request.seconds:.1f} s, and {self._model.capabilities.name} shoots at most "
                f"{most:.1f} s at a time and cannot go on from that; split the shot, or shoot it with a model that can go on (`episodic models`)"
            )
        return spans

    def _together(self, before: int) -> WindowSpan | None:
        """One span for a take whose windows are denoised together: of a model without a slot for known frames, as far as memory lasts."""
        rules, can_go_on = self._rules, bool(self._model.family.known_frames(self._model.folder))
        known = self._model.known_frames[0] if self._model.known_frames and self._model.known_frames[0] <= before else 0
        frames = math.ceil((self._frames + known - rules.frame_offset) / rules.frame_step) * rules.frame_step + rules.frame_offset
        fits = rules.most_frames < frames <= _MOST_WINDOWS * rules.most_frames
        if can_go_on or not fits or self._model.family.joint(self._model.folder) is None:
            return None
        return WindowSpan(first=-known, frames=frames, known=known)

    def _end_of(self, before: Take | None) -> _Past | None:
        """The end of the take that is gone on from, at this take's size; None where there is none that this model can use."""
        most = max(self._model.known_frames, default=0)
        if before is None or before.footage is None or most == 0:
            return None
        tail = before.footage.read(-min(most, before.footage.frames))
        fitted = np.stack([fit_picture(one, self._width, self._height) for one in tail])
        # what is shorter than the least that can be gone on from stands still before it begins
        fitted = np.pad(fitted, ((max(0, min(self._model.known_frames) - len(fitted)), 0), (0, 0), (0, 0), (0, 0)), "edge")
        heard = before.arrays.get("sound")
        return _Past(fitted, None if heard is None else heard[:, -round(len(tail) / before.footage.fps * SOUND_HZ) :])

    def _join_past(self, past: _Past | None, frames: Frames, sound: Sound | None) -> _Past:
        most = max(self._model.known_frames, default=1)
        held = frames if past is None else np.concatenate([past.frames, frames])
        return _Past(held[-most:], sound)

    def _shoot(self, span: WindowSpan, number: int, past: _Past | None) -> Shown:
        window = self._window(span, number, past)
        model = self._model

        def act(loaded: Loaded, device: torch.device) -> Shown:
            hook, noise = self._hook(loaded, window, past, span, device), self._noise(loaded, window, device)
            with self._jointly(loaded, span):
                shown = model.family.call(loaded, dataclasses.replace(window, on_step=hook, noise=noise), device)
            return _with_taken(shown, {"light"} if hook is not None and self._guided else set())

        done = the_host().run(
            model.folder, model.family, model.machine, act, frames=span.frames, size=(self._width, self._height)
        )
        shown, self._machine = done.value, dict(done.plan.values())
        self._notes += [one for one in done.notes if one not in self._notes]
        self._check(shown, window)
        pinned = {"known"} if model.pins and span.known and shown.hooked else set()
        given = Given.of(window, shown.taken | pinned, known=span.known > 0, light=self._lights(span, past))
        self._given.append(given)
        return shown

    def _check(self, shown: Shown, window: Window) -> None:
        expected = (window.frames, window.height, window.width, 3)
        if shown.frames.shape != expected:
            raise BackboneError(
                f"shot {self._request.shot_id}: expected frames {list(expected)} from {self._model.capabilities.name}, "
                f"found {list(shown.frames.shape)}; the adapter is at fault"
            )

    def _window(self, span: WindowSpan, number: int, past: _Past | None) -> Window:
        model, request = self._model, self._request
        known = past.frames[-span.known :] if past is not None and span.known and not model.pins else None
        can = model.capabilities
        begins = number == 0 and not span.known and can.first_frame
        return Window(
            frames=span.frames,
            width=self._width,
            height=self._height,
            fps=self._fps,
            seed=_seed(request, number),
            steps=self._rules.draft_steps if request.draft else self._rules.steps,
            guidance=self._rules.guidance,
            encoded=self._encoded,
            references=self._references,
            known=known,
            known_sound=_last(past.sound, span.known / self._fps) if past is not None and known is not None else None,
            first_frame=self._picture(request.first_frame) if begins else None,
            last_frame=self._picture(request.last_frame) if can.last_frame and self._reaches_end(span) else None,
            control=self._control(span),
            speech=self._speech(span) if can.speech else None,
        )

    @cached_property
    def _encoded(self) -> Mapping[str, torch.Tensor]:
        if self._request.encoded is None:
            raise BackboneError(f"shot {self._request.shot_id}: expected an encoded prompt, found none; the request is at fault")
        return read_prompt(self._request.encoded, self._request.prompt, self._request.negative)

    @cached_property
    def _references(self) -> tuple[Memory, ...]:
        most = self._model.capabilities.reference_pictures
        return tuple(_remembered(one) for one in self._request.references[:most])

    def _picture(self, asked: ReferencePicture | None) -> UInt8[np.ndarray, "height width 3"] | None:
        return None if asked is None else fit_picture(_read(asked.path), self._width, self._height)

    def _reaches_end(self, span: WindowSpan) -> bool:
        return span.first + span.frames >= self._frames

    @cached_property
    def _previs(self) -> Previs | None:
        return None if self._request.previs is None else open_previs(self._request.previs)

    def _control(self, span: WindowSpan) -> dict[ControlKind, Frames]:
        """Control video for a window; where it lies outside the take, the nearest frame there is."""
        if self._previs is None:
            return {}
        found: dict[ControlKind, Frames] = {}
        for kind in self._model.capabilities.control:
            inside = np.clip(np.arange(span.first, span.first + span.frames), 0, self._previs.frames - 1)
            passes = self._previs.control(kind, inside[0], inside[-1] + 1)
            fitted = [fit_picture(one, self._width, self._height) for one in passes]
            found[kind] = np.stack([fitted[one - inside[0]] for one in inside])
        return found

    def _speech(self, span: WindowSpan) -> Sound | None:
        """What is said during a window, mono; None where nobody speaks."""
        first, length = round(span.first / self._fps * SOUND_HZ), round(span.frames / self._fps * SOUND_HZ)
        track, spoken = np.zeros((1, length), np.float32), False
        for cue in (*self._request.speech, *self._request.overheard):
            if cue.samples is None:
                continue
            begin = round(cue.start_s * SOUND_HZ) - first
            source = cue.samples[max(0, -begin) : max(0, length - begin)]
            if source.size:
                at = max(0, begin)
                track[0, at : at + source.size] += source
                spoken = True
        return track if spoken else None

    def _hook(
        self, loaded: Loaded, window: Window, past: _Past | None, span: WindowSpan, device: torch.device
    ) -> StepHook | None:
        """Known frames pinned where the model has no slot for them; light and palette held on low frequencies: those of what is gone
        on from, else those of memory's picture of the place.
        """
        family, strength = self._model.family, self._model.shooting.light
        if not family.hooks(self._model.folder):
            return None
        goes_on = past is not None and span.known > 0
        # of what is gone on from the newest light; all of it only where it is pinned
        shown = past.frames[-(span.known if self._model.pins else 1) :] if past is not None and goes_on else self._light
        clean = None if shown is None else family.latents_of(loaded, shown, device)
        if clean is None:
            return None
        hooks: list[StepHook] = []
        if self._guided:
            # where the same framing goes on, where in the picture it is light counts too
            hooks.append(LowFrequencyGuide(target=clean, strength=strength, bands=2 if goes_on else 1))
        if self._model.pins and goes_on:
            hooks.append(PinnedFrames(known=clean, seed=window.seed))
        return chain_hooks(*hooks) if hooks else None

    @property
    def _guided(self) -> bool:
        return self._model.capabilities.light_guidance

    def _lights(self, span: WindowSpan, past: _Past | None) -> bool:
        """Whether there is a light to hold in a window."""
        return self._guided and (self._light is not None or (past is not None and span.known > 0))

    @cached_property
    def _light(self) -> Frames | None:
        """Memory's picture of the place."""
        picture = self._picture(self._request.light_from)
        return None if picture is None else picture[None]

    def _jointly(self, loaded: Loaded, span: WindowSpan) -> AbstractContextManager[Any]:
        """Windows of one latent denoised together, where the take is longer than the model's longest and nothing else helps."""
        joint = self._model.family.joint(self._model.folder)
        if span.frames <= self._rules.most_frames or joint is None:
            return nullcontext()
        window, overlap = self._latent_window(joint)
        stack = ExitStack()
        for name in joint.components:
            stack.enter_context(windowed(getattr(loaded.pipeline, name), window, overlap, joint.layout))
        return stack

    def _latent_window(self, joint: Joint) -> tuple[int, int]:
        """The model's longest window and the overlap of two, in latent frames."""
        window = (self._rules.most_frames - 1) // joint.frames_per_latent + 1
        return window, window // 4

    def _noise(self, loaded: Loaded, window: Window, device: torch.device) -> torch.Tensor | None:
        """Noise that windows which are made together have in common."""
        joint = self._model.family.joint(self._model.folder)
        if window.frames <= self._rules.most_frames or joint is None:
            return None
        blank = np.zeros((1, window.height, window.width, 3), np.uint8)
        one = self._model.family.latents_of(loaded, blank, device)
        if one is None:
            return None
        frames = (window.frames - 1) // joint.frames_per_latent + 1
        shape = (1, one.shape[1], frames, one.shape[3], one.shape[4])
        return shared_noise(torch.Generator().manual_seed(window.seed), shape, *self._latent_window(joint))

    @cached_property
    def _anchor(self) -> ColourAnchor | None:
        """The colours that a chain of takes is held to: those of its first take."""
        before = self._request.continues
        if before is None or before.footage is None:
            return None
        return anchor_in(before) or anchor_of(before.footage)

    def _sound_of(self, shown: Shown, span: WindowSpan) -> Sound | None:
        """What a window lets hear beyond its known frames."""
        return None if shown.sound is None else shown.sound[:, round(span.known / self._fps * SOUND_HZ) :]

    def _arrays(self, sounds: Sequence[Sound | None]) -> dict[str, np.ndarray]:
        arrays: dict[str, np.ndarray] = {"frames": np.array([self._frames, self._height, self._width], np.int32)}
        heard = [one for one in sounds if one is not None]
        if heard and len(heard) == len(sounds):
            arrays["sound"] = np.concatenate(heard, axis=1)[:, : round(self._request.seconds * SOUND_HZ)]
        if self._previs is not None and all(any(name.startswith("control:") for name in one.taken) for one in self._given):
            arrays["labels"] = self._previs.labels
        return arrays

    def _all_notes(self, spans: Sequence[WindowSpan]) -> dict[str, FactValue]:
        notes: dict[str, FactValue] = {
            "received": receipt_of(self._request, self._model.capabilities, self._given, self._previs),
            "windows": [[one.first, one.frames, one.known] for one in spans],
            "joins": [one.first + one.known for one in spans[1:]],
            "size": [self._width, self._height],
            "fps": self._fps,
            "steps": self._rules.draft_steps if self._request.draft else self._rules.steps,
            "model": self._model.version,
            "machine": self._machine,
        }
        if self._anchor is not None:
            notes["anchor"] = {name: [*values] for name, values in self._anchor.to_json().items()}
        if self._notes:
            notes["stepped_down"] = list(self._notes)
        if self._previs is not None:
            notes["labelled"] = list(self._previs.entities)
        return notes


def _seen_before(before: Take | None) -> list[UInt8[np.ndarray, "height width 3"]]:
    """Small pictures of the chain that a take goes on with (`consistency.colour.seen_in_chain`)."""
    held = None if before is None else before.arrays.get("seen")
    return [] if held is None else list(held)


def _with_taken(shown: Shown, more: set[str]) -> Shown:
    """What a hook carried, where it was called."""
    return dataclasses.replace(shown, taken=shown.taken | more) if shown.hooked else shown


def _seed(request: ShotRequest, number: int) -> int:
    text = f"{request.shot_id}|{request.seed}|window {number}"
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big") >> 1


def _last(sound: Sound | None, seconds: float) -> Sound | None:
    wanted = round(seconds * SOUND_HZ)
    return None if sound is None or sound.shape[1] < wanted or wanted == 0 else sound[:, -wanted:]


def _remembered(one: ReferencePicture) -> Memory:
    return Memory(name=one.name, entity=one.entity, picture=_read(one.path), sound=_read_sound(one.sound))


def _read(path: Path) -> UInt8[np.ndarray, "height width 3"]:
    return _read_again(path, path.stat().st_mtime_ns if path.is_file() else 0)


@lru_cache(maxsize=_PICTURES)
def _read_again(path: Path, _changed: int) -> UInt8[np.ndarray, "height width 3"]:
    """Sheets are shown to every shot of a scene."""
    picture = read_picture(path).copy()
    picture.flags.writeable = False
    return picture


def _read_sound(path: Path | None) -> Sound | None:
    if path is None:
        return None
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        sound = load_file(path).get("sound")
    except (OSError, SafetensorError, ValueError) as err:
        raise BackboneError(
            f"{path}: not readable as a memory's sound ({err}); delete the artifact, and it is made again"
        ) from err
    if sound is None or sound.dtype != np.float32 or sound.ndim != 2 or sound.shape[0] > 2:
        raise BackboneError(f"{path}: expected a sound as float32 [channel, sample]; delete the artifact, and it is made again")
    return sound
