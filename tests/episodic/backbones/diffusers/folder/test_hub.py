"""Fetching from a real server on this machine that implements the part of the hub's protocol that its client uses."""

import dataclasses
import hashlib
import json
import os
import re
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from huggingface_hub.constants import DOWNLOAD_CHUNK_SIZE
from safetensors.numpy import load, save

from episodic.backbones.diffusers.folder.hub import Fetched, fetch
from episodic.backbones.diffusers.folder.spec import ModelSpec, locate, resolve
from episodic.errors import BackboneError, InputError
from episodic.lab.tiny_models.wan import build_wan

COMMIT = "0123456789abcdef0123456789abcdef01234567"
SPEC = ModelSpec.parse("wan:Owner/Name")
WEIGHTS = "transformer/diffusion_pytorch_model.safetensors"
# a modular index with a component of another repository
MODULAR_INDEX = json.dumps(
    {
        "_class_name": "WanModularPipeline",
        "audio_vae": [
            "diffusers",
            "AutoencoderKLWan",
            {
                "type_hint": ["diffusers", "AutoencoderKLWan"],
                "pretrained_model_name_or_path": "Other/Name",
                "subfolder": "audio_vae",
            },
        ],
    }
).encode()


@dataclass
class Hub:
    """The server's files, its behaviour, and the requests it received."""

    files: dict[str, bytes]
    gated: bool = False
    cut: dict[str, int] = field(default_factory=dict)
    """Number of bytes of a file after which the server breaks the connection, once."""
    breaks_down: bool = False
    """Whether the server fails after that."""
    sizes: dict[str, int] = field(default_factory=dict)
    """False sizes of files in the listing."""
    broken: bool = False
    requests: list[tuple[str, str]] = field(default_factory=list)
    """Path of every download, and its Range."""
    url: str = ""

    def downloads(self):
        return {path for path, _ in self.requests}


def handler(served):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_HEAD(self):
            self.answer(body=False)

        def do_GET(self):
            self.answer(body=True)

        def answer(self, body):
            path = self.path.partition("?")[0]
            if served.broken:
                return self.refuse(503, "")
            if listing := re.fullmatch(r"/api/models/Owner/Name(?:/revision/([^/]+))?", path):
                if listing[1] in (None, "main", COMMIT):
                    siblings = [
                        {"rfilename": name, "size": served.sizes.get(name, len(content))}
                        for name, content in served.files.items()
                    ]
                    return self.json({"id": "Owner/Name", "sha": COMMIT, "siblings": siblings, "gated": served.gated})
                return self.refuse(404, "RevisionNotFound")
            if path.startswith("/api/models/"):
                return self.refuse(401, "RepoNotFound")
            resolved = re.fullmatch(rf"/Owner/Name/resolve/{COMMIT}/(.+)", path)
            if served.gated:
                return self.refuse(403, "GatedRepo")
            if not resolved or resolved[1] not in served.files:
                return self.refuse(404, "EntryNotFound")
            return self.file(resolved[1], body)

        def json(self, content):
            raw = json.dumps(content).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def refuse(self, status, code):
            self.send_response(status)
            self.send_header("X-Error-Code", code)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def file(self, name, body):
            content = served.files[name]
            byte_range = self.headers.get("Range", "")
            first = re.fullmatch(r"bytes=(\d+)-.*", byte_range)
            start = int(first[1]) if first else 0
            self.send_response(206 if byte_range else 200)
            if byte_range:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            if not body:
                return
            served.requests.append((name, byte_range))
            cut = served.cut.pop(name, None)
            if cut is None:
                self.wfile.write(content[start:])
                return
            self.wfile.write(content[start:cut])
            self.wfile.flush()
            served.broken = served.breaks_down
            self.close_connection = True

    return Handler


@contextmanager
def serve(files, **behaviour):
    served = Hub(files, **behaviour)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(served))
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return build_wan(tmp_path_factory.mktemp("saved") / "t2v", "t2v")


@pytest.fixture
def files(saved):
    return {file.relative_to(saved).as_posix(): file.read_bytes() for file in saved.rglob("*") if file.is_file()}


def quiet(_):
    pass


def test_a_fetched_model_is_complete_and_resolves_without_the_hub(files, tmp_path):
    heard: list[Fetched] = []
    with serve(files) as served:
        folder, commit = fetch(SPEC, heard.append, endpoint=served.url, cache=tmp_path)
    assert commit == folder.revision == COMMIT
    assert folder.class_name == "WanPipeline"
    for spec in (SPEC, SPEC.pinned(commit)):
        assert resolve(spec, tmp_path).fingerprint == folder.fingerprint
    assert heard[-1].bytes == heard[-1].of_bytes == sum(map(len, files.values()))
    assert heard[-1].files == heard[-1].of_files == len(files)
    assert [progress.bytes for progress in heard] == sorted(progress.bytes for progress in heard)


