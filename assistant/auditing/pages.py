"""The pages of an evidence pack and their tables: what an auditor reads, in the order in which they read it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass
from datetime import datetime

from assistant.auditing.changes import Decided
from assistant.auditing.gathering import Pack
from assistant.auditing.tables import Cell, Table
from assistant.models.catalog import WeightFile
from assistant.rails.acts import Act

_ACT = ("number", "at", "what", "conversation", "facts")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of HTML."""

    name: str
    """Of its file and its template."""
    title: str
    about: str
    """The question it answers, for the contents."""
    tables: Callable[[Pack], tuple[Table, ...]]


def activity(pack: Pack) -> tuple[Table, ...]:
    """What was asked and what became of it, what else happened, and the log sample."""
    turns = Table("turns", ("vertical", "outcome", "turns"), [astuple(each) for each in pack.activity.turns])
    heard = [(each.record.sequence, each.told) for each in pack.acts]
    acts = [(n, said["at"], said["kind"], said["subject"], json.dumps(said["facts"])) for n, said in heard]
    columns = ("answer", "vertical", "at", "outcome", "stopped_by", "release", "model", "records", "receipt_matches")
    sample = []
    for each in pack.sample:
        content = each.receipt.content if each.receipt else {}
        release = content.get("release", {}).get("digest")
        at = _at(each.receipt.created_at) if each.receipt else None
        known = (content.get("vertical"), at, content.get("outcome"), content.get("rail"), release)
        matches = None if each.matches is None else "yes" if each.matches else "NO"
        sample.append((each.answer_id, *known, content.get("model"), len(each.records), matches))
    return turns, Table("log-sample", columns, sample), Table("records-of-acts", _ACT, acts)


def changes(pack: Pack) -> tuple[Table, ...]:
    """What people decided on, one line a change and one an act."""
    columns = ("proposal", "folder", "title", "state", "author", "approver", "emergency", "reviewed_at", "digest")
    found = ("trials_passed", "trials_failed", "weakenings", "tried_at")
    lines = [(*_proposal(pack, each), *_found(each)) for each in pack.decisions.changes]
    acts = [
        (_at(act.at), act.act, act.folder, act.proposal_id, act.digest, name_in(pack, act.person_id), act.note)
        for act in pack.decisions.acts
    ]
    told = ("at", "act", "folder", "proposal", "digest", "person", "note")
    return Table("changes", (*columns, *found), lines), Table("acts-of-people", told, acts), _trials(pack), _laxer(pack)


def rails(pack: Pack) -> tuple[Table, ...]:
    """What is in force: folders, rails, limits, what each release is made of, and its models."""
    live = [(e.folder, e.digest, e.proposal_id, name_in(pack, e.person_id), _at(e.since)) for e in pack.live]
    in_force = [
        (each.vertical.name, rail.name, rail.stage, rail.owner) for each in pack.releases for rail in each.bundle.rails
    ]
    policies = {
        (rail.owner, rail.name): each.bundle.policy.get(rail.name, "")
        for each in pack.releases
        for rail in each.bundle.rails
    }
    limits = [
        (each.vertical.name, name, limit, each.bundle.floors.get(name))
        for each in pack.releases
        for name, limit in sorted(each.engine.limits.items())
    ]
    made_of = [
        (each.vertical.name, each.digest, "yes" if each.published else "no", name, part)
        for each in pack.releases
        for name, part in sorted(each.parts.items())
    ]
    models = [
        (c.name, c.title, c.provider, c.licence, c.commercial, c.on_premises, c.parameters, _weights(c.files))
        for c in pack.cards
    ]
    known = ("model", "title", "provider", "licence", "commercial_use", "on_premises", "parameters", "weights_sha256")
    return (
        Table("published-folders", ("folder", "digest", "proposal", "published_by", "since"), live),
        Table("rails-in-force", ("vertical", "rail", "stage", "owner"), in_force),
        Table("policies", ("owner", "rail", "policy"), [(*of, text) for of, text in sorted(policies.items())]),
        Table("limits-in-force", ("vertical", "limit", "value", "floor"), limits),
        Table("models-in-force", known, models),
        Table("releases-in-force", ("vertical", "release", "published", "part", "value"), made_of),
        Table("releases-that-answered", ("release", "in_force_now", "turns"), _answered(pack)),
    )


def notice(pack: Pack) -> tuple[Table, ...]:
    """That people were told they talk to an AI: the words, and how often it is recorded."""
    words = [
        (each.vertical.name, each.vertical.language, each.vertical.notice, each.vertical.disclaimer)
        for each in pack.releases
    ]
    shown = [astuple(each) for each in pack.activity.notices]
    return (
        Table("notice-words", ("vertical", "language", "notice", "disclaimer"), words),
        Table("notice-shown", ("vertical", "shown", "not_shown", "not_recorded"), shown),
    )


