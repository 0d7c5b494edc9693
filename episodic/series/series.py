"""A series on disk: its folder layout, settings and write lock."""

from __future__ import annotations

import json
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

__all__ = ["MAIN", "NO_EPISODE", "SERIES_FORMAT", "Fork", "Series", "SeriesSettings", "parse_size", "slug"]

SERIES_FORMAT: Final = "episodic/series@1"
MAIN: Final = "main"
"""The branch that every series has."""
NO_EPISODE: Final = "the series has no episode yet; start it with `episodic generate`"
_FILE: Final = "series.yaml"
_MAX_FILE_BYTES: Final = 64 * 1024
_MIN_SIDE_PX, _MAX_SIDE_PX = 64, 4096


def parse_size(text: str) -> tuple[int, int]:
    """Parse `WIDTHxHEIGHT` in pixels. Raises InputError."""
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
    """The contents of `series.yaml`, small and edited by hand."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["episodic/series@1"] = SERIES_FORMAT
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    style: Style = "storybook"
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    backbone: Annotated[str, StringConstraints(max_length=1000)] = "stage"
    keyframes: Annotated[str, StringConstraints(min_length=1, max_length=1000)] | None = None
    """The picture model for character sheets, plates and first frames, `FAMILY:PATH_OR_ID`. None or `stage`: `stage` paints them."""
    size: str = "1280x720"
    fps: Annotated[int, Field(ge=8, le=60)] = 24
    memory: Annotated[str, StringConstraints(min_length=1, max_length=1000)] | None = None
    """URL of the memory's database; `${NAME}` stands for an environment variable. None: `memory.db` in the folder."""
    shooting: Shooting = DEFAULT_SHOOTING
    """Overrides of how the backbone makes shots."""
    machine: MachineSettings = MachineSettings()
    """Overrides of how open models are fitted to this machine."""


def slug(title: str) -> str:
    """Make a folder name from a title."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "episode"


@dataclass(frozen=True, slots=True)
class Fork:
    """The first story position of a branch that is not its parent's."""

    branch: str
    at: StoryPosition


