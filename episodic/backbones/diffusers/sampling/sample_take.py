"""Sampling one take of an open video model: its windows, their inputs, and their results, sound included. Imports torch.

Decisions common to all families are made here: seeds, the order of references, what a window continues, and the colours that it is
matched to. The take's notes record what it received.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Final

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor

from episodic.backbones.diffusers.driver import LoadedPipeline
from episodic.backbones.diffusers.family import Joint
from episodic.backbones.diffusers.machine.host import the_host
from episodic.backbones.diffusers.sampling.develop import recorded_anchor
from episodic.backbones.diffusers.sampling.finish_take import chain_pictures, match_window, unfinished_window
from episodic.backbones.diffusers.sampling.prompt_file import read_prompt
from episodic.backbones.diffusers.sampling.receipt import WindowReceipt, take_receipt
from episodic.backbones.diffusers.sampling.reference_files import read_memory, read_reference
from episodic.backbones.diffusers.sampling.windows import WindowSpan, plan_windows
from episodic.backbones.diffusers.setup import ShootingSetup
from episodic.backbones.diffusers.window import SOUND_HZ, Frames, Memory, Picture, Sound, Window, WindowResult
from episodic.backbones.footage import Footage
from episodic.backbones.pictures import fit_picture
from episodic.backbones.previs import Previs, open_previs
from episodic.backbones.request import ReferencePicture, ShotRequest
from episodic.backbones.take import Rushes, Take
from episodic.consistency.colour import ColourAnchor, anchor_of
from episodic.consistency.guidance import LowFrequencyGuide, chain_hooks
from episodic.consistency.latent_windows import shared_noise, windowed
from episodic.consistency.pinned_frames import PinnedFrames
from episodic.consistency.step_hook import StepHook
from episodic.errors import BackboneError
from episodic.series.shooting_settings import ControlKind
from memory.model.facts import FactValue

__all__ = ["sample_take"]

_MOST_WINDOWS: Final = 4
"""A take of at most this many windows is denoised as one; a longer one window by window, each continuing the one before."""
_MOST_SECONDS: Final = 120.0
"""The longest take: all of it is in memory while it is shot."""


def sample_take(setup: ShootingSetup, request: ShotRequest) -> Rushes:
    """Sample one take, without the work of `finish_take`. Deterministic in `request` on one machine. Raises BackboneError."""
    if request.seconds > _MOST_SECONDS:
        raise BackboneError(
            f"shot {request.shot_id}: {request.seconds:.0f} s is longer than the {_MOST_SECONDS:.0f} s a take may have; split the shot"
        )
    return _TakeSampler(setup, request).rushes()


@dataclass(frozen=True, slots=True)
class _Past:
    """The end of the footage that a window continues."""

    frames: Frames
    sound: Sound | None


class _TakeSampler:
    """The state of one take while it is sampled."""

    def __init__(self, setup: ShootingSetup, request: ShotRequest) -> None:
        self._setup, self._request = setup, request
        self._rules, self._family, self._folder = setup.rules, setup.family, setup.folder
        self._width, self._height = setup.size_for(request.width, request.height, draft=request.draft)
        self._fps = self._rules.fps
        self._frames = max(1, math.ceil(request.seconds * self._fps - 1e-6))
        self._before = self._end_of(request.continues)
        self._receipts: list[WindowReceipt] = []
        matches_colours = "colour" in setup.shooting.layers(heavy=True)
        self._chain = _stored_chain(request.continues) if matches_colours else None
        self._host_notes: list[str] = []
        self._machine: FactValue = None

    def rushes(self) -> Rushes:
        """Sample all windows."""
        spans = self._spans()
        frames: list[Frames] = [np.zeros((0, self._height, self._width, 3), np.uint8)]
        sounds: list[Sound | None] = []
        past, unfinished = self._before, dict[str, np.ndarray]()
        for number, span in enumerate(spans):
            result = self._sample_window(span, number, past)
            sounds.append(self._new_sound(result, span))
            known = past.frames[-span.known :] if past is not None and span.known else None
            unfinished = unfinished_window(result.frames, known, self._chain)
            if number + 1 < len(spans):
                frames.append(match_window(result.frames, unfinished["known"], self._chain)[span.known :])
                past = self._extend_past(past, frames[-1], sounds[-1])
                self._chain = None if self._chain is None else chain_pictures(frames[-1], self._chain)
        take = Take(
            shot_id=self._request.shot_id,
            arrays=self._arrays(sounds),
            notes=self._take_notes(spans),
            footage=Footage.of(np.concatenate(frames), self._fps),
        )
        return Rushes(take=take, unfinished=unfinished)

    def _spans(self) -> tuple[WindowSpan, ...]:
        """The windows of the take. Raises BackboneError where the model cannot shoot so long a take."""
        before = 0 if self._before is None else len(self._before.frames)
        joint_span = self._joint_span(before)
        if joint_span is not None:
            return (joint_span,)
        overlap = self._setup.shooting.overlap
        spans = plan_windows(self._frames, self._rules, self._setup.known_frames, before=before, overlap=overlap)
        if spans is not None and len(spans) > 1 and self._setup.capabilities.needs_last_frame:
            spans = None  # only the last window would end with a picture
        if spans is None:
            most = self._rules.most_frames / self._fps
            raise BackboneError(
                f"shot {self._request.shot_id}: it lasts {self._request.seconds:.1f} s, and {self._setup.capabilities.name} shoots at most "
                f"{most:.1f} s at a time and cannot continue from that; split the shot, or shoot it with a model that can continue "
                "(`episodic models`)"
            )
        return spans

    def _joint_span(self, before: int) -> WindowSpan | None:
        """One span for a take whose windows are denoised together, in a model without a slot for known frames, as memory allows."""
        rules, counts = self._rules, self._setup.known_frames
        known = counts[0] if counts and counts[0] <= before else 0
        frames = math.ceil((self._frames + known - rules.frame_offset) / rules.frame_step) * rules.frame_step + rules.frame_offset
        fits = rules.most_frames < frames <= _MOST_WINDOWS * rules.most_frames
        if self._family.known_frames(self._folder) or not fits or self._family.joint(self._folder) is None:
            return None
        return WindowSpan(first=-known, frames=frames, known=known)

    def _end_of(self, before: Take | None) -> _Past | None:
        """The end of the take that is continued, at this take's size; None where there is none that this model can use."""
        counts = self._setup.known_frames
        most = max(counts, default=0)
        if before is None or before.footage is None or most == 0:
            return None
        tail = before.footage.read(-min(most, before.footage.frames))
        fitted = np.stack([fit_picture(frame, self._width, self._height) for frame in tail])
        # a take that is too short to be continued is extended with its first frame
        fitted = np.pad(fitted, ((max(0, min(counts) - len(fitted)), 0), (0, 0), (0, 0), (0, 0)), "edge")
        sound = before.arrays.get("sound")
        return _Past(fitted, None if sound is None else sound[:, -round(len(tail) / before.footage.fps * SOUND_HZ) :])

    def _extend_past(self, past: _Past | None, frames: Frames, sound: Sound | None) -> _Past:
        """Return the end of the footage after a window."""
        most = max(self._setup.known_frames, default=1)
        extended = frames if past is None else np.concatenate([past.frames, frames])
        return _Past(extended[-most:], sound)

    def _sample_window(self, span: WindowSpan, number: int, past: _Past | None) -> WindowResult:
        window = self._window(span, number, past)

        def call(loaded: LoadedPipeline, device: torch.device) -> WindowResult:
            hook, noise = self._hook(loaded, window, past, span, device), self._shared_noise(loaded, window, device)
            with self._joint_windows(loaded, span):
                result = self._family.call(loaded, dataclasses.replace(window, on_step=hook, noise=noise), device)
            guided = hook is not None and self._setup.capabilities.light_guidance and result.hook_called
            return dataclasses.replace(result, used=result.used | {"light"}) if guided else result

        run = the_host().run(
            self._folder, self._family, self._setup.machine, call, frames=span.frames, size=(self._width, self._height)
        )
        result, self._machine = run.value, dict(run.plan.values())
        self._host_notes += [note for note in run.notes if note not in self._host_notes]
        self._check_size(result, window)
        pinned = {"known"} if self._setup.pins and span.known and result.hook_called else set()
        light = self._has_light(span, past)
        self._receipts.append(WindowReceipt.of(window, result.used | pinned, known=span.known > 0, light=light))
        return result

    def _check_size(self, result: WindowResult, window: Window) -> None:
        """Raise BackboneError where the frames have another size than the window."""
        expected = (window.frames, window.height, window.width, 3)
        if result.frames.shape != expected:
            raise BackboneError(
                f"shot {self._request.shot_id}: expected frames {list(expected)} from {self._setup.capabilities.name}, "
                f"found {list(result.frames.shape)}; the adapter is at fault"
            )

    def _window(self, span: WindowSpan, number: int, past: _Past | None) -> Window:
        """Return the inputs of one window."""
        request, can = self._request, self._setup.capabilities
        known = past.frames[-span.known :] if past is not None and span.known and not self._setup.pins else None
        begins = number == 0 and not span.known and can.first_frame
        reaches_end = span.first + span.frames >= self._frames
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
            known_sound=_last_seconds(past.sound, span.known / self._fps) if past is not None and known is not None else None,
            first_frame=self._picture(request.first_frame) if begins else None,
            last_frame=self._picture(request.last_frame) if can.last_frame and reaches_end else None,
            control=self._control(span),
            speech=self._speech(span) if self._setup.takes_speech else None,
        )

    @cached_property
    def _encoded(self) -> Mapping[str, Tensor]:
        """The encoded prompt of the request."""
        if self._request.encoded is None:
            raise BackboneError(f"shot {self._request.shot_id}: expected an encoded prompt, found none; the request is at fault")
        return read_prompt(self._request.encoded, self._request.prompt, self._request.negative)

    @cached_property
    def _references(self) -> tuple[Memory, ...]:
        """The references that the model can take."""
        most = self._setup.capabilities.reference_pictures
        return tuple(read_memory(reference) for reference in self._request.references[:most])

    def _picture(self, reference: ReferencePicture | None) -> Picture | None:
        """Read a reference at the size of the take."""
        return None if reference is None else fit_picture(read_reference(reference.path), self._width, self._height)

    @cached_property
    def _previs(self) -> Previs | None:
        """The previsualisation of the shot."""
        return None if self._request.previs is None else open_previs(self._request.previs)

    def _control(self, span: WindowSpan) -> dict[ControlKind, Frames]:
        """Control video for a window; outside the take its nearest frame is repeated."""
        if self._previs is None:
            return {}
        control: dict[ControlKind, Frames] = {}
        for kind in self._setup.control_kinds:
            latest = self._previs.frames - 1
            numbers = [min(max(number, 0), latest) for number in range(span.first, span.first + span.frames)]
            passes = self._previs.control(kind, numbers[0], numbers[-1] + 1)
            fitted = [fit_picture(frame, self._width, self._height) for frame in passes]
            control[kind] = np.stack([fitted[number - numbers[0]] for number in numbers])
        return control

    def _speech(self, span: WindowSpan) -> Sound | None:
        """The speech during a window, mono; None where nobody speaks."""
        first, length = round(span.first / self._fps * SOUND_HZ), round(span.frames / self._fps * SOUND_HZ)
        track, spoken = np.zeros((1, length), np.float32), False
        for cue in (*self._request.speech, *self._request.overheard):
            if cue.samples is None:
                continue
            begin = round(cue.start_s * SOUND_HZ) - first
            source = cue.samples[max(0, -begin) : max(0, length - begin)]
            if source.size:
                start = max(0, begin)
                track[0, start : start + source.size] += source
                spoken = True
        return track if spoken else None

    def _hook(
        self, loaded: LoadedPipeline, window: Window, past: _Past | None, span: WindowSpan, device: torch.device
    ) -> StepHook | None:
        """The hook that pins known frames, where the model has no slot for them, and guides light and palette on low frequencies.

        Light and palette are those of the footage that the window continues, else those of memory's picture of the place.
        """
        if not self._family.hooks(self._folder):
            return None
        pins, continues = self._setup.pins, past is not None and span.known > 0
        # the newest light of the past; all known frames only where they are pinned
        frames = past.frames[-(span.known if pins else 1) :] if past is not None and continues else self._place_light
        clean = None if frames is None else self._family.latents_of(loaded, frames, device)
        if clean is None:
            return None
        hooks: list[StepHook] = []
        if self._setup.capabilities.light_guidance:
            # where the same framing continues, the position of the light in the picture counts too
            hooks.append(LowFrequencyGuide(target=clean, strength=self._setup.shooting.light, bands=2 if continues else 1))
        if pins and continues:
            hooks.append(PinnedFrames(known=clean, seed=window.seed))
        return chain_hooks(*hooks) if hooks else None

    def _has_light(self, span: WindowSpan, past: _Past | None) -> bool:
        """Whether there is a light to guide a window by."""
        known = past is not None and span.known > 0
        return self._setup.capabilities.light_guidance and (self._place_light is not None or known)

    @cached_property
    def _place_light(self) -> Frames | None:
        """Memory's picture of the place, as a clip of one frame."""
        picture = self._picture(self._request.light_from)
        return None if picture is None else picture[None]

    def _joint_windows(self, loaded: LoadedPipeline, span: WindowSpan) -> ExitStack:
        """A context in which the windows of one long latent are denoised together; without effect for a single window."""
        stack = ExitStack()
        joint = self._family.joint(self._folder)
        if span.frames > self._rules.most_frames and joint is not None:
            window, overlap = self._latent_window(joint)
            for name in joint.components:
                stack.enter_context(windowed(getattr(loaded.pipeline, name), window, overlap, joint.layout))
        return stack

    def _latent_window(self, joint: Joint) -> tuple[int, int]:
        """The model's longest window and the overlap of two, in latent frames."""
        window = (self._rules.most_frames - 1) // joint.frames_per_latent + 1
        return window, window // 4

    def _shared_noise(self, loaded: LoadedPipeline, window: Window, device: torch.device) -> Tensor | None:
        """Noise that windows which are denoised together have in common."""
        joint = self._family.joint(self._folder)
        if window.frames <= self._rules.most_frames or joint is None:
            return None
        blank = np.zeros((1, window.height, window.width, 3), np.uint8)
        latent = self._family.latents_of(loaded, blank, device)
        if latent is None:
            return None
        frames = (window.frames - 1) // joint.frames_per_latent + 1
        shape = (1, latent.shape[1], frames, latent.shape[3], latent.shape[4])
        return shared_noise(torch.Generator().manual_seed(window.seed), shape, *self._latent_window(joint))

    @cached_property
    def _anchor(self) -> ColourAnchor | None:
        """The colours that a chain of takes is matched to: those of its first take."""
        before = self._request.continues
        if before is None or before.footage is None:
            return None
        return recorded_anchor(before) or anchor_of(before.footage)

    def _new_sound(self, result: WindowResult, span: WindowSpan) -> Sound | None:
        """The sound of a window after its known frames."""
        return None if result.sound is None else result.sound[:, round(span.known / self._fps * SOUND_HZ) :]

    def _arrays(self, sounds: Sequence[Sound | None]) -> dict[str, np.ndarray]:
        """Return the arrays of the take."""
        arrays: dict[str, np.ndarray] = {"frames": np.array([self._frames, self._height, self._width], np.int32)}
        present = [sound for sound in sounds if sound is not None]
        if present and len(present) == len(sounds):
            arrays["sound"] = np.concatenate(present, axis=1)[:, : round(self._request.seconds * SOUND_HZ)]
        controlled = all(any(name.startswith("control:") for name in receipt.used) for receipt in self._receipts)
        if self._previs is not None and controlled:
            arrays["labels"] = self._previs.labels
        return arrays

    def _take_notes(self, spans: Sequence[WindowSpan]) -> dict[str, FactValue]:
        """Return the notes of the take."""
        notes: dict[str, FactValue] = {
            "received": take_receipt(self._request, self._receipts, self._previs, speech=self._setup.takes_speech),
            "windows": [[span.first, span.frames, span.known] for span in spans],
            "joins": [span.first + span.known for span in spans[1:]],
            "size": [self._width, self._height],
            "fps": self._fps,
            "steps": self._rules.draft_steps if self._request.draft else self._rules.steps,
            "model": self._setup.version,
            "machine": self._machine,
        }
        if self._anchor is not None:
            notes["anchor"] = {name: [*values] for name, values in self._anchor.to_json().items()}
        if self._host_notes:
            notes["stepped_down"] = list(self._host_notes)
        if self._previs is not None:
            notes["labelled"] = list(self._previs.entities)
        return notes


def _stored_chain(before: Take | None) -> list[UInt8[np.ndarray, "_ _ 3"]]:
    """Small pictures of the chain that a take continues (`consistency.colour.seen_in_chain`)."""
    stored = None if before is None else before.arrays.get("seen")
    return [] if stored is None else list(stored)


def _seed(request: ShotRequest, number: int) -> int:
    """The seed of a window."""
    text = f"{request.shot_id}|{request.seed}|window {number}"
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big") >> 1


def _last_seconds(sound: Sound | None, seconds: float) -> Sound | None:
    """The end of a sound; None where it is shorter than `seconds`."""
    samples = round(seconds * SOUND_HZ)
    return None if sound is None or sound.shape[1] < samples or samples == 0 else sound[:, -samples:]