def test_only_files_that_the_pipeline_needs_are_fetched(files, tmp_path):
    extra = {
        "wan2.1_t2v_original.safetensors": b"x" * 100,
        "transformer/diffusion_pytorch_model.bin": b"pickle",
        "transformer/diffusion_pytorch_model.fp16.safetensors": b"half",
        "transformer/modeling.py": b"raise SystemExit",
        "pipeline.py": b"raise SystemExit",
        "assets/demo.mp4": b"film",
        "LICENSE.txt": b"terms",
    }
    with serve(files | extra) as served:
        folder, _ = fetch(SPEC, quiet, endpoint=served.url, cache=tmp_path)
    assert served.downloads() == {*files, "LICENSE.txt"}
    assert (folder.root / "LICENSE.txt").read_bytes() == b"terms"


def test_the_same_command_twice_downloads_once(files, tmp_path):
    with serve(files) as served:
        fetch(SPEC, quiet, endpoint=served.url, cache=tmp_path)
        served.requests.clear()
        fetch(SPEC, quiet, endpoint=served.url, cache=tmp_path)
        assert served.downloads() <= {"model_index.json"}


def test_a_broken_connection_leaves_no_model_and_the_same_command_resumes(files, tmp_path):
    with serve(files, cut={WEIGHTS: 1000}, breaks_down=True) as served:
        with pytest.raises(
            BackboneError, match=rf"{served.url} could not be reached, or the connection broke: .*then run the same command again"
        ):
            fetch(SPEC, quiet, endpoint=served.url, cache=tmp_path)
        assert locate(SPEC, tmp_path) is locate(SPEC.pinned(COMMIT), tmp_path) is None
        with pytest.raises(BackboneError, match="not on this machine, or incomplete"):
            resolve(SPEC, tmp_path)
        served.requests.clear()
        served.broken = False
        heard: list[Fetched] = []
        fetch(SPEC, heard.append, endpoint=served.url, cache=tmp_path)
        # the largest file is fetched last; at that time three others at most were incomplete
        assert WEIGHTS in served.downloads()
        assert len(served.downloads() - {WEIGHTS, "model_index.json"}) <= 3
        assert heard[-1].bytes == heard[-1].of_bytes
    assert resolve(SPEC, tmp_path).class_name == "WanPipeline"


def test_a_connection_that_breaks_once_is_resumed_where_it_broke(files, tmp_path):
    # the client of the hub writes in chunks of this size and loses an incomplete chunk
    files = files | {WEIGHTS: padded(files[WEIGHTS], 2 * DOWNLOAD_CHUNK_SIZE)}
    heard: list[Fetched] = []
    with serve(files, cut={WEIGHTS: DOWNLOAD_CHUNK_SIZE + 1000}) as served:
        fetch(SPEC, heard.append, endpoint=served.url, cache=tmp_path)
    assert [byte_range for path, byte_range in served.requests if path == WEIGHTS] == ["", f"bytes={DOWNLOAD_CHUNK_SIZE}-"]
    assert [progress.bytes for progress in heard] == sorted(progress.bytes for progress in heard)
    assert heard[-1].bytes == heard[-1].of_bytes


def padded(weights: bytes, size: int) -> bytes:
    """Return the same safetensors with one more tensor, of `size` bytes."""
    padded_weights: bytes = save(load(weights) | {"padding": np.zeros(size, np.uint8)})
    return padded_weights


def test_a_fetch_that_is_stopped_leaves_no_model(files, tmp_path):
    def stop(fetched):
        if fetched.files >= 2:
            raise KeyboardInterrupt

    with serve(files) as served:
        with pytest.raises(KeyboardInterrupt):
            fetch(SPEC, stop, endpoint=served.url, cache=tmp_path)
        assert locate(SPEC.pinned(COMMIT), tmp_path) is None
        fetch(SPEC, quiet, endpoint=served.url, cache=tmp_path)
    assert resolve(SPEC, tmp_path).class_name == "WanPipeline"


def test_a_gated_model_is_refused_with_the_page_of_its_terms(files, tmp_path):
    message = r"Owner/Name is gated: .*https://huggingface.co/Owner/Name, then log in"
    with serve(files, gated=True) as served, pytest.raises(BackboneError, match=message):
        fetch(SPEC, quiet, endpoint=served.url, cache=tmp_path)
    assert locate(SPEC, tmp_path) is None


