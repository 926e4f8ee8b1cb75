"""Whether a sentence claims something that evidence would have to bear out."""

# ruff: noqa: E501 — a pattern or a list of words reads better on one line

from __future__ import annotations

import re

_MARKUP = re.compile(r"^[\s>*_•·–-]+|[\s*_]+$")
_HEADING = re.compile(r"^\s*(?:#{1,6}\s.*|\*\*[^*]+\*\*:?|__[^_]+__:?)\s*$")
_SECTION_NAMES = frozenset(
    [
        "summary",
        "visit summary",
        "reason for visit",
        "chief complaint",
        "history",
        "history of present illness",
        "past medical history",
        "medication",
        "medications",
        "medicines",
        "current medication",
        "allergies",
        "examination",
        "physical examination",
        "findings",
        "results",
        "assessment",
        "plan",
        "follow-up",
        "follow up",
        "advice",
        "overview",
        "themes",
        "praise",
        "complaints",
        "introduction",
        "conclusion",
        "notes",
        "features",
        "sources",
        "answer",
        "next steps",
        "key points",
        "headline",
        "tagline",
    ]
)
_FIGURE = re.compile(
    r"\d|%|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|millions?|half|twice|thrice|doubled?|doubles|triple[ds]?|dozens?)\b",
    re.I,
)
_OPENER = re.compile(
    r"""^(?:(?:hello|hi|hey|dear\s+\w+|good\s+(?:morning|afternoon|evening|day)|welcome|greetings)(?:\s+(?:there|everyone|all))?
    |(?:yes|no)?,?\s*(?:sure|certainly|of\s+course|absolutely|okay|ok|great\s+question|good\s+question|no\s+problem|happy\s+to\s+help)
    |thank\s+you(?:\s+(?:so|very)\s+much)?(?:\s+for\s+(?:your\s+\w+|asking|reaching\s+out|contacting\s+us|getting\s+in\s+touch|waiting|letting\s+me\s+know))?
    |thanks(?:\s+a\s+lot)?(?:\s+for\s+(?:your\s+\w+|asking|waiting))?|you(?:'re|\s+are)\s+(?:very\s+)?welcome|please)\s*[!,.:–-]+\s*""",
    re.IGNORECASE | re.VERBOSE,
)
_PROMISE = re.compile(
    r"""\b(?:i|we|our(?:\s+\w+){1,2})(?:['’](?:ll|ve|d)|\s+(?:will|have|has|do|does|offer|offers|give|gives|provide|provides|guarantee|guarantees|promise|refund|pay|sell|accept|ship))\b
    (?!\s+be\s+(?:happy|glad|pleased|delighted)\b)""",
    re.IGNORECASE | re.VERBOSE,
)
_NOT_KNOWING = re.compile(
    r"""^(?:(?:i['’]?m|i\s+am|we\s+are|we['’]re)\s+)?(?:very\s+)?(?:sorry|afraid)?[\s,]*(?:but\s+|that\s+)?
    (?:i|we)\s+(?:(?:do\s+not|don['’]t|can(?:no|['’])t|can\s+not|could\s+not|couldn['’]t)\s+(?:know|find|help|answer|tell|say|see|give)
    |(?:am\s+not\s+able|was\s+unable|am\s+unable|are\s+unable)\s+to\s+(?:find|help|answer|give|tell|say)
    |(?:do\s+not|don['’]t)\s+have\s+(?:(?:any|enough|the|that|this|an?)\s+)*(?:information|answer|details?))
    (?P<rest>.*)$""",
    re.IGNORECASE | re.VERBOSE,
)
_LEAD_IN = re.compile(
    r"^(?:here|below|following|the\s+following)\b|\b(?:the\s+following|as\s+follows|are|is|include)\s*:\W*$", re.I
)
_COURTEOUS_START = re.compile(
    r"""^(?:hello|hi|hey|welcome|greetings|goodbye|bye|cheers|sorry|certainly|sure|okay|ok|thanks|thank|i|i['’]m|we|we['’]re|i['’](?:ll|d)|we['’](?:ll|d)|please|let|feel|do|don['’]t|get|reach|if|have|take
    |see|all|kind|best|warm|here|below|following|no|happy|glad|contact)\b""",
    re.IGNORECASE | re.VERBOSE,
)


