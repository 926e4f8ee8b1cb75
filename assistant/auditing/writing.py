"""Writes an evidence pack into a folder: pages to read, tables for programs, and a list of digests over all of it."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterable
from dataclasses import asdict
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from assistant import __version__
from assistant.auditing.changes import Decided
from assistant.auditing.gathering import Pack
from assistant.auditing.pages import PAGES, act_line, name_in
from assistant.auditing.tables import Table, write_table
from assistant.errors import Conflict
from assistant.ledger.anchors import Anchors

MANIFEST = "MANIFEST.sha256"
_HERE = Path(__file__).parent
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?\+00:00")
_GUARD_CARDS = {"grounding": "grounding/weights/MODEL_CARD.md", "injection": "injection/MODEL_CARD.md"}


def write_pack(pack: Pack, folder: Path, *, anchors: Anchors) -> str:
    """SHA-256 of the manifest of what was written into `folder`, which must be new or empty; raises Conflict."""
    check_new(folder)
    for name in ("tables", "changes", "sample", "chain", "rails", "guards"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for page in PAGES:
        tables = page.tables(pack)
        for table in tables:
            write_table(table, folder / "tables")
        _render(folder / f"{page.name}.html", f"{page.name}.html", pack, page=page, tables=_by_name(tables))
    for decided in pack.decisions.changes:
        _write_change(pack, decided, folder / "changes")
    _write_sample(pack, folder / "sample")
    _write_chain(pack, folder / "chain", anchors)
    _write_rules(pack, folder)
    _render(folder / "verification.html", "verification.html", pack, seed=pack.finding.end.digest)
    _render(folder / "index.html", "index.html", pack, pages=PAGES)
    return _write_manifest(folder)


def check_new(folder: Path) -> None:
    """Raises Conflict unless a pack can be written there without anything being lost."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Conflict(f"{folder} is not empty; an evidence pack wants a folder of its own")


def _write_change(pack: Pack, decided: Decided, folder: Path) -> None:
    name, diffs = decided.proposal.id, [(each.change, each.text) for each in decided.diffs]
    (folder / f"{name}.diff").write_text("\n".join(text for _, text in diffs) + "\n", encoding="utf-8")
    acts = [act_line(pack, act) for act in decided.acts]
    author = name_in(pack, decided.proposal.author_id)
    facts = {"decided": decided, "diffs": diffs, "acts": acts, "author": author}
    _render(folder / f"{name}.html", "change.html", pack, **facts)


def _write_sample(pack: Pack, folder: Path) -> None:
    # Word for word as they are kept, so that their digests can be computed again.
    bodies = [(json.dumps(each.answer_id), each.receipt.body) for each in pack.sample if each.receipt]
    receipts = [f'{{"answer":{answer},"receipt":{body}}}\n' for answer, body in bodies]
    found = [heard.record for each in pack.sample for heard in each.records]
    records = [f'{{"digest":"{each.digest}","record":{each.body}}}\n' for each in found]
    (folder / "receipts.jsonl").write_text("".join(receipts), encoding="utf-8")
    (folder / "records.jsonl").write_text("".join(records), encoding="utf-8")


def _write_chain(pack: Pack, folder: Path, anchors: Anchors) -> None:
    found = {**asdict(pack.finding), "verified_at": pack.made_at.isoformat(timespec="seconds")}
    (folder / "verification.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    (folder / "anchor.pub").write_text(anchors.public_key + "\n", encoding="ascii")
    if anchors.file.exists():
        shutil.copyfile(anchors.file, folder / "anchors.jsonl")


def _write_rules(pack: Pack, folder: Path) -> None:
    """The very files of the rails in force, and what is known about the guards that measure for them."""
    for file in {file.path: file for release in pack.releases for file in release.bundle.files}.values():
        place = folder / "rails" / file.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(file.text, encoding="utf-8")
    for name, card in _GUARD_CARDS.items():
        known = files("assistant.guards").joinpath(card).read_text(encoding="utf-8")
        (folder / "guards" / f"{name}.md").write_text(known, encoding="utf-8")


def _write_manifest(folder: Path) -> str:
    """Digest and name of each file, as `sha256sum --check` reads them."""
    written = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{_sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in written]
    (folder / MANIFEST).write_text("".join(lines), encoding="utf-8")
    return _sha256(folder / MANIFEST)


def _render(file: Path, template: str, pack: Pack, **more: object) -> None:
    shown = {"pack": pack, "version": __version__, "up": "../" if template == "change.html" else ""}
    file.write_text(_templates().get_template(template).render(**shown, **more), encoding="utf-8")


@lru_cache(maxsize=1)
def _templates() -> Environment:
    loader = FileSystemLoader(_HERE / "templates")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters["moment"] = _moment
    return made


def _moment(cell: object) -> object:
    """A moment as people write it; everything else as it is."""
    found = _MOMENT.fullmatch(cell) if isinstance(cell, str) else None
    return f"{found[1]} {found[2]} UTC" if found else cell


def _by_name(tables: Iterable[Table]) -> dict[str, Table]:
    return {each.name: each for each in tables}


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
