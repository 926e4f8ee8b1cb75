"""What people do with recorded turns: judge them, turn them into trials, and approve what waits for them."""

from assistant.reviewing.lessons import Lessons
from assistant.reviewing.trials import examples_with, trials_of
from assistant.reviewing.turns import Reviewing, WholeAnswer, WorkItem

__all__ = ["Lessons", "Reviewing", "WholeAnswer", "WorkItem", "examples_with", "trials_of"]