def _closed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_COURTEOUS = _closed(
    """hello hi hey there everyone all other please order had experience welcome greetings goodbye bye cheers sorry certainly sure okay ok thanks thank you your so very much a an the to of for with and or
    at in on by this that it we i i'm i'll i'd we're we'll we'd am are was is us me my here happy glad pleased delighted afraid apologise apologize apologies hope helps help helped helpful
    helping assist assistance look looking forward hearing from wish would be will can could like let know feel free not don't do hesitate get in touch reach out contact ask asking if have has
    need want any more some further other else anything something question questions concern concerns query queries request information details detail day evening morning afternoon weekend
    time week one nice great good lovely wonderful pleasant take care see soon best kind warm regards luck wishes problem about inconvenience trouble confusion delay wait mistake misunderstanding
    hear feedback comment comments message patience reaching letting writing dear answer find found clear clears things up again today anytime any time yes no summary overview draft short brief list
    text letter note notes requested based just well course absolutely sincerely faithfully yours faq visit review reviews version rewritten email reply post social media answers give what following below
    document documents passage passages knowledge provided given"""
)
_INVITING = _closed(
    """a an the to of for with and or at in on by from into up out down back off over under this that it its us our your you me so now why not please if as where when
    discover explore ask visit contact call come drop by try find take join see for how what experience meet say hello get ready know touch learn more read browse imagine enjoy treat yourself make room time bring pack
    step feel let let's start here shop choose pick follow tell share stop adventure adventures awaits is calling order yours today tomorrow tonight wake pull sit settle lean relax unwind curl slow put feet stay while linger
    anything question questions help advice information details everything story stories thoughts idea ideas experiences review feedback favourite moment moments day days evening evenings night nights morning mornings
    weekend week season summer winter autumn spring light lights glow shadow sun sunshine stars star sky rain wind sea air world home house room rooms corner desk table chair sofa bed window kitchen garden shelf book books tea coffee
    hill hills mountain mountains valley trail trails path road paths woods forest river lake camp campfire fire fireside outdoors outside inside bags bag boots backpack backpacks tent tents lamp lamps jacket jackets gear kit map
    range collection series line family store showroom workshop team website site page webshop newsletter head go wander walk hike roam breathe deep next new life style space journey difference most good great lovely quiet
    long little moment own friends family loved ones every great-outdoors nature heart magic beauty joy warmth calm comfort away closer together there yourselves mood way wild great"""
)
_NAMING = re.compile(
    r"^(?:so\s+|now\s+|come\s+(?:and\s+)?|why\s+not\s+|please\s+)?(?:discover|explore|meet|visit|experience|try|shop|browse|see|say\s+hello)\b",
    re.I,
)
_POLICY = re.compile(
    r"\b(?:refund|return|warrant|guarant|password|pin|card|account|price|cost|discount|offer|sale|deliver|ship|pay|money|cash|gift|lifetime|forever|scam|steal|stole|sue|lawyer)\w*",
    re.I,
)
_INVITATION = re.compile(
    r"""^(?:so\s+|now\s+|come\s+(?:and\s+|in\s+)?|why\s+not\s+|please\s+)?(?:discover|explore|ask\s+(?:us|our|me|at|for)|visit|contact|call\s+us
    |come|drop\s+by|try|find\s+out|take\s+a|join|see\s+(?:for|our|the|it|how|what|you)|experience|meet|say\s+hello|get\s+(?:in\s+touch|ready|to\s+know|out)
    |learn\s+more|read\s+more|browse|imagine|enjoy|treat\s+yourself|make\s+(?:it|room|time|your)|bring|pack\s+your|step|feel|let(?:'s|\s+us)
    |start\s+(?:your|here)|shop|choose|pick|follow\s+us|tell\s+us|share|stop\s+by|adventure\s+(?:awaits|is\s+calling)|order\s+(?:yours|now|today)|wake\s+up|pull\s+up|sit\s+(?:back|down)|settle\s+(?:in|down)|lean\s+back|relax|unwind|curl\s+up|slow\s+down|put\s+your\s+feet\s+up|stay\s+a\s+while|linger)\b.*""",
    re.IGNORECASE | re.VERBOSE,
)
_CLAIMING = re.compile(
    r"""\b(?:best|better|most|more|less|least|only|first|never|always|every|all|no|not|without|guarantee\w*|free|proven|certified|approved|safe\w*
    |award\w*|leading|unique|perfect\w*|ultimate|natural\w*|organic|sustainab\w*|eco\w*|green|healthy?|heal\w*|cures?|reduc\w*|improv\w*|boost\w*
    |durab\w*|reliab\w*|waterproof|windproof|light(?:weight)?|warm|dry|fast|quick|cheap\w*|afford\w*|exclusive\w*|recycl\w*|vegan|strong|tough
    |soft|quiet|comfort\w*|new|latest|favou?rite|premium|luxur\w*|(?:that|which|who)\s+(?:is|are|has|have|will|can|keeps?|lasts?|never|makes?|gives?)
    |is|are|was|has|have|because|since|thanks\s+to|[a-z]+(?:-?proof|-?resistant|-free)|(?!(?:for|inter|sugg|requ|t|r|w|qu|n|gu|ch|mod|hon|harv|fest|cont|prot|inv|dig|dir|v|z)est\b)[a-z]{2,}est)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_VERBAL = re.compile(
    r"""\b(?:is|are|was|were|be|been|am|has|have|had|do|does|did|will|would|can|cannot|could|may|might|must|shall|should|you|we|they|it|he|she|i|us|them|everything|anything|nothing|everyone|anyone|nobody|never|always
    |forever|lifetime|free|no|not|without|none|unlimited|guaranteed?|all|every|any|only|\w+n['’]t|takes?|took|gets?|got|gives?|gave|makes?|made|runs|lasts?|keeps?|goes|comes|came|accepts?|refunded|steals?|stole|stolen|sells?|sold|pays|paid
    |sends|sent|ships|arrives?|arrived|needs?|wants?|loves?|hates?|likes?|says|said|becomes?|became|remains?|stays|works|expires?|ends|starts|begins|opens|closes|opened|closed|allows?|allowed|includes?|covers|covered
    |contains?|costs\s+\w+|weighs?|holds|helps|protects?|causes?|cured?|cures|denies|denied|reports|reported|happens?|requires?|required|receives?|received|provides?|offers\s+\w+|gives|kills?|dies|died|fails?|breaks?|leaks?|floats?|beats?|wins?|won)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_MAX_HEADING_WORDS = 6
_ASKS = re.compile(
    r"""^\W*(?:(?:so|and|or|but|now|then|also|hello|hi|sorry|please),?\s+)*(?:how|what|when|where|which|who|whom|whose|would|will|do|does|did|can|could|may|might|shall|should|is|are|was|were|have|has|am
    |ready|need|looking|any|anything|fancy|want|got|planning|thinking|dreaming|curious|searching|in\s+need|feeling|tired|longing)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_TAGGED = re.compile(
    r",\s*(?:right|correct|ok|okay|no|yes|(?:is|are|do|does|did|ca|wo|was|were|have|has)n['’]?t\s+\w+)\s*\?\W*$", re.I
)
_PRESUPPOSES = re.compile(
    r"""^\W*(?:did\s+(?:you|we|i)\b|have\s+(?:you\s+heard|we|i)\b|is\s*n[o'’]t|are\s*n[o'’]t|does\s*n[o'’]t|do\s*n[o'’]t\s+you\s+know|do\s+you\s+know\s+(?:that|why|how)|who\s+knew|who\s+else|(?:so\s+|and\s+)?why\b)
    |\b(?:know|mention|say|said|tell|told|hear|heard|realise|realize|aware)\w*\s+that\b|\b(?:because|since|now\s+that|given\s+that)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_MAX_INVITATION_WORDS = 16


def is_claim(sentence: str) -> bool:
    """Whether `sentence` states anything; greetings, offers, invitations, headings and plain questions do not.

    In doubt it claims: a sentence wrongly taken for a claim is withheld, one wrongly waved through could mislead.
    """
    if _HEADING.match(sentence):
        return not _names_a_section(_MARKUP.sub("", sentence.lstrip("# ")))
    text = _MARKUP.sub("", sentence)
    while opener := _OPENER.match(text):
        text = text[opener.end() :]
    if not re.search(r"\w", text):
        return False
    return not _claims_nothing(text)


def _claims_nothing(text: str) -> bool:
    if text.lower().rstrip(" :.") in _SECTION_NAMES:
        return True
    if _FIGURE.search(text):
        return False
    if text.rstrip("\"'”’) ").endswith("?"):
        return _asks(text)
    if text.rstrip().endswith(":"):
        return _names_a_section(text) or (
            len(text.split()) <= 12 and bool(_LEAD_IN.search(text)) and not _PROMISE.search(text)
        )
    return _is_courtesy(text) or _invites(text)


def _names_a_section(text: str) -> bool:
    if text.lower().strip(" :.*_") in _SECTION_NAMES:
        return True
    return len(text.split()) <= _MAX_HEADING_WORDS and not _FIGURE.search(text) and not _VERBAL.search(text)


def _asks(text: str) -> bool:
    """Whether a question takes nothing for granted that the evidence would have to bear out."""
    return bool(_ASKS.match(text)) and not _PRESUPPOSES.search(text) and not _TAGGED.search(text) and ". " not in text


def _is_courtesy(text: str) -> bool:
    if re.search(r"[.!?;:]\s+\w|\b(?:because|but)\b", text):
        return False
    if unknown := _NOT_KNOWING.match(text):
        rest = unknown["rest"]
        return bool(re.match(r"\s+(?:whether|if)\b", rest) and not re.search(r",|\b(?:and|since|as)\b", rest)) or (
            _all_in(
                re.sub(r"\s(?:about|on)\s(?:\S+\s*){1,4}$", " ", rest) if not _VERBAL.search(rest) else rest, _COURTEOUS
            )
        )
    return bool(_COURTEOUS_START.match(text)) and not _PROMISE.search(text) and _all_in(text, _COURTEOUS)


def _invites(text: str) -> bool:
    if not _INVITATION.match(text) or len(text.split()) > _MAX_INVITATION_WORDS:
        return False
    if (
        _CLAIMING.search(re.sub(r"^bring\s+light\b", "", text, flags=re.I))
        or _POLICY.search(text)
        or _PROMISE.search(text)
    ):
        return False
    if _NAMING.match(text):
        first, *others = text.split()
        text = " ".join([first, *(word for word in others if not word[:1].isupper())])
    return _all_in(text, _INVITING)


def _all_in(text: str, words: frozenset[str]) -> bool:
    return all(word.replace("’", "'") in words for word in re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", text.lower()))
