"""Fetching a model from the hub: only the files that its pipeline needs, only files that cannot run code, pinned to one commit.

The index is written last. Until then `spec.locate` does not see the snapshot, so an interrupted fetch is not mistaken for a model. The
same command fetches the incomplete files again; within one command a broken connection is resumed where it broke.
"""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from huggingface_hub import HfApi, constants, errors
from tqdm import tqdm  # type: ignore[import-untyped]

from episodic.backbones.diffusers.folder.inspect import INDEX_FILES, Component, inspect_folder, read_index
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.folder.spec import DEFAULT_REVISION, ModelSpec, check_family, hub_cache
from episodic.backbones.diffusers.folder.weight_files import choose_weights, needs_weights
from episodic.errors import BackboneError, InputError

__all__ = ["SAFE_FILES", "Fetched", "Listener", "fetch"]

SAFE_FILES: Final = (".json", ".txt", ".model", ".jinja")
"""The only files fetched beside safetensors: configurations, vocabularies, sentencepiece models, chat templates. Never code or pickle."""
_TERMS = ("LICENSE", "NOTICE")
_SPARE_BYTES = 1 << 30
"""Disk space that stays free."""
_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """Progress of a fetch."""

    bytes: int
    of_bytes: int
    files: int
    of_files: int


Listener = Callable[[Fetched], None]
"""Receives the progress; called from several threads, one at a time."""


def fetch(
    spec: ModelSpec, progress: Listener, *, endpoint: str | None = None, cache: Path | None = None
) -> tuple[ModelFolder, str]:
    """Download the files that the spec's model needs, except those already in the cache; return its folder and the commit.

    `endpoint`: another hub than the public one (or HF_ENDPOINT). `cache`: another folder than the hub's cache (or HF_HUB_CACHE).
    Raises InputError where the spec is a path or does not fit the model, BackboneError where the model cannot be fetched.
    """
    if not spec.is_hub:
        raise InputError(f"{spec}: {spec.place} is a path; only hub ids are fetched, such as {spec.family}:OWNER/NAME")
    cache = cache or hub_cache()
    with _explained(spec, endpoint), _quiet_client():
        api = HfApi(endpoint=endpoint)
        commit, sizes = _listing(api, spec)
        index = next((name for name in INDEX_FILES if name in sizes), None)
        if index is None:
            raise BackboneError(_no_index(spec, sizes))
        names = _needed_files(spec, _read_index(api, spec, commit, index), sizes)
        store = cache / f"models--{spec.place.replace('/', '--')}"
        snapshot = store / "snapshots" / commit
        _check_room(spec, cache, {name: sizes[name] for name in names if not (snapshot / name).exists()})
        total = {name: sizes[name] for name in (*names, index)}
        _Download(api, spec, commit, cache, total, progress).run(names, last=index)
        _write_ref(store, spec.revision or DEFAULT_REVISION, commit)
    return inspect_folder(snapshot, revision=commit), commit


def _listing(api: HfApi, spec: ModelSpec) -> tuple[str, dict[str, int]]:
    """Return the commit that the revision means today, and the size of each of its files."""
    info = api.model_info(spec.place, revision=spec.revision or None, files_metadata=True, timeout=30)
    if not info.sha or not info.siblings:
        raise BackboneError(f"{spec}: the hub lists no files of {spec.place}; choose another model (`episodic models`)")
    inside = [file for file in info.siblings if not {"..", ""} & set(file.rfilename.split("/")) and "\\" not in file.rfilename]
    return info.sha, {file.rfilename: file.size or 0 for file in inside}


def _no_index(spec: ModelSpec, sizes: Mapping[str, int]) -> str:
    inner = sorted(name for name in sizes if name.endswith(INDEX_FILES))
    hint = f"; it has one in {inner[0]}, but subfolders cannot be named" if inner else ""
    return (
        f"{spec}: {spec.place} has no {' or '.join(INDEX_FILES)}, so it is no pipeline of diffusers{hint}; "
        "take the model's edition for diffusers (its id often ends in -Diffusers; see `episodic models`)"
    )


def _read_index(api: HfApi, spec: ModelSpec, commit: str, name: str) -> Mapping[str, Component]:
    """Return the components that the index names. It is read outside the cache, which gets it last."""
    with tempfile.TemporaryDirectory(prefix="episodic-index-") as folder:
        file = Path(
            api.hf_hub_download(
                spec.place, name, revision=commit, local_dir=folder, tqdm_class=_progress_class(lambda _: None, threading.Event())
            )
        )
        try:
            class_name, components = read_index(file)
        except BackboneError as err:
            raise BackboneError(err.message.replace(str(file), f"{spec}: {name}")) from err
    check_family(spec, class_name)
    return components


def _needed_files(spec: ModelSpec, components: Mapping[str, Component], sizes: Mapping[str, int]) -> list[str]:
    """Return the files to fetch beside the index, small files first."""
    needed = {name for name in sizes if "/" not in name and name.startswith(_TERMS)}
    for name, component in components.items():
        prefix = f"{component.subfolder}/"
        inside = {file.removeprefix(prefix): file for file in sizes if file.startswith(prefix)}
        if not inside and component.optional:
            continue
        if not inside:
            raise BackboneError(component.missing(str(spec), name))
        needed |= {file for short, file in inside.items() if short.endswith(SAFE_FILES)}
        if needs_weights(component.class_name):
            needed |= {inside[short] for short in choose_weights(name, f"{spec.place}/{component.subfolder}", inside)}
    return sorted(needed, key=lambda name: (sizes[name], name))


