"""The evidence pack: complete, without a visitor's text, and provably what was made here."""

import asyncio
import csv
import hashlib
import json
import re
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from assistant.auditing import Audits, PackSources, Period, make_pack
from assistant.auditing.activity import drawn
from assistant.database import Database
from assistant.errors import Conflict, Forbidden
from assistant.ledger.anchors import Anchors, anchor_lines
from assistant.ledger.chain import Entry, append, digest_of, records
from assistant.ledger.keyring import Keyring
from assistant.rails.proposals import Proposal
from assistant.rails.trees import read_folder
from assistant.records import Audit, read_export, verify
from tests.auditing.conftest import SECRET, record_turn
from tests.rails.conftest import SHOP
from tests.rails.revising import Office

RULES = {**SHOP, "policy.md": SHOP["policy.md"] + "\n=1+1 is <b>allowed</b>.\n"}


@dataclass
class Made:
    """A pack of a day on which things happened."""

    folder: Path
    manifest: str
    change: Proposal
    sources: PackSources
    period: Period
    office: Office


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
async def made(request, new_postgres, parts, repo, tmp_path_factory):
    home = tmp_path_factory.mktemp("pack")
    database = Database(new_postgres() if request.param == "postgres" else f"sqlite+aiosqlite:///{home}/a.db")
    await database.create()
    keyring, office = Keyring(f"sqlite+aiosqlite:///{home}/keys.db"), Office(database)
    sources = PackSources(database, parts.rails, parts.catalog, Anchors(home / "data"), home / "evals")
    audit, today = Audit(database, keyring, sources.anchors), datetime.now(UTC).date()
    ada, bea = await office.person("ada", "reviewer"), await office.person("bea", "approver")
    await office.published("shared", read_folder(repo / "rails" / "shared", "rails/shared"), ada, bea)
    change = await office.proposals.propose(
        "shop", ada, title="=HYPERLINK <script>", files={path: text.encode() for path, text in RULES.items()}
    )
    await office.revisions.publish((await office.approved(change, ada, bea)).id, bea)
    for number in range(6):
        await record_turn(audit, number, "declined" if number % 3 == 0 else "answered", notice_shown=number > 0)
    await Audits(sources).signoffs.sign(Period(today, today), bea, note="Looked at all of it.")
    await audit.anchor()
    manifest = await make_pack(sources, Period(today, today), home / "pack", person_id=None)
    yield Made(
        home / "pack", manifest, await office.proposals.get(change.id, ada), sources, Period(today, today), office
    )
    await audit.aclose()
    await database.close()


@pytest.fixture
def folder(made):
    return made.folder


def rows(folder, name):
    """A table as programs read it, the same from both its files."""
    lines = [json.loads(line) for line in (folder / "tables" / f"{name}.jsonl").read_text().splitlines()]
    with (folder / "tables" / f"{name}.csv").open(newline="") as file:
        read = list(csv.DictReader(file))
    assert [list(each) for each in lines] == [list(each) for each in read]
    return lines


async def test_a_pack_shows_what_was_done_decided_and_in_force(made, folder, parts):
    turns = {(each["vertical"], each["outcome"]): each["turns"] for each in rows(folder, "turns")}
    assert turns == {("shop", "answered"): 4, ("shop", "declined"): 2}
    (change,) = [each for each in rows(folder, "changes") if each["folder"] == "rails/shop"]
    assert (change["digest"], change["state"]) == (made.change.digest, "published")
    assert (change["author"][:3], change["approver"][:3]) == ("ada", "bea")
    assert (change["trials_passed"], change["trials_failed"]) == (1, 0)
    assert "any chance of a rebate" in {each["text"] for each in rows(folder, "trials")}
    assert {each["act"] for each in rows(folder, "acts-of-people")} == {
        "proposed",
        "submitted",
        "approved",
        "published",
    }
    assert {each["folder"] for each in rows(folder, "published-folders")} == {"rails/shared", "rails/shop"}
    served = {release.vertical.name for release in parts.rails.live}
    for name in ("rails-in-force", "limits-in-force", "releases-in-force", "notice-words", "retention-rules"):
        assert {each["vertical"] for each in rows(folder, name)} == served
    assert rows(folder, "notice-shown") == [{"vertical": "shop", "shown": 5, "not_shown": 1, "not_recorded": 0}]
    (signed,) = rows(folder, "sign-offs")
    assert signed["note"] == "Looked at all of it."
    assert "Nothing was measured on this machine" in (folder / "accuracy.html").read_text()
    assert (folder / "rails" / "shop" / "topics.co").exists()
    assert "The audit chain is whole" in (folder / "index.html").read_text()


async def test_every_link_of_a_pack_leads_somewhere_in_it_and_nothing_comes_from_elsewhere(made, folder):
    pages = list(folder.rglob("*.html"))
    assert folder / "changes" / f"{made.change.id}.html" in pages
    for page in pages:
        text = page.read_text()
        assert not re.search(r"<(script|link|img|iframe)\b|https?://", text)
        for target in re.findall(r'href="([^"]+)"', text):
            assert (page.parent / target).exists(), (page.name, target)


