"""What was asked and answered, what people thought of it, and what may be asked again."""

from assistant.records.audit import Audit, Trail
from assistant.records.before_people import BeforePeople
from assistant.records.erasure import Erasure
from assistant.records.exports import read_export, until_the_end, write_export
from assistant.records.feedback import Feedback, Rating
from assistant.records.handovers import Handover, Handovers
from assistant.records.holds import Held, Hold, Holds
from assistant.records.lineage import ErasedLessons, Loss
from assistant.records.receipts import Receipt, Receipts
from assistant.records.refusals import Refusals
from assistant.records.retention import Retain
from assistant.records.retries import Retries, Retry
from assistant.records.review import Mark, Page, Reviewed, ReviewQueue, Wanted
from assistant.records.streams import Given, Streams
from assistant.records.turn_rows import Turn
from assistant.records.turns import Conversation, Turns
from assistant.records.verification import Finding, verify
from assistant.records.work import Approval, Correction, Work, WorkItems, corrections

__all__ = [
    "Approval", "Audit", "BeforePeople", "Conversation", "Correction", "ErasedLessons", "Erasure", "Feedback",
    "Finding", "Given", "Handover", "Handovers", "Held", "Hold", "Holds", "Loss", "Mark", "Page", "Rating", "Receipt",
    "Receipts", "Refusals", "Retain", "Retries", "Retry", "ReviewQueue", "Reviewed", "Streams", "Trail", "Turn",
    "Turns", "Wanted", "Work", "WorkItems", "corrections", "read_export", "until_the_end", "verify",
    "write_export",
]  # fmt: skip
