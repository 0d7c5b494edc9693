"""Sound of models of the LTX-2 kind (arXiv 2601.03233): into latents, out of waveforms, and fixed while the rest is denoised."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float
from scipy.signal import resample_poly
from torch import Tensor
from transformers.audio_utils import mel_filter_bank

from episodic.backbones.diffusers.window import SOUND_HZ, Sound

__all__ = [
    "ContinuedSound",
    "FixedSound",
    "encode_sound",
    "log_mel",
    "loudest_stretch",
    "sound_tokens",
    "to_stereo",
    "whole_tokens",
]

_WINDOW: Final = 1024
"""Samples of one spectrum at the model's rate."""
_QUIETEST: Final = 1e-5
_LATENT_FRAMES: Final = 4
"""Spectra in one audio latent; the first latent is one spectrum alone, since the autoencoder is causal."""
_STEP_S: Final = 0.05
"""Longer than any gap by which a model can end too early."""


def log_mel(samples: Float[Tensor, "channel sample"], hz: int, hop: int, bins: int) -> Float[Tensor, "channel time bin"]:
    """Return the logarithmic mel spectrogram that LTX-2's audio autoencoder was trained on: magnitudes, Slaney's scale and norm, at least 1e-5.

    Equal to torchaudio's `MelSpectrogram` in `EchoVaeEncoderStep` of diffusers within 5e-6; torchaudio has no build for some machines.
    """
    if samples.shape[-1] < _WINDOW:
        samples = torch.nn.functional.pad(samples, (0, _WINDOW - samples.shape[-1]))
    window = torch.hann_window(_WINDOW, device=samples.device)
    spectra = torch.stft(samples, _WINDOW, hop, window=window, center=True, pad_mode="reflect", return_complex=True).abs()
    filters = mel_filter_bank(
        num_frequency_bins=_WINDOW // 2 + 1,
        num_mel_filters=bins,
        min_frequency=0.0,
        max_frequency=hz / 2,
        sampling_rate=hz,
        norm="slaney",
        mel_scale="slaney",
    )
    mel = torch.einsum("c f t, f m -> c t m", spectra, torch.from_numpy(filters).to(spectra))
    return mel.clamp(min=_QUIETEST).log()


