"""Fetching a model from the hub: only what its pipeline needs, only files that cannot run code, pinned to one commit.

The index is written last: until then `episodic.backbones.diffusers.folder.spec.locate` does not see the snapshot, so what an interruption
leaves is not taken for a model. The same command goes on with the files that are not whole; a broken connection is taken up again where
it broke, within one command.
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
from typing import TYPE_CHECKING, Any, Final

from episodic.backbones.diffusers.folder.inspect import INDEX_FILES, Component, inspect_folder, read_index
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.folder.spec import DEFAULT_REVISION, ModelSpec, check_family, hub_cache
from episodic.backbones.diffusers.folder.weight_files import choose_weights, needs_weights
from episodic.errors import BackboneError, InputError

if TYPE_CHECKING:
    from huggingface_hub import HfApi

__all__ = ["SAFE_FILES", "Fetched", "Listener", "fetch"]

SAFE_FILES: Final = (".json", ".txt", ".model", ".jinja")
"""Beside safetensors, all that is ever fetched: configurations, vocabularies, sentencepiece models, chat templates. Never code or pickle."""
_TERMS = ("LICENSE", "NOTICE")
_SPARE_BYTES = 1 << 30
"""Left free on the disk."""
_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """How far a fetch is."""

    bytes: int
    of_bytes: int
    files: int
    of_files: int


Listener = Callable[[Fetched], None]
"""Called from several threads, one at a time."""


def fetch(
    spec: ModelSpec, progress: Listener, *, endpoint: str | None = None, cache: Path | None = None
) -> tuple[ModelFolder, str]:
    """Download what the spec's model needs; gives its folder and the commit. What is there already is not fetched again.

    `endpoint`: another hub than the public one (or HF_ENDPOINT). `cache`: another folder than the hub's cache (or HF_HUB_CACHE).
    Raises InputError where the spec is a path or does not fit the model, BackboneError where it cannot be had.
    """
    if not spec.is_hub:
        raise InputError(f"{spec}: {spec.place} is a path; only hub ids are fetched, such as {spec.family}:OWNER/NAME")
    cache = cache or hub_cache()
    with _explained(spec, endpoint), _quiet_client():
        from huggingface_hub import HfApi

        api = HfApi(endpoint=endpoint)
        commit, sizes = _listing(api, spec)
        index = next((name for name in INDEX_FILES if name in sizes), None)
        if index is None:
            raise BackboneError(_no_index(spec, sizes))
        wanted = _wanted(spec, _read_index(api, spec, commit, index), sizes)
        store = cache / f"models--{spec.place.replace('/', '--')}"
        snapshot = store / "snapshots" / commit
        _check_room(spec, cache, {name: sizes[name] for name in wanted if not (snapshot / name).exists()})
        total = {name: sizes[name] for name in (*wanted, index)}
        _Download(api, spec, commit, cache, total, progress).run(wanted, last=index)
        _remember(store, spec.revision or DEFAULT_REVISION, commit)
    return inspect_folder(snapshot, revision=commit), commit


def _listing(api: HfApi, spec: ModelSpec) -> tuple[str, dict[str, int]]:
    """The commit that the revision means today, and the size of each of its files."""
    info = api.model_info(spec.place, revision=spec.revision or None, files_metadata=True, timeout=30)
    if not info.sha or not info.siblings:
        raise BackboneError(f"{spec}: the hub lists no files of {spec.place}; choose another model (`episodic models`)")
    inside = [one for one in info.siblings if not {"..", ""} & set(one.rfilename.split("/")) and "\\" not in one.rfilename]
    return info.sha, {one.rfilename: one.size or 0 for one in inside}


def _no_index(spec: ModelSpec, sizes: Mapping[str, int]) -> str:
    inner = sorted(name for name in sizes if name.endswith(INDEX_FILES))
    hint = f"; it keeps one in {inner[0]}, which cannot be named" if inner else ""
    return (
        f"{spec}: {spec.place} has no {' or '.join(INDEX_FILES)}, so it is no pipeline of diffusers{hint}; "
        "take the model's edition for diffusers (its id often ends in -Diffusers; see `episodic models`)"
    )


def _read_index(api: HfApi, spec: ModelSpec, commit: str, name: str) -> Mapping[str, Component]:
    """The components that the index names, read beside the cache: there it may only lie when all else does."""
    with tempfile.TemporaryDirectory(prefix="episodic-index-") as folder:
        file = Path(api.hf_hub_download(spec.place, name, revision=commit, local_dir=folder, tqdm_class=_silent()))
        try:
            class_name, components = read_index(file)
        except BackboneError as err:
            raise BackboneError(err.message.replace(str(file), f"{spec}: {name}")) from err
    check_family(spec, class_name)
    return components


def _wanted(spec: ModelSpec, components: Mapping[str, Component], sizes: Mapping[str, int]) -> list[str]:
    """What to fetch beside the index, in order of size, the small files first."""
    found = {name for name in sizes if "/" not in name and name.startswith(_TERMS)}
    for name, component in components.items():
        above = f"{component.subfolder}/"
        inside = {file.removeprefix(above): file for file in sizes if file.startswith(above)}
        if not inside and component.optional:
            continue
        if not inside:
            raise BackboneError(component.missing(str(spec), name))
        found |= {file for short, file in inside.items() if short.endswith(SAFE_FILES)}
        if needs_weights(component.class_name):
            found |= {inside[short] for short in choose_weights(name, f"{spec.place}/{component.subfolder}", inside)}
    return sorted(found, key=lambda name: (sizes[name], name))


def _check_room(spec: ModelSpec, cache: Path, missing: Mapping[str, int]) -> None:
    """Raise BackboneError before the first byte where the disk cannot hold the rest."""
    needs = sum(missing.values())
    place = next(one for one in (cache, *cache.parents) if one.exists())
    has = shutil.disk_usage(place).free
    if needs > 0 and needs + _SPARE_BYTES > has:
        raise BackboneError(
            f"{spec}: no room on the disk of {cache}: needs {needs / 1e9:.1f} GB and {_SPARE_BYTES / 1e9:.1f} GB to spare, has {has / 1e9:.1f} GB; "
            "make room, or set HF_HUB_CACHE to a folder on another disk"
        )


class _Download:
    """All files of one model, several at a time."""

    def __init__(
        self, api: HfApi, spec: ModelSpec, commit: str, cache: Path, sizes: Mapping[str, int], progress: Listener
    ) -> None:
        self._api, self._spec, self._commit, self._cache, self._sizes = api, spec, commit, cache, sizes
        self._progress = progress
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._got: dict[str, int] = {}
        self._whole: set[str] = set()

    def run(self, names: list[str], last: str) -> None:
        """Fetch `names` in any order, then `last`."""
        pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="fetch")
        try:
            running: list[Future[None]] = [pool.submit(self._one, name) for name in names]
            done, _ = wait(running, return_when=FIRST_EXCEPTION)
            for one in done:
                one.result()
        finally:
            # Also on Ctrl-C: what is running stops at its next chunk.
            self._stop.set()
            pool.shutdown(cancel_futures=True)
        self._stop.clear()
        self._one(last)

    def _one(self, name: str) -> None:
        self._api.hf_hub_download(
            self._spec.place, name, revision=self._commit, cache_dir=self._cache, tqdm_class=_bar(self._heard(name), self._stop)
        )
        with self._lock:
            self._got[name] = self._sizes[name]
            self._whole.add(name)
            self._tell()

    def _heard(self, name: str) -> Callable[[int], None]:
        def heard(count: int) -> None:
            with self._lock:
                self._got[name] = self._got.get(name, 0) + count
                self._tell()

        return heard

    def _tell(self) -> None:
        self._progress(
            Fetched(
                bytes=sum(self._got.values()),
                of_bytes=sum(self._sizes.values()),
                files=len(self._whole),
                of_files=len(self._sizes),
            )
        )


class _Stopped(Exception):
    """Another file could not be had, or the user stopped: this one need not go on."""


def _bar(heard: Callable[[int], None], stop: threading.Event) -> Any:
    """A class in the place of a progress bar, as the hub's client wants it, that draws nothing."""
    from tqdm import tqdm  # type: ignore[import-untyped]

    class Bar(tqdm):  # type: ignore[misc]
        """Hands on what arrives."""

        def __init__(self, *_: Any, total: float | None = None, initial: int = 0, **__: Any) -> None:
            super().__init__(total=total, initial=initial, disable=True)
            heard(initial)

        def update(self, n: float | None = 1) -> None:
            """Bytes that arrived."""
            if stop.is_set():
                raise _Stopped
            heard(int(n or 0))

    return Bar


