"""Markup taken out of a text as a browser would take it, and what it carries read all the same."""

# ruff: noqa: E501, SIM905 — lists of names read better as running text

from __future__ import annotations

import re

_TAGS = frozenset(
    """a abbr acronym address area article aside audio b base basefont bdi bdo big blink blockquote body br button canvas
    caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset figcaption
    figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label
    legend li link main map mark marquee math menu meta meter nav noscript object ol optgroup option output p param picture
    pre progress q rp rt ruby s samp script search section select slot small source span strike strong style sub summary sup
    svg table tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr""".split()
)
_BARE = frozenset(
    """allowfullscreen async autofocus autoplay checked controls default defer disabled hidden inert ismap itemscope loop
    multiple muted nomodule novalidate nowrap open playsinline readonly required reversed selected""".split()
)
"""Attributes that may stand without a value."""
_VALUED = frozenset(
    """abbr accept accept-charset accesskey action align allow alt as autocapitalize autocomplete bgcolor border cellpadding
    cellspacing charset cite class clear color cols colspan content contenteditable coords crossorigin data datetime decoding
    dir dirname download draggable enctype enterkeyhint face fetchpriority for form formaction frameborder headers height
    high href hreflang http-equiv id imagesizes imagesrcset inputmode integrity is itemid itemprop itemref itemtype kind label
    lang language list loading low max maxlength media method min minlength name nonce optimum part pattern ping placeholder
    popover poster preload property referrerpolicy rel role rows rowspan rules sandbox scope shape size sizes slot span
    spellcheck src srcdoc srclang srcset start step style summary tabindex target text title translate type usemap valign
    value width wrap xmlns""".split()
)
_PLACES = frozenset("action cite class formaction href id name ping poster rel src srcset style type".split())
"""Attributes whose value speaks to nobody, where it is one word."""
_OWN = re.compile(r"(?:data|aria|on)-?[a-z0-9]{1,20}(?:-[a-z0-9]{1,20})?")
"""Attributes that an author names; a longer name would be a sentence."""
_BRACKETS = re.compile(r"(?<!<)<(/?)([a-zA-Z][a-zA-Z0-9]*+)(?=[\s/>])([^<>]*+)>")
_LINK = re.compile(r"<((?:https?://|mailto:)[^\s<>]++|[\w.+-]++@[\w.-]++)>", re.IGNORECASE)
"""An address as Markdown writes it."""
_NO_LETTERS = re.compile(r"[^A-Za-z]+")
_ATTRIBUTE = re.compile(r"""[\s/]++([a-zA-Z][\w:.-]*+)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s"'=`]++))?+""")
_END = re.compile(r"\s*+/?\s*+")


def without_markup(text: str) -> str:
    """`text` without the marks of its tags and comments; comments and what attributes say follow it, a line for each.

    Only a tag that HTML knows, with attributes that it knows, is invisible to a reader, and so is an address as a link.
    Of anything else in angle brackets only the brackets go: whoever writes it may mean it to be read.
    """
    text, aside = _comments_apart(text)
    values: list[str] = []

    def replaced(match: re.Match[str]) -> str:
        said = _said(match[2], match[3])
        values.extend(said or ())
        return " " if said is not None else f" {match[2]}{match[3]} "

    def linked(match: re.Match[str]) -> str:
        values.append(_NO_LETTERS.sub(" ", match[1]).strip())  # As words: an address as such looks like an order.
        return " "

    shown = _BRACKETS.sub(replaced, _LINK.sub(linked, text))
    said = [*(_BRACKETS.sub(replaced, comment) for comment in aside), *values]
    return "\n".join([shown, *said]) if said else shown


def _comments_apart(text: str) -> tuple[str, list[str]]:
    """`text` without its HTML comments, and these: one in the midst of a sentence must not hide it."""
    parts, comments, position = [], [], 0
    while (start := text.find("<!--", position)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        parts.append(text[position:start])
        comments.append(text[start + 4 : end])
        position = end + 3
    return " ".join([*parts, text[position:]]), comments


def _said(name: str, rest: str) -> list[str] | None:
    """What the attributes of a tag say in words; None where it is no tag of HTML."""
    if name.lower() not in _TAGS:
        return None
    said, position = [], 0
    while match := _ATTRIBUTE.match(rest, position):
        attribute, value = match[1].lower(), (match[2] or "").strip("\"'").strip()
        known = attribute in _VALUED or bool(_OWN.fullmatch(attribute) and value)
        if attribute not in _BARE and (match[2] is None or not known):
            return None
        if len(value.split()) > 1 or (attribute not in _PLACES and any(char.isalpha() for char in value)):
            said.append(value)
        position = match.end()
    return said if _END.fullmatch(rest, position) else None