class Series:
    """One series folder, seen from one of its branches.

    Episodes from the fork of a branch on lie in `branches/NAME/episodes/NN`; those before it lie with the parent. All branches
    share the artifacts.
    """

    def __init__(self, root: Path, settings: SeriesSettings, forks: Sequence[Fork] = ()) -> None:
        """`forks`: that of the branch first, then those of its ancestors; `main` has none (`episodic.series.branches.on_branch`).

        Relative model folders in `settings` are relative to the series folder, not to the working directory.
        """
        self.root = root
        self._written_settings = settings
        self.settings = _with_resolved_models(settings, root)
        self.forks = tuple(forks)
        self.artifacts = LocalArtifacts(root / "artifacts")

    @property
    def branch(self) -> str:
        """The branch from which this object sees the series."""
        return self.forks[0].branch if self.forks else MAIN

    @property
    def fork(self) -> StoryPosition:
        """The first story position of the branch's own; the beginning for `main`."""
        return self.forks[0].at if self.forks else StoryPosition(0)

    @property
    def parent(self) -> Series:
        """The series as the parent branch sees it; `main` is its own parent."""
        return Series(self.root, self.settings, self.forks[1:])

    @property
    def database(self) -> Path:
        """The memory's SQLite file, unless `series.yaml` names another database."""
        return self.root / "memory.db"

    @property
    def season_path(self) -> Path:
        """The outline of the season, which a series need not have."""
        return self.root / "season.yaml"

    @property
    def memory_location(self) -> str | Path:
        """The memory's file, or its URL with every `${NAME}` filled in. May contain a password: never print it. Raises InputError."""
        url = self.settings.memory
        if url is None:
            return self.database
        return _resolve_database(_fill_in_environment(url, self.root / _FILE), self.root)

    def episode_folder(self, number: int) -> Path:
        """The episode's folder, in the branch that owns the episode."""
        owner = next((fork.branch for fork in self.forks if number >= fork.at.episode), MAIN)
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
        """The numbers of the episodes that have a plan, in order."""
        homes = [self.root, *(self.root / "branches" / fork.branch for fork in self.forks)]
        names = (folder.name for home in homes for folder in (home / "episodes").glob("*"))
        numbers = {int(name) for name in names if re.fullmatch(r"\d{2,4}", name)}
        return sorted(number for number in numbers if self.plan_path(number).is_file())

    @classmethod
    def create(cls, root: Path, settings: SeriesSettings) -> Series:
        """Make the folder and `series.yaml`. Raises InputError if the folder is in use or cannot be written."""
        cls.check_free(root)
        try:
            (root / "episodes").mkdir(parents=True, exist_ok=True)
            (root / "artifacts").mkdir(exist_ok=True)
            series = cls(root, settings)
            series.save()
        except OSError as err:
            raise InputError(
                f"{root}: cannot make the series here ({err.strerror or err}); choose another folder with --series"
            ) from err
        return series

    @classmethod
    def is_free(cls, root: Path) -> bool:
        """Whether a series can be made in `root`: it is missing, or holds only what a run killed before writing `series.yaml` leaves."""
        if not root.exists():
            return True
        return (
            root.is_dir()
            and not any(path.is_file() and not _is_disposable(path.name) for path in root.rglob("*"))
            and all(path.name in {"episodes", "artifacts"} for path in root.iterdir() if path.is_dir())
        )

    @classmethod
    def check_free(cls, root: Path) -> None:
        """Raise InputError if no series can be made in `root`."""
        if cls.is_series(root):
            raise InputError(f"{root}: this is a series already")
        if not cls.is_free(root):
            raise InputError(f"{root}: expected a new or empty folder, found other files; choose another folder with --series")

    def save(self) -> None:
        """Write a new `series.yaml`, atomically."""
        values = self._written_settings.model_dump(mode="json")
        for name in ("shooting", "machine"):
            values[name] = getattr(self._written_settings, name).model_dump(mode="json", exclude_defaults=True)
        lines = [f"{name}: {_scalar(value)}" for name, value in values.items() if value not in (None, {})]
        write_atomically(self.root / _FILE, ("\n".join(lines) + "\n").encode())

    def with_settings(self, values: Mapping[str, str]) -> Series:
        """Change settings in `series.yaml`, keeping the user's comments and layout, and return the series with them.

        Raises InputError if the file cannot hold these values.
        """
        path = self.root / _FILE
        edited = _with_values(path.read_bytes().decode("utf-8"), values)
        _read_settings(path, edited)
        write_atomically(path, edited.encode())
        return Series(self.root, self._written_settings.model_copy(update=dict(values)), self.forks)

    @classmethod
    def is_series(cls, root: Path) -> bool:
        """Whether `root` is a series folder."""
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
        """Lock the series for writing inside the block. Raises SeriesBusy at once if another process holds it."""
        if not os.access(self.root, os.W_OK):
            raise InputError(
                f"{self.root}: no permission to write here; the films, the memory and the artifacts go into this folder"
            )
        lock = FileLock(self.root / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as err:
            raise SeriesBusy(
                f"{self.root}: another episodic process is rendering this series; wait until it has finished, or stop it"
            ) from err
        except OSError as err:
            raise InputError(f"{self.root}: cannot be locked for writing ({err.strerror or err})") from err
        try:
            yield
        finally:
            lock.release()


def _read_settings(path: Path, text: str) -> SeriesSettings:
    """Parse the text of a series file. Raises InputError."""
    try:
        data = YAML(typ="safe", pure=True).load(text)
    except RecursionError as err:
        raise InputError(f"{path}: not readable as YAML: nested too deeply for a series file") from err
    except (YAMLError, ValueError) as err:
        raise InputError(f"{path}: not readable as YAML: {err}") from err
    if not isinstance(data, dict) or "format" not in data:
        raise InputError(f"{path}: expected `format: {SERIES_FORMAT}` in it")
    if data["format"] != SERIES_FORMAT:
        raise InputError(
            f"{path}: format {data['format']!r} cannot be read by this version, which reads {SERIES_FORMAT}; update episodic"
        )
    try:
        return SeriesSettings.model_validate(data)
    except ValidationError as err:
        faults = "\n".join(f"{path}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in err.errors())
        raise InputError(faults) from err


def _with_values(text: str, values: Mapping[str, str]) -> str:
    """Replace the values of some names in the text of a series file. Every other character stays."""
    tree = YAML(typ="rt", pure=True).compose(text)
    nodes = {key.value: value for key, value in tree.value}
    # from the end, so that the positions before it stay valid
    for name in sorted(values.keys() & nodes.keys(), key=lambda name: -nodes[name].start_mark.index):
        node = nodes[name]
        replacement = values[name] if node.style is None else _scalar(values[name])
        text = text[: node.start_mark.index] + replacement + text[node.end_mark.index :]
    added = "".join(f"{name}: {_scalar(value)}\n" for name, value in values.items() if name not in nodes)
    return f"{text.rstrip()}\n{added}" if added else text


def _with_resolved_models(settings: SeriesSettings, root: Path) -> SeriesSettings:
    """Make the relative model folders in `settings` absolute."""
    written = {"backbone": settings.backbone, "keyframes": settings.keyframes}
    resolved = {name: model and _resolve_model(model, root) for name, model in written.items()}
    changes = {name: model for name, model in resolved.items() if model != written[name]}
    return settings.model_copy(update=changes) if changes else settings


def _resolve_model(name: str, root: Path) -> str:
    """Make the path in `FAMILY:PATH` absolute, relative to `root`. Other names stay."""
    family, colon, place = name.partition(":")
    place = place.strip()
    if not colon or not place or place.startswith(("/", "~")):
        return name
    try:
        return f"{family}:{(root / place).resolve()}" if place.startswith(".") or (root / place).exists() else name
    except (OSError, ValueError):
        return name


def _is_disposable(name: str) -> bool:
    """Whether a file is a left-over of a killed run that nobody needs."""
    return name == ".lock" or re.fullmatch(r"\.(series|plan)\.yaml\.\d+(\.tmp)?", name) is not None


def _fill_in_environment(url: str, file: Path) -> str:
    """Replace `${NAME}` by environment variables, so that no password need be in the file.

    A variable inside the URL is percent-encoded; one at its beginning is not. Raises InputError for an unset variable.
    """

    def value(match: re.Match[str]) -> str:
        variable = os.environ.get(match[1])
        if variable is None:
            raise InputError(f"{file}: memory: there is no environment variable {match[1]}; set it, or write the URL without it")
        return variable if match.start() == 0 else quote(variable, safe="")

    return re.sub(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}", value, url)


def _resolve_database(location: str, root: Path) -> str | Path:
    """Resolve a relative SQLite file against the series folder, not against the working directory."""
    match = re.fullmatch(r"sqlite(?:\+pysqlite)?:///([^?]+)", location)
    if match is not None:
        return root / match[1]
    return location if "://" in location else root / location


def _scalar(value: object) -> str:
    """Write a value as JSON, which YAML reads too."""
    return json.dumps(value, ensure_ascii=False)
