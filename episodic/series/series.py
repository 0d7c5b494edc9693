"""A series on disk: where everything lies, its settings, and who may write to it."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import quote

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from episodic.errors import InputError, SeriesBusy
from episodic.series.machine_settings import MachineSettings
from episodic.series.shooting_settings import DEFAULT_SHOOTING, Shooting
from episodic.storage.artifacts import LocalArtifacts
from episodic.storage.files import write_atomically
from memory.model.facts import StoryPosition
from planners.plan.vocabulary import Style

__all__ = ["MAIN", "SERIES_FORMAT", "Fork", "Series", "SeriesSettings", "parse_size", "slug"]

SERIES_FORMAT: Final = "episodic/series@1"
MAIN: Final = "main"
"""The branch that is the series itself."""
_FILE: Final = "series.yaml"
_MAX_FILE_BYTES: Final = 64 * 1024
_MIN_SIDE_PX, _MAX_SIDE_PX = 64, 4096


def parse_size(text: str) -> tuple[int, int]:
    """Read `WIDTHxHEIGHT` in pixels. Raises InputError."""
    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text.strip().lower())
    if match is None:
        raise InputError(f"size: expected WIDTHxHEIGHT such as 1280x720, found {text!r}")
    width, height = int(match[1]), int(match[2])
    if width % 2 or height % 2 or not all(_MIN_SIDE_PX <= side <= _MAX_SIDE_PX for side in (width, height)):
        raise InputError(
            f"size: {text} cannot be encoded; both sides must be even and from {_MIN_SIDE_PX} to {_MAX_SIDE_PX} pixels. "
            "Common ones: 640x360, 854x480, 1280x720, 1920x1080, 720x1280, 1080x1080"
        )
    return width, height


class SeriesSettings(BaseModel):
    """`series.yaml`: small and hand-editable."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["episodic/series@1"] = SERIES_FORMAT
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    style: Style = "storybook"
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    backbone: Annotated[str, StringConstraints(max_length=1000)] = "stage"
    keyframes: Annotated[str, StringConstraints(min_length=1, max_length=1000)] | None = None
    """The picture model that makes character sheets, plates and first frames, `FAMILY:PATH_OR_ID`. None or `stage`: `stage` paints them."""
    size: str = "1280x720"
    fps: Annotated[int, Field(ge=8, le=60)] = 24
    memory: Annotated[str, StringConstraints(min_length=1, max_length=1000)] | None = None
    """URL of the database that holds the memory; `${NAME}` stands for an environment variable. None: `memory.db` in the folder."""
    shooting: Shooting = DEFAULT_SHOOTING
    """How shots are made, where the backbone's own way is not wanted."""
    machine: MachineSettings = MachineSettings()
    """How open models are fitted to this machine, where the policy's own choice is not wanted."""


