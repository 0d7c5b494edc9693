"""The ground truth that `stage` learns from: the motion of a cast, given the request and each performer's style.

A procedural animator in the classic order: blocking, key poses, gait, face, hands on the stresses of speech, eyes, and last the
springs that add overshoot and follow-through. Shooting a take does not run it; only the audition of a new character does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32
from scipy.signal import lfilter

from episodic.backbones.request import Performer, ShotRequest
from episodic.backbones.speech_cue import LIP_HZ
from episodic.backbones.stage.model.latent import CHANNELS, SLOTS, encode
from episodic.backbones.stage.simulator.crew import shoot_crew
from episodic.backbones.stage.simulator.motion_style import LightStyle, MotionStyle
from episodic.backbones.stage.simulator.pose_library import FACES, KEY_POSES, Pose, hold
from episodic.backbones.stage.staging.framing import ease
from episodic.backbones.stage.staging.staging import FINE, SPEED, Script, latent_frames, script_of
from planners.plan.vocabulary import EMOTIONS

__all__ = ["choreograph"]

Track = Float[np.ndarray, " tick"]


def choreograph(
    request: ShotRequest, cast: Sequence[MotionStyle], place: LightStyle, seed: int, frames: int | None = None
) -> Float32[np.ndarray, "slot time channel=32"]:
    """Animate a request over `frames` latent frames. `cast` holds the styles of `request.performers`, in order.

    Deterministic in its arguments. Slots without a performer are zero. Raises BackboneError for too many performers.
    """
    rng = np.random.default_rng([seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF, 3])
    script = script_of(request, frames or latent_frames(request))
    latent = np.zeros((len(SLOTS), len(script.seconds) // FINE, CHANNELS), np.float32)
    ways = [_travel(performer, style, script.seconds, rng) for performer, style in zip(request.performers, cast, strict=True)]
    for index, (performer, style) in enumerate(zip(request.performers, cast, strict=True)):
        actor = _Actor(request, script, index, performer, style, ways, rng)
        latent[index] = encode(SLOTS[index], actor.perform())
    for slot, values in shoot_crew(request, script, _speeds(ways), place, rng).items():
        latent[SLOTS.index(slot)] = encode(slot, values)
    return latent


@dataclass(frozen=True, slots=True)
class _Way:
    """The path of a performer from mark to mark, and when the performer is on it (seconds)."""

    x: Track
    z: Track
    vx: Track
    speed: Track
    start: float
    end: float


def _speeds(ways: Sequence[_Way]) -> Float[np.ndarray, "performer tick"]:
    """Stack the speeds of travel, for the sound of steps."""
    return np.stack([way.speed for way in ways]) if ways else np.zeros((0, 1))


def _travel(performer: Performer, style: MotionStyle, seconds: Track, rng: np.random.Generator) -> _Way:
    """Leave a mark and arrive at the next at the performer's own pace, before the shot ends."""
    start, end = performer.start, performer.end
    way = float(np.hypot(end.x - start.x, end.z - start.z))
    pace = SPEED.get(performer.action, 1.1) * style.gait * FACES[performer.emotion].get("pace", 1.0)
    lead = float(0.3 / style.tempo + rng.uniform(-0.05, 0.1))
    room = max(seconds[-1] - lead - 0.2, 0.4)
    travel = min(max(way / pace + 0.4, 0.5), room)
    gone = _trapezoid((seconds - lead) / travel, min(0.45 / travel, 0.4))
    x = start.x + (end.x - start.x) * gone
    z = start.z + (end.z - start.z) * gone
    vx, vz = np.gradient(x) * LIP_HZ, np.gradient(z) * LIP_HZ
    return _Way(x, z, vx, np.hypot(vx, vz), lead, lead + travel)


def _trapezoid(t: Track, ramp: float) -> Track:
    """Rise from 0 to 1, accelerating and slowing down over `ramp` (a share of the time)."""
    t = np.clip(t, 0, 1)
    top = 1 / (1 - ramp)
    rising = 0.5 * top * t * t / ramp
    falling = 1 - 0.5 * top * (1 - t) ** 2 / ramp
    return np.where(t < ramp, rising, np.where(t > 1 - ramp, falling, top * (t - 0.5 * ramp)))