def _check_room(spec: ModelSpec, cache: Path, missing: Mapping[str, int]) -> None:
    """Raise BackboneError before the first byte where the disk cannot hold the rest."""
    needs = sum(missing.values())
    existing = next(folder for folder in (cache, *cache.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    if needs > 0 and needs + _SPARE_BYTES > free:
        raise BackboneError(
            f"{spec}: no room on the disk of {cache}: needs {needs / 1e9:.1f} GB and {_SPARE_BYTES / 1e9:.1f} GB to spare, has {free / 1e9:.1f} GB; "
            "make room, or set HF_HUB_CACHE to a folder on another disk"
        )


class _Download:
    """Downloads the files of one model, several at a time."""

    def __init__(
        self, api: HfApi, spec: ModelSpec, commit: str, cache: Path, sizes: Mapping[str, int], progress: Listener
    ) -> None:
        self._api, self._spec, self._commit, self._cache, self._sizes = api, spec, commit, cache, sizes
        self._progress = progress
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._received: dict[str, int] = {}
        self._complete: set[str] = set()

    def run(self, names: list[str], last: str) -> None:
        """Fetch `names` in any order, then `last`."""
        pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="fetch")
        try:
            running: list[Future[None]] = [pool.submit(self._fetch, name) for name in names]
            done, _ = wait(running, return_when=FIRST_EXCEPTION)
            for future in done:
                future.result()
        finally:
            # also on Ctrl-C: running downloads stop at their next chunk
            self._stop.set()
            pool.shutdown(cancel_futures=True)
        self._stop.clear()
        self._fetch(last)

    def _fetch(self, name: str) -> None:
        def count(received: int) -> None:
            with self._lock:
                self._received[name] = self._received.get(name, 0) + received
                self._report()

        bar = _progress_class(count, self._stop)
        self._api.hf_hub_download(self._spec.place, name, revision=self._commit, cache_dir=self._cache, tqdm_class=bar)
        with self._lock:
            self._received[name] = self._sizes[name]
            self._complete.add(name)
            self._report()

    def _report(self) -> None:
        """Report the progress of all files."""
        self._progress(
            Fetched(
                bytes=sum(self._received.values()),
                of_bytes=sum(self._sizes.values()),
                files=len(self._complete),
                of_files=len(self._sizes),
            )
        )


class _Stopped(Exception):
    """Another download failed, or the user stopped: this one is not continued."""


def _progress_class(count: Callable[[int], None], stop: threading.Event) -> Any:
    """Return a progress bar class for the hub's client that draws nothing and passes received bytes to `count`."""

    class Bar(tqdm):  # type: ignore[misc]
        """Counts received bytes."""

        def __init__(self, *_: Any, total: float | None = None, initial: int = 0, **__: Any) -> None:
            super().__init__(total=total, initial=initial, disable=True)
            count(initial)

        def update(self, n: float | None = 1) -> None:
            """Count `n` received bytes."""
            if stop.is_set():
                raise _Stopped
            count(int(n or 0))

    return Bar


def _write_ref(store: Path, revision: str, commit: str) -> None:
    """Record the commit of a branch or tag where the hub's client keeps it too; atomically."""
    if revision == commit:
        return
    ref = store / "refs" / revision
    ref.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=ref.parent, delete=False, encoding="utf-8") as stream:
        stream.write(commit)
    Path(stream.name).replace(ref)


@contextmanager
def _quiet_client() -> Iterator[None]:
    """Silence the hub's client, which logs each broken connection in addition to the final error."""
    logger = logging.getLogger("huggingface_hub")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextmanager
def _explained(spec: ModelSpec, endpoint: str | None) -> Iterator[None]:
    """Turn the errors of the hub's client into one message with a remedy."""
    # of the HTTP library that the hub's client is built on
    http_error: type[Exception] = errors.HfHubHTTPError.__bases__[0]

    again = f"then run the same command again: episodic models fetch {spec}"
    place, hub = spec.place, endpoint or constants.ENDPOINT
    try:
        yield
    except errors.GatedRepoError as err:
        raise BackboneError(
            f"{spec}: {place} is gated: its owners require that you accept their terms; "
            f"accept them on https://huggingface.co/{place}, then log in with `hf auth login` (or set HF_TOKEN), {again}"
        ) from err
    except errors.RevisionNotFoundError as err:
        raise InputError(f"{spec}: {place} has no revision {spec.revision!r}; expected a branch, tag or commit of it") from err
    except errors.RepositoryNotFoundError as err:
        raise InputError(
            f"{spec}: {hub} has no model {place}, or it is private; check the id (`episodic models` lists some), "
            "or log in with `hf auth login` (or set HF_TOKEN)"
        ) from err
    except errors.OfflineModeIsEnabled as err:
        raise BackboneError(f"{spec}: HF_HUB_OFFLINE is set, so nothing is fetched; unset it, {again}") from err
    except (errors.HfHubHTTPError, errors.LocalEntryNotFoundError, http_error, ConnectionError, TimeoutError) as err:
        raise BackboneError(
            f"{spec}: {hub} could not be reached, or the connection broke: {_reason(err)}; check the network, {again}"
        ) from err
    except (json.JSONDecodeError, errors.HFValidationError, errors.FileMetadataError) as err:
        raise BackboneError(
            f"{spec}: the hub's answer is invalid: {_reason(err)}; try again later, or set HF_ENDPOINT to the right hub"
        ) from err


def _reason(err: BaseException) -> str:
    """Return the innermost cause, in one line."""
    while (inner := err.__cause__ or err.__context__) is not None:
        err = inner
    words = " ".join(str(err).split()) or type(err).__name__
    return words if len(words) <= 200 else words[:197] + "…"