def encode_sound(audio_vae: Any, sound: Sound, device: torch.device) -> Float[Tensor, "1 _ _ _"]:
    """Encode sound at 48 kHz, mono or stereo, as the audio autoencoder's latents, not normalised. One latent for every four spectra."""
    hz = int(audio_vae.config.sample_rate)
    stereo = np.broadcast_to(sound, (2, sound.shape[1])) if sound.shape[0] == 1 else sound[:2]
    common = math.gcd(hz, SOUND_HZ)
    slower = resample_poly(stereo.astype(np.float32), hz // common, SOUND_HZ // common, axis=-1)
    samples = torch.from_numpy(np.ascontiguousarray(slower, np.float32)).to(device)
    mel = log_mel(samples, hz, int(audio_vae.config.mel_hop_length), int(audio_vae.config.mel_bins))
    with torch.no_grad():
        latents: Tensor = audio_vae.encode(rearrange(mel, "c t m -> 1 c t m").to(audio_vae.dtype)).latent_dist.mode().float()
    return latents


def sound_tokens(seconds: float, audio_vae: Any) -> int:
    """Return how many audio latents cover at least `seconds`: n of them are 4 n - 3 spectra."""
    spectra = seconds * int(audio_vae.config.sample_rate) / int(audio_vae.config.mel_hop_length)
    return max(1, math.ceil((spectra + _LATENT_FRAMES - 1) / _LATENT_FRAMES - 1e-9))


def whole_tokens(seconds: float, audio_vae: Any) -> int:
    """Return how many audio latents end within the first `seconds`."""
    spectra = math.floor(seconds * int(audio_vae.config.sample_rate) / int(audio_vae.config.mel_hop_length) + 1e-9)
    return (spectra + _LATENT_FRAMES - 1) // _LATENT_FRAMES


def to_stereo(waveform: Float[Tensor, "1 channel sample"], hz: int, samples: int) -> Sound:
    """Convert a vocoder's waveform to stereo at 48 kHz, exactly `samples` long.

    Models count sound in steps of 40 ms and may end up to one step early. The gap is filled with the mirrored end, without a break.
    """
    channels = waveform[0].detach().float().cpu().numpy()
    stereo = np.repeat(channels, 2, axis=0) if channels.shape[0] == 1 else channels[:2]
    if hz != SOUND_HZ:
        common = math.gcd(hz, SOUND_HZ)
        stereo = resample_poly(stereo, SOUND_HZ // common, hz // common, axis=-1)
    missing = samples - stereo.shape[1]
    if missing > 0:
        mirrored = min(missing, round(_STEP_S * SOUND_HZ), stereo.shape[1])
        stereo = np.concatenate([stereo, stereo[:, ::-1][:, :mirrored], np.zeros((2, missing - mirrored), np.float32)], axis=1)
    return np.ascontiguousarray(np.clip(stereo[:, :samples], -1, 1), np.float32)


def loudest_stretch(sound: Sound, seconds: float) -> Sound:
    """Return the loudest stretch of at most `seconds`, searched in quarters of its length."""
    length = round(seconds * SOUND_HZ)
    last = sound.shape[1] - length
    if last <= 0:
        return sound
    energy = np.concatenate([[0.0], np.cumsum(np.abs(sound).sum(axis=0, dtype=np.float64))])
    starts = np.unique(np.append(np.arange(0, last, max(1, length // 4)), last))
    start = int(starts[np.argmax(energy[starts + length] - energy[starts])])
    return sound[:, start : start + length]


class FixedSound:
    """The schedule of a sound that is given whole: it stays unchanged, and the model sees it as clean at every step.

    Lightricks' own pipeline from sound to picture does the same: latents without noise at timestep 0.
    """

    def __init__(self, schedule: Any) -> None:
        self._schedule = schedule

    def set_timesteps(
        self,
        num_inference_steps: int | None = None,
        device: str | torch.device | None = None,
        sigmas: Sequence[float] | Float[np.ndarray, " step"] | None = None,
        mu: float | None = None,
    ) -> None:
        """Set the steps of the picture's schedule."""
        self._schedule.set_timesteps(num_inference_steps, device=device, sigmas=sigmas, mu=mu)

    @property
    def sigmas(self) -> Float[Tensor, " level"]:
        """The picture's levels: pipelines divide by them."""
        sigmas: Tensor = self._schedule.sigmas
        return sigmas

    @property
    def timesteps(self) -> Float[Tensor, " step"]:
        """Zeros."""
        return torch.zeros_like(self._schedule.timesteps)

    def step(self, model_output: Tensor, timestep: Tensor, sample: Tensor, return_dict: bool = False) -> tuple[Tensor]:
        """Return the sample unchanged."""
        del model_output, timestep, return_dict
        return (sample,)


class ContinuedSound(FixedSound):
    """The schedule of a sound whose beginning is known: after every step the known latents are put back, as noisy as the rest.

    Replacement as in Song et al. 2021 (arXiv 2011.13456, section 5) and RePaint (arXiv 2201.09865), without resampling.
    `clean`: the known first tokens, normalised; `noise`: the noise that they begin with.
    """

    def __init__(self, schedule: Any, clean: Float[Tensor, "1 known feature"], noise: Float[Tensor, "1 known feature"]) -> None:
        super().__init__(schedule)
        self._clean, self._noise = clean, noise

    @property
    def timesteps(self) -> Float[Tensor, " step"]:
        """The timesteps of the rest of the sound."""
        timesteps: Tensor = self._schedule.timesteps
        return timesteps

    def step(self, model_output: Tensor, timestep: Tensor, sample: Tensor, return_dict: bool = False) -> tuple[Tensor]:
        """Do a step of the schedule and put the known tokens back at the new noise level."""
        del return_dict
        after: Tensor = self._schedule.step(model_output, timestep, sample, return_dict=False)[0]
        sigma = self.sigmas[self._schedule.step_index]
        after[:, : self._clean.shape[1]] = (1 - sigma) * self._clean + sigma * self._noise
        return (after,)
