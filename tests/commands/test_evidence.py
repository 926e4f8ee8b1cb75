"""`assistant evidence-pack`, as typed."""

import asyncio
import hashlib
import shutil
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from assistant.cli import app
from tests.conftest import SHOP_RETURNS
from tests.rails.conftest import SHOP


@pytest.fixture
def home(repo, weights_dir, tmp_path, monkeypatch):
    """A small vertical with its knowledge, and settings that lead there."""
    shutil.copytree(repo / "rails" / "shared", tmp_path / "rails" / "shared")
    documents = tmp_path / "knowledge" / "shop" / "documents" / "returns.md"
    for file, text in ((documents, SHOP_RETURNS), *((tmp_path / "rails" / "shop" / n, t) for n, t in SHOP.items())):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "weights").symlink_to(weights_dir)
    if (repo / "data" / "vectors").is_dir():  # What `make setup` worked out already.
        shutil.copytree(repo / "data" / "vectors", tmp_path / "data" / "vectors")
    for name in ("rails", "knowledge", "data"):
        monkeypatch.setenv(f"ASSISTANT_{name.upper()}_DIR", str(tmp_path / name))
    return tmp_path


async def typed(*words: str):
    """What the command printed and its exit code; in a thread, because it runs a loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, app, words)


async def test_a_pack_is_written_whose_digest_is_told_and_recorded_and_never_over_another(home):
    today = datetime.now(UTC).date().isoformat()
    call = ("evidence-pack", "--from", today, "--to", today, "--out", str(home / "pack"))
    made = await typed(*call)
    manifest = hashlib.sha256((home / "pack" / "MANIFEST.sha256").read_bytes()).hexdigest()
    assert (made.exit_code, made.output) == (0, f"{home}/pack/index.html\nmanifest sha256:{manifest}\n")
    assert "discounts" in (home / "pack" / "rails.html").read_text()
    verified = await typed("audit", "verify")
    assert verified.output == "1 records are whole, vouched for by 1 anchors\n"
    again = await typed(*call)
    assert (again.exit_code, "is not empty" in again.output) == (1, True)


@pytest.mark.parametrize(("last", "why"), [("tomorrow", "is not a day"), ("2999-01-01", "still to come")])
async def test_days_that_are_none_or_to_come_are_refused(home, last, why):
    refused = await typed("evidence-pack", "--from", "2026-11-01", "--to", last, "--out", str(home / "pack"))
    assert (refused.exit_code, why in refused.output) == (2, True)
    assert not (home / "pack").exists()
