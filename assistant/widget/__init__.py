"""The chat widget: its scripts, the page it fills in a frame, and the demo pages that embed it."""

from assistant.widget.assembling import Script, Scripts, assemble
from assistant.widget.door import add_widget

__all__ = ["Script", "Scripts", "add_widget", "assemble"]
