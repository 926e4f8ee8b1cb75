"""The widget's scripts, put together from the modules in `source/` at start-up, so that installing builds nothing."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

SOURCE = Path(__file__).parent / "source"
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+)\.js";\n', re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*/\*\*.*?\*/[ \t]*\n", re.MULTILINE | re.DOTALL)
_CAST = re.compile(r"/\*\* @(?:type|satisfies) .*? \*/ ?")
_LINE_COMMENT = re.compile(r"(?:^|(?<=[;{},]))[ \t]*// .*$", re.MULTILINE)
_MARGIN = re.compile(r"^[ \t]+|[ \t]+$", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:const|function|class)\b)", re.MULTILINE)


@dataclass(frozen=True)
class Script:
    """One file as it is served, known by its content."""

    text: str

    @cached_property
    def path(self) -> str:
        """Where it is found as long as it stays as it is: `/widget-3f9c….js`."""
        return f"/widget-{hashlib.sha256(self.text.encode()).hexdigest()[:20]}.js"

    @cached_property
    def integrity(self) -> str:
        """What a page may pin it by: `sha384-…`."""
        return "sha384-" + base64.b64encode(hashlib.sha384(self.text.encode()).digest()).decode()

    @cached_property
    def gzipped(self) -> bytes:
        """As it is sent to browsers; the same bytes each time."""
        return gzip.compress(self.text.encode(), 9, mtime=0)


@dataclass(frozen=True)
class Scripts:
    """Everything a page may load."""

    launcher: Script
    """The button, for `<script src>`."""
    module: Script
    """The button, for `import`."""
    window: Script
    """The rest, which the button fetches when it is first wanted."""

    @property
    def all(self) -> tuple[Script, ...]:
        """Each of them."""
        return self.launcher, self.module, self.window


def assemble(source: Path = SOURCE) -> Scripts:
    """The scripts made from the modules in `source`, without comments and margins."""
    window = Script(_joined(source, "conversation", {}))
    places = 'const HERE = {here};\nconst REST = {{ path: "{path}", integrity: "{integrity}" }};\n'
    of_tag = places.format(here="document.currentScript.src", path=window.path, integrity=window.integrity)
    of_module = places.format(here="import.meta.url", path=window.path, integrity=window.integrity)
    tag = _EXPORT.sub("", _joined(source, "tag", {"place": of_tag}))
    module = _joined(source, "launcher", {"place": of_module}, exporting="launcher")
    # Two scripts of one page must not meet in their names.
    return Scripts(Script(f"(() => {{\n{tag}}})();\n"), Script(module), window)


def _joined(source: Path, entry: str, written: dict[str, str], *, exporting: str | None = None) -> str:
    """The module `entry` after all that it imports, as one text; `written` stands in for modules of that name."""
    done: dict[str, str] = {}

    def add(name: str) -> None:
        if name in done:
            return
        text = written.get(name) or (source / f"{name}.js").read_text(encoding="utf-8")
        for imported in _IMPORT.findall(text):
            add(imported)
        text = _bare(_IMPORT.sub("", text))
        done[name] = text if name == exporting else _EXPORT.sub("", text)

    add(entry)
    return "".join(done.values())


def _bare(text: str) -> str:
    """The code alone. Strings of ours hold no comment and no margin that matters."""
    for pattern in (_COMMENT, _CAST, _LINE_COMMENT, _MARGIN):
        text = pattern.sub("", text)
    return re.sub(r"\n+", "\n", text).lstrip("\n")
