"""What can be shown to an auditor: what was done in a period, who signed for it, and a pack of evidence."""

from assistant.auditing.activity import Activity, TurnCount
from assistant.auditing.audits import Audits, make_pack
from assistant.auditing.gathering import PackSources
from assistant.auditing.periods import Period, period_of
from assistant.auditing.signoffs import SignOff, SignOffs
from assistant.auditing.writing import check_new

__all__ = [
    "Activity",
    "Audits",
    "PackSources",
    "Period",
    "SignOff",
    "SignOffs",
    "TurnCount",
    "check_new",
    "make_pack",
    "period_of",
]
