"""From a decision to a proposal: the recommended model in the vertical that is live, waiting for another person."""

from __future__ import annotations

from assistant.access import Caller
from assistant.errors import Invalid
from assistant.evals.record import Decision, proposed_text
from assistant.rails.proposals import Proposal, Proposals
from assistant.rails.revisions import Revisions

FILE = "vertical.yaml"


async def propose_choice(decision: Decision, proposals: Proposals, revisions: Revisions, by: Caller) -> Proposal:
    """The proposal, handed in: what is live now with the recommended `model:` and `cascade:`, and nothing else changed.

    Raises Invalid where the decision recommends nothing, or what is live already; Forbidden for a key that is nobody's.
    """
    vertical, name = decision.spec.vertical, decision.recommended
    if name is None:
        raise Invalid(f"the decision recommends no model for {vertical}, so there is nothing to propose")
    title = f"{name} writes, as decided on {decision.made[:10]} by {decision.who}"
    made = await proposals.propose(vertical, by, title=title[:200])
    try:
        changed = _changed((await proposals.read(made.id, FILE, by)).decode(), decision, name)
    except Invalid:
        await proposals.discard(made.id, by)
        raise
    await proposals.save(made.id, by, {FILE: changed.encode()})
    return await revisions.submit(made.id, by)


def _changed(live: str, decision: Decision, name: str) -> str:
    vertical = decision.spec.vertical
    changed = proposed_text(live, decision.spec.contenders[name].models, name=vertical)
    if changed == live:
        raise Invalid(f"{name} is what writes for {vertical} already, so there is nothing to propose")
    return changed