def _spring(target: Track, hz: float, damping: float) -> Track:
    """Follow `target` with a damped oscillator, which overshoots below critical damping. Bilinear transform, no loop."""
    w, k = 2 * np.pi * hz, 2.0 * LIP_HZ
    a0 = k * k + 2 * damping * w * k + w * w
    b = np.array([1.0, 2.0, 1.0]) * w * w / a0
    a = np.array([1.0, (2 * w * w - 2 * k * k) / a0, (k * k - 2 * damping * w * k + w * w) / a0])
    moved: Track = lfilter(b, a, target - target[0]) + target[0]
    return moved


def _bearing(dx: Track, dz: Track | float) -> Track:
    """Return the `turn` that faces a point `dx` to the right and `dz` farther away. A figure never turns its back fully."""
    facing: Track = dx / (np.abs(dx) + 0.55 + 0.25 * np.maximum(-np.asarray(dz), 0))
    return facing


class _Motion:
    """The tracks of one body at 24 Hz, in the units of the latent's actor channels. Mouths are added at 8 Hz."""

    x: Track
    z: Track
    lift: Track
    turn: Track
    lean: Track
    crouch: Track
    stride_sin: Track
    stride_cos: Track
    bob: Track
    arm_left_raise: Track
    arm_left_bend: Track
    arm_right_raise: Track
    arm_right_bend: Track
    head_turn: Track
    head_nod: Track
    head_tilt: Track
    gaze_x: Track
    gaze_y: Track
    brow_raise: Track
    brow_furrow: Track
    lid: Track
    smile: Track
    breath: Track
    tremble: Track
    glow: Track
    sway: Track

    def channels(self) -> dict[str, Float[np.ndarray, " time"]]:
        """Return every track at 8 Hz, by channel."""
        return {name: track[::FINE] for name, track in vars(self).items()}


