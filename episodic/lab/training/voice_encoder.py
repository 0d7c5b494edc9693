"""Training of the voice encoder: `python -m episodic.lab.training.voice_encoder [--sentences 1200] [--steps 4000] [--seed 0]`.

The lessons are random sentences, spoken by the project's own speech in randomly cast and altered voices with every emotion. The network
receives the emotion (in most lessons) and learns to predict the traits with which the voice was cast. A tenth of the sentences is held
out. The error on them sets the unit of the encoder's traits. Everything follows from the seed.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import torch
from jaxtyping import Float, Float32, Int64
from safetensors.numpy import save_file
from torch import Tensor, nn
from torch.nn import functional as F

from episodic.errors import SpeechError
from episodic.quality.voice import BANDS as _BANDS
from episodic.quality.voice import EMOTION_INPUTS, MEL_EDGES, WEIGHTS, Array, band_octaves, calmed, emotion_inputs, hear
from episodic.sound.speech.engine import HibariSpeech
from episodic.sound.speech.voices import VOICE_LIMITS, cast_voice
from memory.model.canon import CHARACTER_KINDS, CharacterKind, Voice
from planners.data_file import DataFile, WordList, read_data_file
from planners.plan.vocabulary import EMOTIONS

__all__ = ["VoiceLessons", "VoiceWords", "make_lessons", "train_voice"]

_TRAITS: Final = 8
_TRAIT_NAMES: Final = "log2 pitch, log formant, range, breath, log rate, tilt, log throat, nasal"
_TRAIT_WEIGHTS: Final = (3.0, 3.0, 0.7, 1.0, 0.7, 2.0, 2.0, 1.5)
"""Weight of each trait in the loss."""
_EFFECTS: Final = ("none", "robot", "ghost", "tiny")
_EFFECT_UNIT: Final = 0.3
_VOICES_PER_SENTENCE: Final = 6
_PORTION: Final = 50
"""Sentences made from one seed in one task. It makes the lessons independent of the number of workers."""
_WIDTH: Final = 96
_EMOTION_DROPOUT: Final = 0.15
"""Share of lessons in which the network does not receive the emotion."""
_FREQUENCIES: Final = 192
_KERNEL: Final = 4.0
"""Width of the Gaussian that the cosines approximate, in the unit of traits."""


class VoiceWords(DataFile):
    """The tables of `data/voice_words.yaml`; each is described there."""

    leads: tuple[str, ...]
    subjects: WordList
    verbs: WordList
    objects: WordList
    circumstances: WordList
    short_sentences: tuple[str, ...]
    descriptions: WordList


_WORDS: Final = read_data_file(Path(__file__).with_name("data") / "voice_words.yaml", VoiceWords)


@dataclass(frozen=True, slots=True)
class VoiceLessons:
    """Features of spoken lines, one line after the other in `frames`, and the traits of their voices."""

    frames: Float[np.ndarray, "frame feature"]
    lengths: Int64[np.ndarray, " line"]
    traits: Float32[np.ndarray, "line 8"]
    effects: Int64[np.ndarray, " line"]
    emotions: Int64[np.ndarray, " line"]

    @classmethod
    def join(cls, parts: Sequence[VoiceLessons]) -> VoiceLessons:
        """Join the lines of several lessons."""
        names = ("frames", "lengths", "traits", "effects", "emotions")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def make_lessons(sentences: int, seed: int) -> VoiceLessons:
    """Speak random sentences, each in six voices. Deterministic in `sentences` and `seed`."""
    rng = np.random.default_rng(seed)
    engine = HibariSpeech()
    frames, lengths, traits, effects, emotions = [], [], [], [], []
    for _ in range(sentences):
        text = _random_sentence(rng)
        for _ in range(_VOICES_PER_SENTENCE):
            voice, emotion = _random_voice(rng), int(rng.integers(len(EMOTIONS)))
            try:
                features = hear(engine.say(text, voice, EMOTIONS[emotion]).samples)
            except SpeechError:  # a word the engine does not know
                continue
            frames.append(features.astype(np.float16))
            lengths.append(len(features))
            traits.append(_traits_of(voice))
            effects.append(_EFFECTS.index(voice.effect))
            emotions.append(emotion)
    return VoiceLessons(
        np.concatenate(frames), np.array(lengths), np.array(traits, np.float32), np.array(effects), np.array(emotions)
    )


def _traits_of(voice: Voice) -> list[float]:
    logs = (math.log2(voice.pitch), math.log(voice.formant))
    return [*logs, voice.range, voice.breath, math.log(voice.rate), voice.tilt, math.log(voice.throat), voice.nasal]


def _random_sentence(rng: np.random.Generator) -> str:
    def pick(words: Sequence[str]) -> str:
        return words[int(rng.integers(len(words)))]

    if rng.random() < 0.2:
        return pick(_WORDS.short_sentences)
    text = f"{pick(_WORDS.leads)}{pick(_WORDS.subjects)} {pick(_WORDS.verbs)} {pick(_WORDS.objects)}"
    if rng.random() < 0.5:
        text += " " + pick(_WORDS.circumstances)
    return text[0].upper() + text[1:] + str(rng.choice([".", ".", ".", "?", "!"]))


def _random_voice(rng: np.random.Generator) -> Voice:
    """A voice as casting makes it, altered in every trait."""
    kind: CharacterKind = CHARACTER_KINDS[int(rng.integers(len(CHARACTER_KINDS)))] if rng.random() < 0.5 else "human"
    words = _WORDS.descriptions
    description = " ".join(words[i] for i in rng.permutation(len(words))[: int(rng.integers(0, 4))])
    voice = cast_voice(kind=kind, description=description, base=None, pitch=None, rate=None, seed=int(rng.integers(2**40)))
    ratios = np.exp(rng.normal(0, 1, 4) * [0.22, 0.07, 0.2, 0.08])
    pitch, formant, range_, rate = _scaled_traits(voice, ("pitch", "formant", "range", "rate"), ratios.tolist())
    tilt, throat, nasal = (float(rng.uniform(*VOICE_LIMITS[name])) for name in ("tilt", "throat", "nasal"))
    nasal *= rng.random() < 0.6
    if voice.breath:
        breath = max(0.0, voice.breath + float(rng.normal(0, 0.12)))
    else:
        breath = float(rng.uniform(0, 0.5)) * (rng.random() < 0.3)
    return replace(
        voice,
        pitch=pitch,
        formant=formant,
        range=range_,
        rate=rate,
        tilt=tilt,
        throat=throat,
        nasal=nasal,
        breath=min(1.0, breath),
    )


def _scaled_traits(voice: Voice, names: Sequence[str], ratios: Sequence[float]) -> Iterator[float]:
    """Traits of the voice multiplied by ratios, within their limits."""
    for name, ratio in zip(names, ratios, strict=True):
        yield float(np.clip(getattr(voice, name) * ratio, *VOICE_LIMITS[name]))


class _Network(nn.Module):
    """Predicts traits and effect from frames and the emotion."""

    def __init__(self, features: int, width: int = _WIDTH) -> None:
        super().__init__()
        self.first = nn.Conv1d(features, width, 1)
        self.second = nn.Conv1d(width, width, 5, padding=2)
        self.third = nn.Conv1d(width, width, 3, padding=1)
        self.summary = nn.Linear(2 * width + EMOTION_INPUTS, width)
        self.traits = nn.Linear(width, _TRAITS + len(_EFFECTS))

    def forward(
        self,
        frames: Float[Tensor, "line frame feature"],
        mask: Float[Tensor, "line frame"],
        emotion: Float[Tensor, "line emotion"],
    ) -> Float[Tensor, "line output"]:
        """Return the traits, then the logits of effects. `mask`: 1 where a line has a frame, 0 where it is padded."""
        mask = mask[:, None]
        hidden = torch.relu(self.first(frames.transpose(1, 2))) * mask
        hidden = torch.relu(self.second(hidden)) * mask
        hidden = self.third(hidden) * mask
        count = mask.sum(2)
        mean = hidden.sum(2) / count
        variance = ((hidden - mean[..., None]) ** 2 * mask).sum(2) / count
        summary = F.dropout(torch.cat([mean, (variance + 1e-4).sqrt()], 1), 0.1, self.training)
        outputs: Tensor = self.traits(torch.relu(self.summary(torch.cat([summary, emotion], 1))))
        return outputs


class _Lines:
    """Lines of lessons as inputs of the network."""

    def __init__(self, lessons: VoiceLessons, taught: Int64[np.ndarray, " line"]) -> None:
        """`taught`: the lines whose mean and spread normalise all of them."""
        self.lessons = lessons
        self._starts = np.concatenate([[0], np.cumsum(lessons.lengths)])
        sample = np.concatenate([self.frames(line, True) for line in taught[:: max(1, len(taught) // 1000)].tolist()])
        self.mean, self.spread = sample.mean(0), sample.std(0) + 1e-3

    def frames(self, line: int, emotion_known: bool) -> Float32[np.ndarray, "frame feature"]:
        """Features of one line, less the effect of its emotion where that is known."""
        start, end = self._starts[line : line + 2]
        frames: Float32[np.ndarray, "frame feature"] = self.lessons.frames[start:end].astype(np.float32)
        return calmed(frames, EMOTIONS[self.lessons.emotions[line]] if emotion_known else None)

    def emotions(self, lines: Sequence[int], emotion_known: Sequence[bool]) -> Float[Tensor, "line emotion"]:
        """The emotion of each line as the network receives it."""
        rows = [
            emotion_inputs(EMOTIONS[self.lessons.emotions[line]] if known else None)
            for line, known in zip(lines, emotion_known, strict=True)
        ]
        return torch.from_numpy(np.stack(rows))

    def padded(
        self, parts: Sequence[Float32[np.ndarray, "_ feature"]]
    ) -> tuple[Float[Tensor, "line frame feature"], Float[Tensor, "line frame"]]:
        """Normalised frames of several lines, padded to the longest, and a mask of the frames that exist."""
        frames = np.zeros((len(parts), max(map(len, parts)), self.lessons.frames.shape[1]), np.float32)
        mask = np.zeros(frames.shape[:2], np.float32)
        for row, part in enumerate(parts):
            frames[row, : len(part)] = (part - self.mean) / self.spread
            mask[row, : len(part)] = 1
        return torch.from_numpy(frames), torch.from_numpy(mask)


def train_voice(lessons: VoiceLessons, steps: int, seed: int, batch: int = 64) -> dict[str, Array]:
    """Train and return the encoder's arrays. Prints the error on held-out sentences."""
    torch.manual_seed(seed)
    rng = np.random.default_rng([seed, 1])
    count = len(lessons.lengths)
    taught, held_out = np.arange(count * 9 // 10), np.arange(count * 9 // 10, count)
    lines = _Lines(lessons, taught)
    centre, scale = lessons.traits.mean(0), lessons.traits.std(0)
    network = _Network(lessons.frames.shape[1])
    optimiser = torch.optim.AdamW(network.parameters(), 3e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=steps)
    for step in range(steps):
        loss = _batch_loss(network, lines, rng.choice(taught, batch), rng, centre, scale)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 500 == 499 or step == steps - 1:
            errors = _predict(network, lines, held_out)[:, :_TRAITS] * scale - (lessons.traits[held_out] - centre)
            figures = " ".join(f"{error:.4f}" for error in np.sqrt((errors**2).mean(0)))
            sys.stdout.write(f"step {step + 1}: loss {loss.item():.3f}; error of {_TRAIT_NAMES}: {figures}\n")
            sys.stdout.flush()
    arrays = {name: value.detach().numpy() for name, value in network.state_dict().items()}
    arrays |= {"mean": lines.mean, "spread": lines.spread, "trait_scale": scale}
    predicted = _predict(network, lines, held_out)[:, :_TRAITS] * scale
    arrays |= _error_space(predicted, lessons.traits[held_out] - centre, rng)
    return {name: np.ascontiguousarray(value, np.float32) for name, value in arrays.items()}


def _batch_loss(
    network: _Network,
    lines: _Lines,
    chosen: Int64[np.ndarray, " line"],
    rng: np.random.Generator,
    centre: Float32[np.ndarray, " trait"],
    scale: Float32[np.ndarray, " trait"],
) -> Tensor:
    """The loss on varied parts of the chosen lines. `centre`, `scale`: mean and standard deviation of the traits."""
    lessons = lines.lessons
    emotion_known = (rng.random(len(chosen)) >= _EMOTION_DROPOUT).tolist()
    varied = [
        _vary(lines.frames(line, known), lessons.traits[line], rng)
        for line, known in zip(chosen.tolist(), emotion_known, strict=True)
    ]
    outputs = network(*lines.padded([frames for frames, _ in varied]), lines.emotions(chosen.tolist(), emotion_known))
    targets = torch.from_numpy((np.stack([traits for _, traits in varied]) - centre) / scale)
    trait_loss = ((outputs[:, :_TRAITS] - targets) ** 2 * torch.tensor(_TRAIT_WEIGHTS)).mean()
    effect_loss: Tensor = F.cross_entropy(outputs[:, _TRAITS:], torch.from_numpy(lessons.effects[chosen]))
    loss: Tensor = trait_loss + 0.2 * effect_loss
    return loss


def _predict(
    network: _Network, lines: _Lines, numbers: Int64[np.ndarray, " line"], batch: int = 64
) -> Float32[np.ndarray, "line output"]:
    """The network's outputs on whole lines with their emotions, without dropout."""
    network.eval()
    with torch.no_grad():
        outputs = [
            network(*lines.padded([lines.frames(line, True) for line in some]), lines.emotions(some, [True] * len(some))).numpy()
            for some in (numbers[start : start + batch].tolist() for start in range(0, len(numbers), batch))
        ]
    network.train()
    predicted: Float32[np.ndarray, "line output"] = np.concatenate(outputs)
    return predicted


def _vary(
    frames: Float32[np.ndarray, "frame feature"], traits: Float32[np.ndarray, " trait"], rng: np.random.Generator
) -> tuple[Float32[np.ndarray, "varied_frame feature"], Float32[np.ndarray, " trait"]]:
    """Cut a part of a line (at most 2.5 s) and shift its pitch, formants, rate and tilt at random, to augment the lessons."""
    length = len(frames)
    if length > 30:
        length = min(125, int(rng.integers(max(25, length // 2), length + 1)))
    start = int(rng.integers(0, len(frames) - length + 1))
    pitch, formant, rate, tilt = rng.normal(0, [0.12, 0.03, 0.06, 0.5]).tolist()
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
    """A matrix that maps mel bands to those of a voice whose formants are higher by `formant` (natural logarithm)."""
    edges = np.linspace(MEL_EDGES[0], MEL_EDGES[1], _BANDS + 2)[1:-1]
    source = 2595 * np.log10(1 + 700 * (10 ** (edges / 2595) - 1) / math.exp(formant) / 700)
    at = np.clip(np.interp(source, edges, np.arange(_BANDS)), 0, _BANDS - 1)
    low = np.minimum(at.astype(int), _BANDS - 2)
    table = np.zeros((_BANDS, _BANDS), np.float32)
    table[low, np.arange(_BANDS)] = 1 - (at - low)
    table[low + 1, np.arange(_BANDS)] += at - low
    return table


def _error_space(
    predicted: Float32[np.ndarray, "line 8"], true: Float32[np.ndarray, "line 8"], rng: np.random.Generator
) -> dict[str, Array]:
    """The map from traits to units of their error (`whiten`), and from there to waves (`frequencies`: orthogonal in blocks)."""
    values, vectors = np.linalg.eigh(np.cov((predicted - true).T))
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
    """Make the lessons, train the encoder and write its weights."""
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