def _silent() -> Any:
    return _bar(lambda _: None, threading.Event())


def _remember(store: Path, revision: str, commit: str) -> None:
    """What the branch or tag meant when it was fetched, where the hub's client keeps it too; at once, or not at all."""
    if revision == commit:
        return
    ref = store / "refs" / revision
    ref.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=ref.parent, delete=False, encoding="utf-8") as stream:
        stream.write(commit)
    Path(stream.name).replace(ref)


@contextmanager
def _quiet_client() -> Iterator[None]:
    """The hub's client tells of each broken connection, beside the error that follows where it does not mend it."""
    logger = logging.getLogger("huggingface_hub")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextmanager
def _explained(spec: ModelSpec, endpoint: str | None) -> Iterator[None]:
    """What the hub's client raises, as one message with a remedy."""
    from huggingface_hub import constants, errors

    # Of whichever HTTP library the hub's client is built on.
    http_error: type[Exception] = errors.HfHubHTTPError.__bases__[0]

    again = f"then the same command goes on: episodic models fetch {spec}"
    place, hub = spec.place, endpoint or constants.ENDPOINT
    try:
        yield
    except errors.GatedRepoError as err:
        raise BackboneError(
            f"{spec}: {place} is gated: its owners give it only to those who accept their terms; "
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
            f"{spec}: {hub} could not be reached, or broke off: {_reason(err)}; check the network, {again}"
        ) from err
    except (json.JSONDecodeError, errors.HFValidationError, errors.FileMetadataError) as err:
        raise BackboneError(
            f"{spec}: the hub's answer makes no sense: {_reason(err)}; try again later, or set HF_ENDPOINT to the right hub"
        ) from err


def _reason(err: BaseException) -> str:
    """The innermost cause, in one line."""
    while (inner := err.__cause__ or err.__context__) is not None:
        err = inner
    words = " ".join(str(err).split()) or type(err).__name__
    return words if len(words) <= 200 else words[:197] + "…"
