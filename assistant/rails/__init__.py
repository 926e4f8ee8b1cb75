"""Guardrails as versioned text: read, checked, run on measurements and tried on examples."""

from assistant.rails.bundle import Rail, RailBundle, effective_limits, read_bundle
from assistant.rails.engine import RailEngine
from assistant.rails.lines import Problem
from assistant.rails.lint import lint
from assistant.rails.mutations import Mutation, mutate
from assistant.rails.replay import Decision, Replayed, replay
from assistant.rails.sheets import Example
from assistant.rails.sources import RailFile
from assistant.rails.trials import TrialResult, run_trials

__all__ = [
    "Decision",
    "Example",
    "Mutation",
    "Problem",
    "Rail",
    "RailBundle",
    "RailEngine",
    "RailFile",
    "Replayed",
    "TrialResult",
    "effective_limits",
    "lint",
    "mutate",
    "read_bundle",
    "replay",
    "run_trials",
]