def test_an_absent_model_and_an_absent_revision_are_named(files, tmp_path):
    with serve(files) as served:
        with pytest.raises(InputError, match=f"{served.url} has no model Owner/Other, or it is private"):
            fetch(ModelSpec.parse("wan:Owner/Other"), quiet, endpoint=served.url, cache=tmp_path)
        with pytest.raises(InputError, match="Owner/Name has no revision 'v9'"):
            fetch(ModelSpec.parse("wan:Owner/Name@v9"), quiet, endpoint=served.url, cache=tmp_path)


def test_without_a_network_there_is_one_message(files, tmp_path):
    with serve(files) as served:
        closed = served.url
    with pytest.raises(BackboneError, match=rf"{closed} could not be reached, or the connection broke: .*check the network"):
        fetch(SPEC, quiet, endpoint=closed, cache=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_room_is_refused_before_the_first_weight(files, tmp_path):
    with serve(files, sizes={WEIGHTS: 10**15}) as served:
        with pytest.raises(
            BackboneError,
            match=r"no room on the disk of .*: needs 1000000\.\d GB and .* has .* GB; make room, or set HF_HUB_CACHE",
        ):
            fetch(SPEC, quiet, endpoint=served.url, cache=tmp_path)
        assert served.downloads() == {"model_index.json"}


def test_a_wrong_family_is_refused_before_the_first_weight(files, tmp_path):
    with serve(files) as served:
        with pytest.raises(InputError, match="the model is a WanPipeline, which belongs to family wan"):
            fetch(ModelSpec.parse("ltx2:Owner/Name"), quiet, endpoint=served.url, cache=tmp_path)
        assert served.downloads() == {"model_index.json"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"model_index.json": None}, r"has no modular_model_index\.json or model_index\.json, so it is no pipeline of diffusers"),
        ({WEIGHTS: None}, "the weights of transformer are missing"),
        ({WEIGHTS: None, "transformer/diffusion_pytorch_model.bin": b"x"}, "pickle files"),
        ({"model_index.json": b'{"_class_name": ["mine", "Mine"]}'}, "never run"),
        ({"model_index.json": b"<html>"}, r"diffusers:Owner/Name: model_index\.json: damaged"),
        (
            {"model_index.json": None, "modular_model_index.json": MODULAR_INDEX},
            "its index takes it from 'Other/Name': put a copy of it there",
        ),
    ],
)
def test_files_that_may_not_be_loaded_are_not_fetched(files, tmp_path, changes, reason):
    present = {name: content for name, content in (files | changes).items() if content is not None}
    with serve(present) as served:
        with pytest.raises(BackboneError, match=reason):
            fetch(dataclasses.replace(SPEC, family="diffusers"), quiet, endpoint=served.url, cache=tmp_path)
        assert served.downloads() <= {"model_index.json", "modular_model_index.json"}


def test_a_file_outside_the_models_folder_is_not_fetched(files, tmp_path):
    with serve(files | {"transformer/../../../escaped.json": b"{}"}) as served:
        fetch(SPEC, quiet, endpoint=served.url, cache=tmp_path / "hub")
    assert served.downloads() == set(files)
    assert not list(tmp_path.rglob("escaped.json"))


def test_a_path_is_not_fetched(tmp_path):
    with pytest.raises(InputError, match="is a path; only hub ids are fetched"):
        fetch(ModelSpec.parse(f"wan:{tmp_path}"), quiet)


def test_the_cache_has_only_files_that_the_hubs_own_client_writes(files, tmp_path):
    with serve(files) as served:
        fetch(SPEC, quiet, endpoint=served.url, cache=tmp_path)
    store = tmp_path / "models--Owner--Name"
    assert (store / "refs" / "main").read_text("utf-8") == COMMIT
    assert {Path(entry).name for entry in store.iterdir()} <= {"refs", "blobs", "snapshots", "trees"}


def test_the_command_fetches_and_prints_the_models_name(files, tmp_path):
    with serve(files) as served:
        settings = {**os.environ, "HF_ENDPOINT": served.url, "HF_HUB_CACHE": str(tmp_path)}
        command = [sys.executable, "-m", "cli.main", "models", "fetch", "wan:Owner/Name"]
        done = subprocess.run(command, capture_output=True, text=True, env=settings)
    assert done.returncode == 0, done.stderr
    assert f"use it with --backbone wan:Owner/Name@{COMMIT}\n" in done.stdout
    assert resolve(SPEC, tmp_path).revision == COMMIT