def accuracy(pack: Pack) -> tuple[Table, ...]:
    """The figures that somebody measured; `in_force` tells whether they are of a release that answers now."""
    now = {each.digest for each in pack.releases}
    columns = ("run_began", "vertical", "release", "model", "metric", "better", "value", "low", "high", "cases")
    rows = [(*astuple(each), each.release in now) for each in pack.figures.figures]
    targets = [
        (each.vertical.name, each.vertical.targets.supported, each.vertical.targets.false_blocks)
        for each in pack.releases
    ]
    aims = ("vertical", "supported_at_least", "wrongly_stopped_at_most")
    return Table("accuracy", (*columns, "complete", "release_in_force"), rows), Table("accuracy-targets", aims, targets)


def retention(pack: Pack) -> tuple[Table, ...]:
    """How long things are kept, what was erased, and what may not be."""
    kept = [(e.vertical.name, e.vertical.retention.text_days, e.vertical.retention.audit_days) for e in pack.releases]
    runs = [
        (each.told["at"], *(each.told["facts"].get(name) for name in ("conversations", "held", "receipts")))
        for each in pack.acts
        if each.told["kind"] == "retention.run"
    ]
    holds = [(each.conversation_id, _at(each.placed_at), each.reason) for each in pack.holds]
    return (
        Table("retention-rules", ("vertical", "texts_days", "records_days"), kept),
        Table("retention-runs", ("at", "conversations_erased", "held_back", "receipts_erased"), runs),
        Table("legal-holds", ("conversation", "since", "reason"), holds),
    )


def signoffs(pack: Pack) -> tuple[Table, ...]:
    """Who looked at what the assistant did, and up to where."""
    rows = [
        (
            _at(each.signed_at),
            name_in(pack, each.person_id),
            str(each.period),
            "all" if each.verticals is None else ", ".join(sorted(each.verticals)),
            each.through,
            each.note,
        )
        for each in pack.signoffs
    ]
    return (Table("sign-offs", ("signed_at", "person", "period", "verticals", "seen_to_record", "note"), rows),)


PAGES = (
    Page("activity", "Activity and log sample", "What was asked, and what became of it?", activity),
    Page("changes", "Changes and approvals", "Who changed what the assistant may say, and who agreed?", changes),
    Page("rails", "Rails and models in force", "Which rules and which models answer?", rails),
    Page("notice", "The AI notice", "Were people told that they talk to an AI?", notice),
    Page("accuracy", "Accuracy", "How often is it right, and who measured that?", accuracy),
    Page("retention", "Retention", "What was erased, and when?", retention),
    Page("signoffs", "Sign-offs", "Who looked at what the assistant did?", signoffs),
)


def name_in(pack: Pack, person_id: str | None) -> str | None:
    """A person's name with the id by which the audit chain knows them."""
    return None if person_id is None else f"{pack.people.get(person_id, 'unknown')} ({person_id[:8]})"


def act_line(pack: Pack, act: Act) -> tuple[str, str, str | None, str]:
    """When, what, by whom, and what was said with it."""
    return _at(act.at), act.act, name_in(pack, act.person_id), act.note or ""


def _proposal(pack: Pack, decided: Decided) -> tuple[Cell, ...]:
    each = decided.proposal
    people = (name_in(pack, each.author_id), name_in(pack, each.approver_id))
    reviewed = _at(each.reviewed_at) if each.reviewed_at else None
    return (each.id, each.folder, each.title, each.state, *people, each.emergency, reviewed, each.digest)


def _found(decided: Decided) -> tuple[Cell, ...]:
    found = decided.examination
    if found is None:
        return None, None, None, None
    failed = len(found.failed)
    counted = sum(not each.inherited for each in found.trials)
    return counted - failed, failed, len(found.weakenings), _at(found.ran_at)


def _trials(pack: Pack) -> Table:
    rows = [
        (each.proposal.id, t.vertical, t.rail, t.expected, t.text, t.passed, t.inherited, t.said)
        for each in pack.decisions.changes
        for t in (each.examination.trials if each.examination else ())
    ]
    columns = ("proposal", "vertical", "rail", "should", "text", "passed", "of_the_version_before", "said")
    return Table("trials", columns, rows)


def _laxer(pack: Pack) -> Table:
    rows = [
        (each.proposal.id, w.vertical, w.kind, w.text)
        for each in pack.decisions.changes
        for w in (each.examination.weakenings if each.examination else ())
    ]
    return Table("weakenings", ("proposal", "vertical", "kind", "what"), rows)


def _answered(pack: Pack) -> list[tuple[Cell, ...]]:
    now = {each.digest for each in pack.releases}
    return [(digest, "yes" if digest in now else "no", turns) for digest, turns in pack.activity.releases.items()]


def _weights(files: Iterable[WeightFile]) -> str:
    return " ".join(f"{each.name}:{each.sha256}" for each in files)


def _at(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