class _Actor:
    """One performer of one shot, animated on the 24 Hz clock."""

    def __init__(
        self,
        request: ShotRequest,
        script: Script,
        index: int,
        performer: Performer,
        style: MotionStyle,
        ways: Sequence[_Way],
        rng: np.random.Generator,
    ) -> None:
        self.request, self.script, self.index, self.performer, self.style = request, script, index, performer, style
        self.ways, self.way, self.rng = ways, ways[index], rng
        self.t = script.seconds
        self.mood = script.mood[index]
        self.energy = script.lips[index, :, 2]
        self.talking = _spring(script.speaking[index], 1.6, 1.0)
        self.moving = np.clip(self.way.speed / (0.35 * SPEED.get(performer.action, 1.1)), 0, 1)
        self.pace = float(style.tempo * FACES[performer.emotion].get("pace", 1.0))
        heard = script.speaking.copy()
        heard[index] = 0
        self.heard = heard.max(0)
        self.heard_from = heard.argmax(0)
        self.pose = Pose(self.t, request.seconds, 0.5 / self.pace, self._side())

    def perform(self) -> dict[str, Float[np.ndarray, " time"]]:
        """Return all channels at 8 Hz, in units."""
        KEY_POSES[self.performer.action](self.pose)
        self._wear_emotion()
        self._speak_with_hands()
        self._listen()
        self._live()
        motion = self._follow_through()
        self._walk(motion)
        self._look(motion)
        channels = motion.channels()
        self._blink(motion.lid[::FINE])
        return channels | self._mouth(motion.smile[::FINE])

    def _side(self) -> Track:
        """Return where the action points: to the partner, else along the path, else to the preferred side."""
        partner = self.performer.looks_at
        if partner is not None:
            return np.tanh(2.5 * (partner.x - self.way.x))
        way = self.performer.end.x - self.performer.start.x
        return np.full_like(self.t, float(np.tanh(2 * way)) if abs(way) > 0.2 else (0.7 if self.style.handedness > 0 else -0.7))

    def _felt(self, name: str) -> Track:
        """Weight a target of the expressions by the mood at each moment."""
        weights = np.array([FACES[emotion].get(name, 0.0) for emotion in EMOTIONS])
        felt: Track = self.mood @ weights
        return felt

    def _wear_emotion(self) -> None:
        """Put the mood on face, head, body and arms."""
        for name in ("brow_raise", "brow_furrow", "smile", "head_nod", "head_tilt", "crouch", "lid", "tremble", "open"):
            self.pose.add(**{name: self._felt(name)})
        out, fold = self._felt("arm_out"), self._felt("arm_fold")
        self.pose.add(main_raise=out, off_raise=out, main_bend=fold, off_bend=0.9 * fold)

    def _speak_with_hands(self) -> None:
        """Add a gesture, a nod and a lift of the brows on the stresses of speech."""
        h, p = self.style, self.pose
        loud = _spring(self.energy, 2.0, 1.0)
        p.add(
            brow_raise=0.3 * loud * (0.6 + h.gesture_size * 0.4),
            head_nod=h.nod * 1.2 * _spring(np.maximum(np.gradient(loud) * 12, 0), 3.0, 0.9),
        )
        p.add(lean=0.05 * self.talking * p.side, head_turn=0.1 * (loud - 0.4) * self.talking * np.sign(h.handedness))
        busy = self.performer.action in ("work", "carry", "push", "hug", "sleep", "cheer", "dance")
        for tick in _stresses(loud, self.energy, 0.75 / self.pace):
            if self.rng.random() > h.gesture_rate or busy:
                continue
            start = float(self.t[tick]) - 0.22 / self.pace
            size = h.gesture_size * (0.7 + 0.6 * float(loud[tick]))
            beat = hold(self.t, start, start + 0.3 / self.pace, 0.28 / self.pace, 0.45 / self.pace) * size
            p.add(
                main_raise=0.42 * beat,
                main_bend=0.85 * beat,
                off_raise=0.1 * beat,
                off_bend=0.25 * beat,
                lean=0.02 * beat * np.sign(h.handedness),
            )

    def _listen(self) -> None:
        """Answer a speaker with the body: mirror a little of the mood, nod when a line ends."""
        heard = _spring(self.heard, 1.2, 1.0)
        moods = self.script.mood[self.heard_from, np.arange(len(self.t))] * self.heard[:, None]
        for name, share in (("smile", 0.35), ("brow_raise", 0.35), ("brow_furrow", 0.3)):
            self.pose.add(**{name: share * _spring(moods @ np.array([FACES[m].get(name, 0.0) for m in EMOTIONS]), 1.5, 0.9)})
        self.pose.add(head_tilt=0.5 * self.style.tilt * heard, lean=0.03 * heard * self.pose.side)
        ends = np.flatnonzero((self.heard[:-1] > 0) & (self.heard[1:] == 0))
        for tick in ends:
            start = float(self.t[tick]) - 0.35
            self.pose.add(head_nod=(0.08 + 0.5 * self.style.nod) * hold(self.t, start, start + 0.15, 0.2, 0.3))

    def _live(self) -> None:
        """Add the weight shifts of a body at rest."""
        h = self.style
        still = 1 - self.moving
        shift = np.zeros_like(self.t)
        at = float(self.rng.uniform(0.2, 2.5))
        side = float(self.rng.choice([-1.0, 1.0]))
        while at < self.t[-1]:
            shift += side * 2 * ease((self.t - at) / (0.9 / self.pace)) - (side if not shift.any() else 0.0)
            side, at = -side, at + float(self.rng.uniform(1.6, 4.5)) / (0.4 + h.fidget)
        self.pose.add(lean=(0.012 + 0.03 * h.fidget) * shift * still, head_tilt=-(0.015 + 0.03 * h.fidget) * shift * still)
        self.shift = shift * still

    def _follow_through(self) -> _Motion:
        """Turn targets into motion: the style scales them, springs carry them."""
        h, get = self.style, self._target
        # A small, strong preference decides which hand leads; ambidextrous bodies use both.
        share = 1 - min(abs(h.handedness) * 1.6, 1.0)
        size = 0.55 + 0.45 * h.gesture_size
        arms = {}
        for joint, rest in (("raise", h.arm_out), ("bend", h.arm_fold)):
            main, off = get(f"main_{joint}") * size, get(f"off_{joint}") * size
            off = off + 0.75 * share * np.maximum(main - off, 0)
            right, left = (main, off) if h.handedness > 0 else (off, main)
            skew = 0.06 * np.sign(h.handedness)
            arms[f"arm_right_{joint}"] = np.clip(rest + skew + right, -0.1, 2.9 if joint == "raise" else 2.5)
            arms[f"arm_left_{joint}"] = np.clip(rest - skew + left, -0.1, 2.9 if joint == "raise" else 2.5)
        body = 1.1 * self.pace
        loose = 0.85 - 0.35 * h.sway
        motion = _Motion()
        for name, track in arms.items():
            setattr(motion, name, self._carry(track, 1.55 * body, loose))
        facing = self._facing()
        motion.turn = np.clip(self._carry(facing + get("turn"), 1.3 * body, 0.8), -1, 1)
        motion.lean = self._carry(h.lean + get("lean"), 1.1 * body, loose)
        motion.crouch = np.clip(self._carry(h.stoop + get("crouch"), 1.3 * body, 0.7), -0.1, 1.05)
        motion.lift = np.maximum(
            get("lift") + h.hover * (1 + 0.25 * np.sin(2 * np.pi * h.sway_hz * 0.6 * self.t + self._phase())), 0
        )
        motion.bob = get("bob") * (0.4 + 0.6 * h.bounce)
        motion.head_turn = get("head_turn")
        motion.head_nod = self._carry(h.carriage + get("head_nod"), 2.2 * body, 0.62)
        motion.head_tilt = self._carry(h.tilt + get("head_tilt"), 1.6 * body, 0.6)
        motion.brow_raise = np.clip(self._carry(h.brow + get("brow_raise"), 2.6 * body, 0.75), -1, 1)
        motion.brow_furrow = np.clip(self._carry(h.furrow + get("brow_furrow"), 2.2 * body, 0.9), -1, 1)
        motion.smile = np.clip(self._carry(h.smile + get("smile"), 1.8 * body, 0.85), -1, 1)
        motion.lid = np.clip(self._carry(h.lid + get("lid"), 2.4 * body, 0.9), 0, 1.05)
        motion.gaze_x, motion.gaze_y = get("gaze_x"), get("gaze_y")
        motion.tremble = np.clip(h.tremble + get("tremble") * (0.5 + 2 * h.tremble), 0, 1)
        asleep = 0.5 if self.performer.action == "sleep" else 1.0
        rate = h.breath_hz * asleep * (1 + 0.5 * float(self._felt("breath").mean() > 0.2))
        motion.breath = (
            h.breath * (1 + self._felt("breath")) * np.sin(2 * np.pi * rate * self.t + self._phase()) * (1 - 0.5 * self.talking)
        )
        pulse = 0.22 * np.sin(2 * np.pi * h.glow_hz * self.t + self._phase())
        motion.glow = np.clip(
            h.glow * (1 + pulse) + 0.22 * _spring(self.energy, 2.0, 0.9) * (self.performer.kind in ("robot", "spirit")), 0, 1
        )
        return motion

    def _phase(self) -> float:
        """Draw the phase of an oscillation, rad."""
        return float(self.rng.uniform(0, 2 * np.pi))

    def _target(self, name: str) -> Track:
        """Return a target of the pose; zero if nothing has added to it."""
        return np.asarray(self.pose.tracks.get(name, np.zeros_like(self.t)))

    def _carry(self, target: Track, hz: float, damping: float) -> Track:
        """Carry a target by a spring, or, for stiff bodies, in steps with a hard stop."""
        stiff = self.style.stiffness
        if stiff > 0.3:
            step = 3 + round(5 * stiff)
            stepped = target[(np.arange(len(target)) // step) * step]
            target = target + (stepped - target) * stiff
            hz, damping = hz * (1 + stiff), damping + 0.25 * stiff
        return _spring(target, min(hz, 5.5), damping)

    def _facing(self) -> Track:
        """Return where the body faces: along the path while it moves, else to the speaker or the partner."""
        way = np.sign(self.way.vx) * np.clip(np.abs(self.way.vx) / (0.2 + self.way.speed), 0, 1) * 0.85
        facing = np.zeros_like(self.t)
        partner = self.performer.looks_at
        if partner is not None:
            facing = 0.62 * _bearing(partner.x - self.way.x, partner.z - self.way.z)
        if self.heard.any():
            speaker_x = np.stack([w.x for w in self.ways])[self.heard_from, np.arange(len(self.t))]
            speaker = 0.62 * _bearing(speaker_x - self.way.x, 0.0)
            facing = np.where(self.heard > 0, speaker, facing)
        # A body that is about to move turns first.
        soon = np.concatenate([self.moving[5:], np.repeat(self.moving[-1], 5)])
        soon_way = np.concatenate([way[5:], np.repeat(way[-1], 5)])
        return np.where(soon > 0.25, soon_way, facing + 0.05 * np.sign(self.style.handedness))

    def _walk(self, motion: _Motion) -> None:
        """Add legs, bounce, the counter-swing of the arms, and the position of the body."""
        h, way = self.style, self.way
        reference = 2.2 if self.performer.action == "run" else 1.1
        flying = float(h.hover > 0.05 or self.performer.action == "float")
        amplitude = (
            np.clip(way.speed / reference, 0, 1.3) ** 0.6 * (1.0 if self.performer.action == "run" else 0.6) * (1 - 0.85 * flying)
        )
        stride = 1.15 * h.stride * (1.35 if self.performer.action == "run" else 0.6 if self.performer.action == "sneak" else 1.0)
        cadence = way.speed / stride + 0.8 * np.clip(self._target("step"), 0, 1)
        amplitude = np.maximum(amplitude, self._target("step"))
        phase = self._phase() + 2 * np.pi * np.cumsum(np.minimum(cadence, 2.2)) / LIP_HZ
        swing = amplitude * np.sin(phase)
        motion.stride_sin, motion.stride_cos = swing, amplitude * np.cos(phase)
        motion.bob = motion.bob + 0.045 * h.bounce * amplitude * np.sin(2 * phase + 0.6)
        loose = h.sway * 0.5 + 0.75
        motion.arm_right_raise = motion.arm_right_raise + 0.22 * loose * swing
        motion.arm_left_raise = motion.arm_left_raise - 0.22 * loose * swing
        motion.arm_right_bend = motion.arm_right_bend + 0.25 * loose * np.maximum(swing, -0.2)
        motion.arm_left_bend = motion.arm_left_bend + 0.25 * loose * np.maximum(-swing, -0.2)
        ahead = np.clip(way.vx / reference, -1.5, 1.5)
        wind_up = _spring(ahead, 1.4 * self.pace, 0.6) - 1.3 * np.gradient(_spring(ahead, 1.0, 0.8)) * 2
        motion.lean = motion.lean + 0.1 * wind_up + 0.025 * h.bounce * amplitude * np.sin(phase + 0.8)
        motion.head_nod = motion.head_nod + 0.025 * h.bounce * amplitude * np.sin(2 * phase + 1.4)
        motion.head_tilt = motion.head_tilt - 0.02 * h.bounce * amplitude * np.sin(phase + 1.2)
        motion.x = way.x + 0.035 * (0.3 + h.fidget) * _spring(self.shift, 0.8, 0.8)
        motion.z = way.z.copy()
        drive = 0.35 * _spring(-np.gradient(way.vx) * 2.2 - 0.25 * way.vx - 1.2 * np.gradient(motion.turn) * 4, 1.2, 0.3)
        wind = {"wind": 0.5, "storm": 0.6, "rain": 0.15}.get(self.request.setting.weather, 0.05)
        idle = h.sway * (0.45 + wind) * np.sin(2 * np.pi * h.sway_hz * self.t + self._phase())
        gait = 0.35 * h.sway * amplitude * np.sin(phase - 0.7)
        motion.sway = np.clip(idle + drive * (0.3 + h.sway) + gait, -1, 1)

    def _look(self, motion: _Motion) -> None:
        """Aim the gaze, with saccades: eyes first, the head after, the body last."""
        way = self.way
        ticks = np.arange(len(self.t))
        aim = np.where(self.moving > 0.3, 0.9 * np.sign(way.vx), 0.0)
        partner = self.performer.looks_at
        if partner is not None:
            aim = np.where(self.moving > 0.3, aim, _bearing(partner.x - way.x, partner.z - way.z))
        if self.heard.any():
            speaker_x = np.stack([w.x for w in self.ways])[self.heard_from, ticks]
            aim = np.where(self.heard > 0, _bearing(speaker_x - way.x, 0.0), aim)
        wander_x, wander_y = self._saccades()
        self.jumps = np.flatnonzero(np.abs(np.diff(aim)) > 0.3)
        turned = aim - motion.turn
        motion.head_turn = np.clip(self._carry(motion.head_turn + 0.55 * turned + 0.3 * wander_x, 2.0 * self.pace, 0.68), -1, 1)
        eyes = 1.3 * (turned - (motion.head_turn - self._target("head_turn"))) + wander_x
        motion.gaze_x = np.clip(_spring(eyes + motion.gaze_x, 5.0, 1.0), -1, 1)
        down = -0.35 * self._felt("head_nod") * 4
        motion.gaze_y = np.clip(_spring(motion.gaze_y + wander_y + 0.35 * down, 5.0, 1.0), -1, 1)

    def _saccades(self) -> tuple[Track, Track]:
        """Draw small glances aside, more of them in fidgety people and in fear."""
        wander = np.zeros((2, len(self.t)))
        at = float(self.rng.uniform(0.3, 1.5))
        restless = 0.35 + self.style.fidget + 0.6 * float(self.performer.emotion in ("afraid", "surprised"))
        while at < self.t[-1]:
            size = 0.25 + 0.5 * float(self.rng.random() < 0.35 * restless)
            length = float(self.rng.uniform(0.25, 0.9))
            chosen = (self.t >= at) & (self.t < at + length)
            wander[:, chosen] = (self.rng.uniform(-1, 1, 2) * (size, 0.5 * size))[:, None]
            at += length + float(self.rng.exponential(1.3 / restless)) + 0.2
        return wander[0], wander[1]

    def _blink(self, lid: Float[np.ndarray, " time"]) -> None:
        """Close the lids, in place, at their habitual rate and on large shifts of gaze."""
        at = float(self.rng.uniform(0, 1 / self.style.blink_hz))
        frames = [int(j) // FINE for j in self.jumps if self.rng.random() < 0.6]
        while at * LIP_HZ / FINE < len(lid):
            frames.append(int(at * LIP_HZ / FINE))
            at += float(self.rng.uniform(0.6, 1.4)) / self.style.blink_hz
        for frame in frames:
            lid[frame : frame + 1] = np.minimum(lid[frame : frame + 1], 0.04)

    def _mouth(self, smile: Float[np.ndarray, " time"]) -> dict[str, Float[np.ndarray, " time"]]:
        """Return the mouth's channels: the spoken lips, scaled to this mouth and to the mood of the line."""
        lips = self.script.lips[self.index]
        speaking = self.script.speaking[self.index]
        silent = self._target("open") * (1 - 0.8 * speaking) + self._target("chew") * (1 - speaking)
        opened = np.clip(
            lips[:, 0] * self.style.mouth * (1 + 0.25 * np.tanh(3 * (self._felt("pace") - 0.95))) + _spring(silent, 3.5, 0.9),
            0,
            1,
        )
        width = np.clip(
            lips[:, 1] * (0.75 + 0.25 * self.style.mouth) + 0.3 * _at_24_hz(smile, len(opened)) * (1 - 0.5 * speaking), -1, 1
        )
        opens = {f"mouth_open_{k}": opened[k::FINE] for k in range(FINE)}
        return opens | {f"mouth_wide_{k}": width[k::FINE] for k in range(FINE)}


def _at_24_hz(coarse: Float[np.ndarray, " time"], ticks: int) -> Track:
    """Interpolate an 8 Hz track to `ticks` of the 24 Hz clock, linearly."""
    fine: Track = np.interp(np.arange(ticks) / FINE, np.arange(len(coarse)), coarse)
    return fine


def _stresses(loud: Track, energy: Track, apart: float) -> list[int]:
    """Return the ticks of the loudest moments, at least `apart` seconds from one another."""
    stresses: list[int] = []
    if not energy.any():
        return stresses
    peaks = np.flatnonzero((loud[1:-1] > loud[:-2]) & (loud[1:-1] >= loud[2:]) & (loud[1:-1] > 0.25)) + 1
    for tick in peaks:
        if not stresses or (tick - stresses[-1]) / LIP_HZ >= apart:
            stresses.append(int(tick))
    return stresses
