"""Teaching the voice encoder: `python -m episodic.lab.training.voice_encoder [--sentences 1200] [--steps 4000] [--seed 0]`.

The lessons are sentences put together at random, spoken by the project's own speech in voices cast at random and moved about, with
every emotion. The network is told the emotion (in most lessons) and learns to tell how the voice was cast. A tenth of the sentences is kept apart: on those it is measured
how far a line leads astray, which is the unit the encoder's traits are in. Everything follows from the seed.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from jaxtyping import Float, Float32, Int64
from torch import Tensor, nn
from torch.nn import functional as F

from episodic.errors import SpeechError
from episodic.quality.voice import BANDS as _BANDS
from episodic.quality.voice import MEL_EDGES, TOLD_EMOTION, WEIGHTS, Array, band_octaves, calmed, hear, told_emotion
from episodic.sound.speech.engine import HibariSpeech
from episodic.sound.speech.voices import VOICE_LIMITS, cast_voice
from memory.model.canon import CHARACTER_KINDS, CharacterKind, Voice
from planners.plan.vocabulary import EMOTIONS

__all__ = ["VoiceLessons", "make_lessons", "train_voice"]

_TRAITS: Final = 8
_TRAIT_NAMES: Final = "log2 pitch, log formant, range, breath, log rate, tilt, log throat, nasal"
_EFFECTS: Final = ("none", "robot", "ghost", "tiny")
_EFFECT_UNIT: Final = 0.3
_VOICES_A_SENTENCE: Final = 6
_PORTION: Final = 50
"""Sentences made at once, from one seed: the lessons are the same whatever the number of workers."""
_WIDTH: Final = 96
_UNTOLD: Final = 0.15
"""Share of lessons in which the emotion is not told."""
_FREQUENCIES: Final = 192
_KERNEL: Final = 4.0
"""Width of the Gaussian that cosines follow, in the unit of traits."""

_LEADS: Final = (
    "",
    "",
    "",
    "Listen, ",
    "Well, ",
    "No, ",
    "Yes, ",
    "Oh! ",
    "Please, ",
    "But ",
    "And then ",
    "Of course ",
    "Wait. ",
)
_WHO: Final = (
    "I", "you", "we", "they", "she", "he", "nobody", "everyone", "somebody", "the_old_man", "my_sister", "the_captain",
    "your_friend", "the_children", "this_machine", "the_baker", "our_dog", "a_stranger", "both_of_us", "the_queen",
)  # fmt: skip
_DO: Final = (
    "found", "forgot", "carried", "heard", "never_liked", "painted", "dropped", "wanted", "saw", "kept", "lost", "fixed",
    "chose", "pushed", "borrowed", "sold", "watched", "threw_away", "remembered", "could_not_find", "asked_for",
    "will_measure", "should_join", "might_break",
)  # fmt: skip
_WHAT: Final = (
    "the_lantern", "a_blue_key", "the_letter", "this_bridge", "three_boats", "an_apple_pie", "the_whole_village", "my_voice",
    "some_bread", "her_shoes", "the_loud_clock", "a_very_small_fox", "the_garden_gate", "that_jewel", "his_youth",
    "the_wooden_horse", "two_measures_of_flour", "the_thunder", "your_question", "it", "every_single_page", "another_chance",
    "a_bag_of_pears",
)  # fmt: skip
_WHERE: Final = (
    "near_the_harbour", "in_the_morning", "before_dark", "under_the_stairs", "at_the_old_mill", "with_great_care", "again",
    "for_a_while", "on_Thursday", "behind_the_church", "when_the_rain_began", "just_like_yesterday", "by_chance",
    "without_a_word", "far_away_from_here", "together",
)  # fmt: skip
_SHORT: Final = (
    "Come here.", "Never!", "Who is there?", "Thank you so much.", "Good evening.", "Go away, please.", "Really?", "Be careful.",
    "I am not afraid of you.", "Why did you do that?", "Let us begin.", "How wonderful!", "Help me.", "Is it over?", "You must choose now.",
)  # fmt: skip
_WORDS: Final = (
    "old", "tall", "boy", "girl", "small", "shy", "gruff", "loud", "sad", "nervous", "elegant", "deep", "bird", "woman",
    "man", "giant", "young", "gentle", "proud", "thin", "weary", "kind", "he", "she",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class VoiceLessons:
    """Lines taken apart, one after the other in `frames`, and how their voices were cast."""

    frames: Float[np.ndarray, "frame feature"]
    lengths: Int64[np.ndarray, " line"]
    traits: Float32[np.ndarray, "line 8"]
    effects: Int64[np.ndarray, " line"]
    emotions: Int64[np.ndarray, " line"]

    @classmethod
    def join(cls, parts: Sequence[VoiceLessons]) -> VoiceLessons:
        """All lines of several."""
        names = ("frames", "lengths", "traits", "effects", "emotions")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def make_lessons(sentences: int, seed: int) -> VoiceLessons:
    """Have `sentences` spoken, each by six voices. Deterministic in both."""
    rng = np.random.default_rng(seed)
    engine = HibariSpeech()
    frames, lengths, traits, effects, emotions = [], [], [], [], []
    for _ in range(sentences):
        text = _sentence(rng)
        for _ in range(_VOICES_A_SENTENCE):
            voice, emotion = _random_voice(rng), int(rng.integers(len(EMOTIONS)))
            try:
                heard = hear(engine.say(text, voice, EMOTIONS[emotion]).samples)
            except SpeechError:  # a word the engine does not know
                continue
            frames.append(heard.astype(np.float16))
            lengths.append(len(heard))
            traits.append(_traits_of(voice))
            effects.append(_EFFECTS.index(voice.effect))
            emotions.append(emotion)
    return VoiceLessons(
        np.concatenate(frames), np.array(lengths), np.array(traits, np.float32), np.array(effects), np.array(emotions)
    )


def _traits_of(voice: Voice) -> list[float]:
    logs = (math.log2(voice.pitch), math.log(voice.formant))
    return [*logs, voice.range, voice.breath, math.log(voice.rate), voice.tilt, math.log(voice.throat), voice.nasal]


def _sentence(rng: np.random.Generator) -> str:
    def one(words: Sequence[str]) -> str:
        return words[int(rng.integers(len(words)))].replace("_", " ")

    if rng.random() < 0.2:
        return one(_SHORT)
    text = f"{one(_LEADS)}{one(_WHO)} {one(_DO)} {one(_WHAT)}"
    if rng.random() < 0.5:
        text += " " + one(_WHERE)
    return text[0].upper() + text[1:] + str(rng.choice([".", ".", ".", "?", "!"]))


def _random_voice(rng: np.random.Generator) -> Voice:
    """A voice as casting makes them, moved about in everything."""
    kind: CharacterKind = CHARACTER_KINDS[int(rng.integers(len(CHARACTER_KINDS)))] if rng.random() < 0.5 else "human"
    words = " ".join(_WORDS[i] for i in rng.permutation(len(_WORDS))[: int(rng.integers(0, 4))])
    voice = cast_voice(kind=kind, description=words, base=None, pitch=None, rate=None, seed=int(rng.integers(2**40)))
    spread = dict(zip(("pitch", "formant", "range", "rate"), np.exp(rng.normal(0, 1, 4) * [0.22, 0.07, 0.2, 0.08]), strict=True))
    moved: dict[str, Any] = {
        name: float(np.clip(getattr(voice, name) * ratio, *VOICE_LIMITS[name])) for name, ratio in spread.items()
    }
    mouth: dict[str, Any] = {name: float(rng.uniform(*VOICE_LIMITS[name])) for name in ("tilt", "throat", "nasal")}
    mouth["nasal"] *= rng.random() < 0.6
    breath = (
        max(0.0, voice.breath + float(rng.normal(0, 0.12))) if voice.breath else float(rng.uniform(0, 0.5)) * (rng.random() < 0.3)
    )
    return replace(voice, **moved, **mouth, breath=min(1.0, breath))


class _Network(nn.Module):
    """Frames and the emotion to traits and effect."""

    def __init__(self, features: int, width: int = _WIDTH) -> None:
        super().__init__()
        self.first = nn.Conv1d(features, width, 1)
        self.second = nn.Conv1d(width, width, 5, padding=2)
        self.third = nn.Conv1d(width, width, 3, padding=1)
        self.summary = nn.Linear(2 * width + TOLD_EMOTION, width)
        self.traits = nn.Linear(width, _TRAITS + len(_EFFECTS))

    def forward(
        self,
        frames: Float[Tensor, "line frame feature"],
        heard: Float[Tensor, "line frame"],
        emotion: Float[Tensor, "line emotion"],
    ) -> Float[Tensor, "line told"]:
        """Traits and the logits of effects. `heard`: 1 where a line still has frames."""
        mask = heard[:, None]
        hidden = torch.relu(self.first(frames.transpose(1, 2))) * mask
        hidden = torch.relu(self.second(hidden)) * mask
        hidden = self.third(hidden) * mask
        count = mask.sum(2)
        mean = hidden.sum(2) / count
        variance = ((hidden - mean[..., None]) ** 2 * mask).sum(2) / count
        summary = F.dropout(torch.cat([mean, (variance + 1e-4).sqrt()], 1), 0.1, self.training)
        found: Tensor = self.traits(torch.relu(self.summary(torch.cat([summary, emotion], 1))))
        return found


def train_voice(lessons: VoiceLessons, steps: int, seed: int, batch: int = 64) -> dict[str, Array]:
    """The encoder's arrays. Prints the error on sentences kept apart."""
    torch.manual_seed(seed)
    rng = np.random.default_rng([seed, 1])
    starts = np.concatenate([[0], np.cumsum(lessons.lengths)])
    count = len(lessons.lengths)

    def line(number: int, told: bool) -> Float32[np.ndarray, "frame feature"]:
        frames: Float32[np.ndarray, "frame feature"] = lessons.frames[starts[number] : starts[number + 1]].astype(np.float32)
        return calmed(frames, EMOTIONS[lessons.emotions[number]] if told else None)

    def emotions_of(lines: Sequence[int], told: Sequence[bool]) -> Tensor:
        pairs = zip(lines, told, strict=True)
        return torch.from_numpy(
            np.stack([told_emotion(EMOTIONS[lessons.emotions[one]] if known else None) for one, known in pairs])
        )

    taught, kept = np.arange(count * 9 // 10), np.arange(count * 9 // 10, count)
    sample = np.concatenate([line(one, True) for one in taught[:: max(1, len(taught) // 1000)]])
    mean, spread = sample.mean(0), sample.std(0) + 1e-3
    centre, scale = lessons.traits.mean(0), lessons.traits.std(0)
    network = _Network(lessons.frames.shape[1])
    optimiser = torch.optim.AdamW(network.parameters(), 3e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=steps)
    weights = torch.tensor([3.0, 3.0, 0.7, 1.0, 0.7, 2.0, 2.0, 1.5])

    def padded(parts: Sequence[Float32[np.ndarray, "frame feature"]]) -> tuple[Tensor, Tensor]:
        frames = np.zeros((len(parts), max(map(len, parts)), lessons.frames.shape[1]), np.float32)
        heard = np.zeros(frames.shape[:2], np.float32)
        for row, part in enumerate(parts):
            frames[row, : len(part)] = (part - mean) / spread
            heard[row, : len(part)] = 1
        return torch.from_numpy(frames), torch.from_numpy(heard)

    def told_of(lines: Int64[np.ndarray, " line"]) -> Float32[np.ndarray, "line told"]:
        network.eval()
        with torch.no_grad():
            parts = []
            for some in (lines[i : i + 64].tolist() for i in range(0, len(lines), 64)):
                known = [True] * len(some)
                parts.append(network(*padded([line(one, True) for one in some]), emotions_of(some, known)).numpy())
        network.train()
        found: Float32[np.ndarray, "line told"] = np.concatenate(parts)
        return found

    for step in range(steps):
        lines = rng.choice(taught, batch)
        known = (rng.random(batch) >= _UNTOLD).tolist()
        varied = [_vary(line(one, each), lessons.traits[one], rng) for one, each in zip(lines, known, strict=True)]
        told = network(*padded([frames for frames, _ in varied]), emotions_of(lines.tolist(), known))
        wanted = torch.from_numpy((np.stack([traits for _, traits in varied]) - centre) / scale)
        loss = ((told[:, :_TRAITS] - wanted) ** 2 * weights).mean()
        loss = loss + 0.2 * F.cross_entropy(told[:, _TRAITS:], torch.from_numpy(lessons.effects[lines]))
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 500 == 499 or step == steps - 1:
            apart = told_of(kept)[:, :_TRAITS] * scale - (lessons.traits[kept] - centre)
            found = " ".join(f"{one:.4f}" for one in np.sqrt((apart**2).mean(0)))
            sys.stdout.write(f"step {step + 1}: loss {loss.item():.3f}; astray in {_TRAIT_NAMES}: {found}\n")
            sys.stdout.flush()
    arrays = {name: value.detach().numpy() for name, value in network.state_dict().items()}
    told = told_of(kept)
    arrays |= {"mean": mean, "spread": spread, "trait_scale": scale}
    arrays |= _space(told[:, :_TRAITS] * scale, lessons.traits[kept] - centre, rng)
    return {name: np.ascontiguousarray(value, np.float32) for name, value in arrays.items()}


def _vary(
    frames: Float32[np.ndarray, "frame feature"], traits: Float32[np.ndarray, " trait"], rng: np.random.Generator
) -> tuple[Float32[np.ndarray, "frame feature"], Float32[np.ndarray, " trait"]]:
    """A part of a line (at most 2.5 s), a little higher, smaller, quicker and brighter than it was: to learn from more than there is."""
    length = len(frames)
    if length > 30:
        length = min(125, int(rng.integers(max(25, length // 2), length + 1)))
    start = int(rng.integers(0, len(frames) - length + 1))
    pitch, formant, rate, tilt = (float(one) for one in rng.normal(0, [0.12, 0.03, 0.06, 0.5]))
    picked = start + np.minimum((np.arange(max(4, round(length / math.exp(rate)))) * math.exp(rate)).astype(int), length - 1)
    part = frames[picked]
    bands = part[:, :_BANDS] @ _warping(round(formant, 2)) + tilt / 10 * band_octaves()
    voiced = part[:, _BANDS + 1 : _BANDS + 2]
    varied = np.concatenate([bands, part[:, _BANDS : _BANDS + 1] + 2 * pitch * voiced, part[:, _BANDS + 1 :]], 1).astype(
        np.float32
    )
    moved = traits + np.array([pitch, round(formant, 2), 0, 0, rate, tilt, 0, 0], np.float32)
    return varied, moved


@cache
def _warping(formant: float) -> Float32[np.ndarray, "band band"]:
    """Takes mel bands to those of a body whose formants lie higher by `formant` (natural logarithm)."""
    edges = np.linspace(MEL_EDGES[0], MEL_EDGES[1], _BANDS + 2)[1:-1]
    source = 2595 * np.log10(1 + 700 * (10 ** (edges / 2595) - 1) / math.exp(formant) / 700)
    at = np.clip(np.interp(source, edges, np.arange(_BANDS)), 0, _BANDS - 1)
    low = np.minimum(at.astype(int), _BANDS - 2)
    table = np.zeros((_BANDS, _BANDS), np.float32)
    table[low, np.arange(_BANDS)] = 1 - (at - low)
    table[low + 1, np.arange(_BANDS)] += at - low
    return table


def _space(
    told: Float32[np.ndarray, "line 8"], true: Float32[np.ndarray, "line 8"], rng: np.random.Generator
) -> dict[str, Array]:
    """From traits to the unit of what leads astray (`whiten`), and on to waves (`frequencies`: orthogonal in blocks)."""
    values, vectors = np.linalg.eigh(np.cov((told - true).T))
    size = _TRAITS + len(_EFFECTS)
    whiten = np.zeros((size, size))
    whiten[:_TRAITS, :_TRAITS] = vectors / np.sqrt(values)
    whiten[_TRAITS:, _TRAITS:] = np.eye(len(_EFFECTS)) / _EFFECT_UNIT
    blocks: list[np.ndarray] = []
    while sum(block.shape[1] for block in blocks) < _FREQUENCIES:
        turn, _ = np.linalg.qr(rng.normal(size=(size, size)))
        blocks.append(turn * np.sqrt(rng.chisquare(size, size)))
    arrays = {"whiten": whiten, "frequencies": np.concatenate(blocks, 1)[:, :_FREQUENCIES] / _KERNEL}
    return {name: value.astype(np.float32) for name, value in arrays.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the lessons, teach, write the weights."""
    from safetensors.numpy import save_file

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=1200)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)  # sums come out in the same order on every machine with the same torch
    portions = [min(_PORTION, chosen.sentences - at) for at in range(0, chosen.sentences, _PORTION)]
    seeds = [chosen.seed * 100_003 + number for number in range(len(portions))]
    with ProcessPoolExecutor(chosen.workers) as pool:
        lessons = VoiceLessons.join(list(pool.map(make_lessons, portions, seeds)))
    sys.stdout.write(f"{len(lessons.lengths)} lines, {lessons.lengths.sum() / 3000:.0f} minutes\n")
    arrays = train_voice(lessons, chosen.steps, chosen.seed)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    save_file(arrays, chosen.out)


if __name__ == "__main__":
    main()
