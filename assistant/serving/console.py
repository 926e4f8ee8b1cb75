"""The console as a process beside the workers: `python -m assistant.serving.console SOCKET`.

Its pages live in the process that made them, so of several workers none could serve them.
"""

from __future__ import annotations

import sys

from assistant.serving.web import main

if __name__ == "__main__":
    main(int(sys.argv[1]), None, console="alone")