async def test_what_people_wrote_is_shown_as_text_and_no_spreadsheet_runs_it(made, folder):
    page = (folder / "changes" / f"{made.change.id}.html").read_text()
    assert "=HYPERLINK &lt;script&gt;" in page and "&lt;b&gt;allowed&lt;/b&gt;" in page
    assert "'=HYPERLINK <script>" in (folder / "tables" / "changes.csv").read_text()
    assert "=HYPERLINK <script>" in {each["title"] for each in rows(folder, "changes")}


async def test_a_pack_holds_no_text_of_a_visitor(made, folder):
    for file in folder.rglob("*"):
        assert not file.is_file() or SECRET not in file.read_text(encoding="utf-8", errors="replace")


async def test_the_sample_can_be_drawn_again_and_its_receipts_are_those_of_the_chain(made, folder):
    seed = json.loads((folder / "chain" / "verification.json").read_text())["end"]["digest"]
    sampled = [each["answer"] for each in rows(folder, "log-sample")]
    assert sampled == sorted((f"ans-{n}" for n in range(6)), key=lambda each: drawn(seed, each))
    assert {each["receipt_matches"] for each in rows(folder, "log-sample")} == {"yes"}
    kept = [json.loads(line)["record"] for line in (folder / "sample" / "records.jsonl").read_text().splitlines()]
    named = {each["facts"]["answer"]: each["facts"]["receipt"] for each in kept if each["kind"] == "turn.closed"}
    for line in (folder / "sample" / "receipts.jsonl").read_text().splitlines():
        answer, body = re.fullmatch(r'\{"answer":"([^"]+)","receipt":(.*)\}', line).groups()
        assert digest_of(body) == named[answer]


async def test_the_manifest_covers_every_file_and_the_chain_holds_its_digest(made, folder):
    check = ["sha256sum", "--check", "--strict", "MANIFEST.sha256"]
    assert (await asyncio.to_thread(subprocess.run, check, cwd=folder, capture_output=True)).returncode == 0
    listed = {line.split("  ", 1)[1] for line in (folder / "MANIFEST.sha256").read_text().splitlines()}
    there = {each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file()}
    assert listed == there - {"MANIFEST.sha256"}
    assert hashlib.sha256((folder / "MANIFEST.sha256").read_bytes()).hexdigest() == made.manifest
    *_, last = [record.read() async for record in records(made.sources.database)]
    assert (last["kind"], last["facts"]["manifest"]) == ("pack.made", made.manifest)


async def test_a_chain_that_was_tampered_with_makes_a_pack_that_says_so(made, tmp_path):
    change = "UPDATE audit SET body = replace(body, :was, :now) WHERE sequence = 2"
    for was, now, told in (("person", "nobody", "record 2 was changed"), ("nobody", "person", "chain is whole")):
        async with made.sources.database.session() as session:
            await session.execute(text(change), {"was": was, "now": now})
        await make_pack(made.sources, made.period, tmp_path / was, person_id=None)
        assert told in (tmp_path / was / "index.html").read_text()


async def test_a_folder_with_something_in_it_is_left_alone(made, tmp_path):
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(Conflict, match="not empty"):
        await make_pack(made.sources, made.period, tmp_path, person_id=None)


async def test_an_export_piece_by_piece_is_what_verifies(made, tmp_path):
    bea, audits, anchors = await made.office.person("bea"), Audits(made.sources), made.sources.anchors
    assert (await audits.verify(bea, progress=lambda *_: None)).problem is None
    for form in ("jsonl", "csv"):
        out = tmp_path / f"out.{form}"
        out.write_text("".join([piece async for piece in await audits.export(form, bea)]))
        finding = await verify(read_export(out), anchor_lines(anchors.file), public_key=anchors.public_key)
        assert (finding.problem, finding.records > 10) == (None, True)


async def test_verifying_tells_how_far_it_is(sources, office, either_database):
    async with either_database.session() as session:
        sources.anchors.add(await append(session, *[Entry("test")] * 2500))
    told = []
    by = await office.person("ada")
    finding = await Audits(sources).verify(by, progress=lambda *how: told.append(how))
    assert (finding.records, told) == (2501, [(1000, 2501), (2000, 2501)])


async def test_who_works_on_some_verticals_alone_gets_neither_export_nor_pack(office, sources, period, tmp_path):
    few, nobody = await office.person("few", "approver", verticals=["shop"]), await office.key("chat")
    for by in (few, nobody):
        with pytest.raises(Forbidden):
            await Audits(sources).export("jsonl", by)
        with pytest.raises(Forbidden):
            await Audits(sources).pack(period, tmp_path / "pack", by)
    with pytest.raises(Forbidden):
        await Audits(sources).verify(nobody, progress=print)
    assert not (tmp_path / "pack").exists()