def slug(title: str) -> str:
    """A folder name out of a title."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "episode"


@dataclass(frozen=True, slots=True)
class Fork:
    """Where a branch leaves its parent: from `at` on it is on its own."""

    branch: str
    at: StoryPosition


class Series:
    """One series folder (DESIGN section 4), seen from one of its branches.

    An episode lies with the branch that it belongs to: from the episode of its fork on with the branch itself
    (`branches/NAME/episodes/NN`), before that with its parent. Artifacts are shared by all.
    """

    def __init__(self, root: Path, settings: SeriesSettings, forks: Sequence[Fork] = ()) -> None:
        """`forks`: the branch's own first, then its ancestors' up to `main`, which has none (`episodic.series.branches.on_branch`).

        A model's folder that `settings` name without its full path lies in the series' folder, wherever the command is called from.
        """
        self.root = root
        self._said = settings
        self.settings = _with_models_located(settings, root)
        self.forks = tuple(forks)
        self.artifacts = LocalArtifacts(root / "artifacts")

    @property
    def branch(self) -> str:
        """The branch that this series is seen from."""
        return self.forks[0].branch if self.forks else MAIN

    @property
    def fork(self) -> StoryPosition:
        """From where on the branch is on its own."""
        return self.forks[0].at if self.forks else StoryPosition(0)

    @property
    def parent(self) -> Series:
        """The series as the branch's parent sees it; of `main` itself."""
        return Series(self.root, self.settings, self.forks[1:])

    @property
    def database(self) -> Path:
        """The file of the series' memory, where it is none of a server's."""
        return self.root / "memory.db"

    @property
    def memory_location(self) -> str | Path:
        """Where the memory is: a file, or a URL with every `${NAME}` filled in. Raises InputError. May hold a password: never print it."""
        said = self.settings.memory
        if said is None:
            return self.database
        return _located(_filled_in(said, self.root / _FILE), self.root)

    def episode_folder(self, number: int) -> Path:
        """`episodes/NN`, of the branch that the episode belongs to."""
        owner = next((one.branch for one in self.forks if number >= one.at.episode), MAIN)
        home = self.root if owner == MAIN else self.root / "branches" / owner
        return home / "episodes" / f"{number:02d}"

    def plan_path(self, number: int) -> Path:
        """The plan of one episode."""
        return self.episode_folder(number) / "plan.yaml"

    def film_path(self, number: int) -> Path:
        """The finished film of one episode."""
        return self.episode_folder(number) / "episode.mp4"

    def ledger_path(self, number: int) -> Path:
        """The ledger of one episode."""
        return self.episode_folder(number) / "ledger.json"

    def episodes(self) -> list[int]:
        """Numbers of the episodes that have a plan, in order."""
        homes = [self.root, *(self.root / "branches" / one.branch for one in self.forks)]
        names = (folder.name for home in homes for folder in (home / "episodes").glob("*"))
        numbers = {int(name) for name in names if re.fullmatch(r"\d{2,4}", name)}
        return sorted(number for number in numbers if self.plan_path(number).is_file())

    @classmethod
    def create(cls, root: Path, settings: SeriesSettings) -> Series:
        """Make the folder and `series.yaml`. Raises InputError when something else is in the way or nothing may be written."""
        cls.check_free(root)
        try:
            (root / "episodes").mkdir(parents=True, exist_ok=True)
            (root / "artifacts").mkdir(exist_ok=True)
            series = cls(root, settings)
            series.save()
        except OSError as err:
            raise InputError(
                f"{root}: cannot make the series here ({err.strerror or err}); choose another with --series"
            ) from err
        return series

    @classmethod
    def is_free(cls, root: Path) -> bool:
        """Whether a series can be made in `root`: nothing is there, or only what a killed run leaves before `series.yaml`."""
        if not root.exists():
            return True
        return (
            root.is_dir()
            and not any(one.is_file() and not _is_ours(one.name) for one in root.rglob("*"))
            and all(one.name in {"episodes", "artifacts"} for one in root.iterdir() if one.is_dir())
        )

    @classmethod
    def check_free(cls, root: Path) -> None:
        """Raise InputError where no series can be made in `root`."""
        if cls.is_series(root):
            raise InputError(f"{root}: there is a series here already")
        if not cls.is_free(root):
            raise InputError(f"{root}: expected a new or empty folder, found something else; choose another with --series")

    def save(self) -> None:
        """Write a new `series.yaml`, atomically."""
        said = self._said.model_dump(mode="json")
        for name in ("shooting", "machine"):
            said[name] = getattr(self._said, name).model_dump(mode="json", exclude_defaults=True)
        said = {name: value for name, value in said.items() if value not in (None, {})}
        lines = [f"{name}: {_scalar(value)}" for name, value in said.items()]
        write_atomically(self.root / _FILE, ("\n".join(lines) + "\n").encode())

    def changed(self, values: Mapping[str, str]) -> Series:
        """The series with other settings, which `series.yaml` says from now on; the user's comments and layout are kept.

        Raises InputError where the file cannot say so.
        """
        path = self.root / _FILE
        edited = _with_values(path.read_bytes().decode("utf-8"), values)
        _read_settings(path, edited)
        write_atomically(path, edited.encode())
        return Series(self.root, self._said.model_copy(update=dict(values)), self.forks)

    @classmethod
    def is_series(cls, root: Path) -> bool:
        """Whether `root` holds a series."""
        return (root / _FILE).is_file()

    @classmethod
    def open(cls, root: Path) -> Series:
        """Open an existing series. Raises InputError."""
        path = root / _FILE
        if not root.exists():
            raise InputError(f"{root}: there is no such folder")
        if not path.is_file():
            raise InputError(
                f"{root}: not a series (no {_FILE} in it); name a series folder, or make one with `episodic generate`"
            )
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise InputError(f"{path}: larger than {_MAX_FILE_BYTES // 1024} KiB, which no series file is")
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as err:
            raise InputError(f"{path}: not readable as YAML: {err}") from err
        return cls(root, _read_settings(path, text))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the series for writing. Raises SeriesBusy at once when another process does."""
        if not os.access(self.root, os.W_OK):
            raise InputError(
                f"{self.root}: no permission to write here; the film, the memory and the artifacts go into this folder"
            )
        lock = FileLock(self.root / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as err:
            raise SeriesBusy(
                f"{self.root}: another episodic is rendering this series; wait until it is done, or stop it"
            ) from err
        except OSError as err:
            raise InputError(f"{self.root}: cannot be locked for writing ({err.strerror or err})") from err
        try:
            yield
        finally:
            lock.release()


def _read_settings(path: Path, text: str) -> SeriesSettings:
    """What a series file says. Raises InputError."""
    try:
        data = YAML(typ="safe", pure=True).load(text)
    except RecursionError as err:
        raise InputError(f"{path}: not readable as YAML: nested too deeply for a series file") from err
    except (YAMLError, ValueError) as err:
        raise InputError(f"{path}: not readable as YAML: {err}") from err
    if not isinstance(data, dict) or "format" not in data:
        raise InputError(f"{path}: expected `format: {SERIES_FORMAT}` in it")
    if data["format"] != SERIES_FORMAT:
        raise InputError(f"{path}: format {data['format']!r} is not one this version reads ({SERIES_FORMAT}); update episodic")
    try:
        return SeriesSettings.model_validate(data)
    except ValidationError as err:
        faults = "\n".join(f"{path}: {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in err.errors())
        raise InputError(faults) from err


def _with_values(text: str, values: Mapping[str, str]) -> str:
    """A series file with other strings as the values of some names; every other character stays as it is."""
    tree = YAML(typ="rt", pure=True).compose(text)
    there = {key.value: value for key, value in tree.value}
    # from the end, so that places before stay where they are
    for name in sorted(values.keys() & there.keys(), key=lambda one: -there[one].start_mark.index):
        node = there[name]
        said = values[name] if node.style is None else _scalar(values[name])
        text = text[: node.start_mark.index] + said + text[node.end_mark.index :]
    new = "".join(f"{name}: {_scalar(value)}\n" for name, value in values.items() if name not in there)
    return f"{text.rstrip()}\n{new}" if new else text


def _with_models_located(settings: SeriesSettings, root: Path) -> SeriesSettings:
    said = {"backbone": settings.backbone, "keyframes": settings.keyframes}
    found = {name: one and _model_located(one, root) for name, one in said.items()}
    changed = {name: one for name, one in found.items() if one != said[name]}
    return settings.model_copy(update=changed) if changed else settings


def _model_located(name: str, root: Path) -> str:
    """`FAMILY:PATH` with the full path; what is none, and what is full already, as it is."""
    family, colon, place = name.partition(":")
    place = place.strip()
    if not colon or not place or place.startswith(("/", "~")):
        return name
    try:
        return f"{family}:{(root / place).resolve()}" if place.startswith(".") or (root / place).exists() else name
    except (OSError, ValueError):
        return name


def _is_ours(name: str) -> bool:
    """Whether a file is one that a killed run leaves behind and nobody needs."""
    return name == ".lock" or re.fullmatch(r"\.(series|plan)\.yaml\.\d+(\.tmp)?", name) is not None


def _filled_in(url: str, file: Path) -> str:
    """`url` with environment variables in place of `${NAME}`, so that passwords need not be in the file.

    A variable that is a part of the URL is escaped as URLs want it; one that begins it is taken as it is.
    """

    def value(match: re.Match[str]) -> str:
        found = os.environ.get(match[1])
        if found is None:
            raise InputError(f"{file}: memory: there is no environment variable {match[1]}; set it, or write the URL without it")
        return found if match.start() == 0 else quote(found, safe="")

    return re.sub(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}", value, url)


def _located(location: str, root: Path) -> str | Path:
    """A file named in a URL without its full path lies in the series' folder, wherever the command is called from."""
    match = re.fullmatch(r"sqlite(?:\+pysqlite)?:///([^?]+)", location)
    if match is not None:
        return root / match[1]
    return location if "://" in location else root / location


def _scalar(value: object) -> str:
    """A YAML scalar; strings in double quotes, which JSON's spelling is."""
    import json

    return json.dumps(value, ensure_ascii=False)
