"""Wordings that are an attempt whatever surrounds them, in English and in other languages."""

# ruff: noqa: E501 — a pattern or a row of a table reads better on one line

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

InjectionKind = Literal["none", "override", "role", "leak", "encoded", "indirect"]

_RULES = r"(?:instructions?|rules?|prompts?|directions?|directives?|guidelines?|commands?|orders|restrictions?|programming|constraints?|polic(?:y|ies)|training|filters?|safeguards?|guardrails?|limitations?|messages?)"
_AI = r"(?:AI|A\.I\.|LLM|GPT|chat\s?bot|bot|assistant|language\s+model|model)"
_ANY_AI = r"(?:AI|LLMs?|GPT|chat\s?bots?|language\s+models?|AI\s+(?:assistants?|models?|systems?|agents?))"
_WHOEVER_READS = r"\b(?:any|every|all|the)\s+(?:AIs?|LLMs?|assistants?|chat\s?bots?|language\s+models?)\s+(?:that\s+|who\s+|which\s+)?(?:is\s+|are\s+)?(?:read|process|summari[sz]|answer)(?:s|es|e|ing)?\s+(?:this|these)\b"
_KEPT_FROM_USERS = r"\b(?:do\s+not|don't|never)\s+(?:tell|inform|mention\s+(?:this\s+)?to|reveal\s+(?:this\s+)?to|show\s+(?:this\s+)?to)\s+(?:the\s+)?(?:user|human)s?\b"
_SPOKEN_TO = (
    r"\b(?:AI|LLM|chat\s?bot|assistant)\s*:\s*(?:please\s+)?(?:ignore|say|recommend|do\s+not|always|never|include)\b"
)
_TEMPLATE = r"<\|\s*(?:im_start|im_end|system|user|assistant|end_?of_?text|begin_of_text|eot_id|(?:start|end)_header_id)\s*\|?>|<(?:start|end)_of_turn>|\[/?INST\]|<<\s*/?SYS\s*>>"
"""What stands between the turns of a chat in the templates of models; people do not write it."""
_PATTERNS: Mapping[InjectionKind, str] = {
    "override": rf"""
        \b(?:ignore|disregard|forget|override|bypass|neglect|violate|break|(?:do\s+not|don't|never|stop)\s+(?:follow|obey)(?:ing)?)\s+(?:\w+\s+){{0,3}}?
          (?:(?:previous|prior|above|earlier|preceding|former|existing|system|original|initial|your|those)\s+)(?:\w+\s+){{0,2}}?{_RULES}\b
        |(?<!not\s)(?<!n't\s)\b(?:ignore|disregard|forget)\s+(?:any|all|every)\s+(?:other\s+|of\s+|the\s+|your\s+)*(?:inputs?|text|content|instructions|rules|orders|prompts?)\b
        |\b(?:ignore|disregard|forget)\s+(?:about\s+)?(?:all|everything|anything|what(?:ever)?)\s+(?:of\s+)?(?:the\s+|that\s+|you\s+|i\s+|was\s+|came\s+|is\s+|were\s+)*(?:above|before|previous(?:ly)?|prior|told|said|learned|instructions?|rules)\b
        |\b(?:disable|deactivate|turn\s+off|switch\s+off|remove|drop|lift)\s+(?:all\s+)?(?:of\s+)?(?:your|its)\s+(?:\w+\s+){{0,2}}?(?:safety|filters?|guardrails?|restrictions?|safeguards?|rules|limits?|protocols?|censorship)\b
        |\b(?:turn|switch|shut)\s+(?:all\s+)?(?:of\s+)?(?:your|its)\s+(?:\w+\s+){{0,2}}?(?:safety|filters?|guardrails?|restrictions?|safeguards?|rules|limits?|protocols?|censorship)\s+off\b
        |\byou\s+(?:are|'re)\s+(?:no\s+longer|not)\s+(?:bound|restricted|limited|governed)\b
        |\b(?:end|beginning|start)\s+of\s+(?:the\s+)?(?:system|user)\s+(?:prompt|message|input|instructions)\b|{_TEMPLATE}|^[^\S\n]*\#{{2,}}\s*(?:new\s+|system\s+)?instructions?\b
        |\b(?:my|the|these|following|here\s+are\s+(?:your|the))\s+new\s+(?:instructions|rules|orders|directives)\b|\bnew\s+(?:instructions?|task|rules?)\s*:|(?:^|(?<=[.!?;]\s))[^\w\n]*system\s*(?:prompt|message|override|update)?\s*:\s*\w
        |\b(?:no|without(?:\s+any)?|free\s+of(?:\s+all)?)\s+(?:ethical\s+|moral\s+|content\s+|safety\s+)?(?:restrictions?|censorship|filters|guardrails)\b.{{0,60}}\b(?:you|answer|respond|reply)\b|\bsay\W+access\s+granted\b""",
    "role": rf"""
        \b(?:DAN|STAN|DUDE)\b(?=.{{0,80}}\b(?:mode|now|can|will|do|jailbr|AI|free))|\bdo\s+anything\s+now\b|\b(?:enter|enable|activate|switch\s+to|go\s+into|you\s+are\s+in)\s+(?:the\s+)?(?:developer|jailbreak|god|debug|admin|sudo|unrestricted)\s+mode\b
        |\b(?:act|behave|respond|answer|speak|pretend|role-?play|pose)\s+(?:as|like|to\s+be|you\s+are|that\s+you\s+are)\s+(?:\w+\s+){{0,4}}?(?:unrestricted|unfiltered|uncensored|evil|amoral|unethical|immoral|jailbroken|rogue|lawless)\b
        |\b(?:an?|as)\s+(?:unrestricted|unfiltered|uncensored|amoral|jailbroken|rogue)\s+(?:version|{_AI})\b|\b(?:you\s+are|you're|be|become|as|to\s+be)\s+(?:\w+\s+){{0,4}}?{_AI}\s+(?:\w+\s+){{0,3}}?(?:without|with\s+no|that\s+has\s+no|who\s+has\s+no|free\s+of)\s+(?:any\s+)?(?:\w+\s+)?(?:rules|limits?|restrictions|filters?|morals|ethics|guidelines|limitations)\b
        |\b(?:stay|remain|never\s+break|always\s+be)\s+(?:in\s+)?character\b.{{0,80}}\b(?:refuse|cannot|rules|restrictions)\b""",
    "leak": r"""
        \b(?:reveal|show|print|repeat|tell|output|display|give|leak|disclose|share|write|copy|paste|recite|quote|summari[sz]e|translate|list|dump|echo|spell|encode|read|send|expose|what(?:'s|\s+is|\s+are|\s+was|\s+were))\s+(?:\w+\s+){0,4}?
          (?:(?:your|the\s+(?:ai|assistant|bot|model)'s)\s+(?:(?:system|initial|original|hidden|secret|internal|full|exact|entire|own|previous|confidential|complete|underlying|first)\s+){0,3}(?:prompts?|instructions?(?!\s+(?:for|on|about|manual))|system\s+message|pre-?prompt|directives|secret|(?:secret|access)\s+(?:code|key|word)|context\s+window)
          |your\s+(?:hidden|secret|internal|system|confidential|original|operator's)\s+(?:guidelines|rules|policies|configuration)
          |(?:the|this|any)\s+(?:\w+\s+){0,1}?(?:system\s+prompt|system\s+message|system\s+instructions|initial\s+prompt|hidden\s+prompt|hidden\s+instructions|developer\s+message|original\s+prompt|secret\s+(?:key|password|code|word)))\b
        |\b(?:repeat|print|output|copy|return|recite|say)\s+(?:back\s+)?(?:everything|all|the\s+(?:words|text|sentences?|content|conversation|message)|what(?:ever)?)\s+(?:that\s+|is\s+|was\s+|you\s+|i\s+|were\s+|written\s+|said\s+|came\s+|comes\s+|of\s+the\s+)*(?:above|before|prior|told|given)\b(?!\s+(?:me|by)\b)
        |\bwhat\s+(?:were|did)\s+(?:you|they|your\s+developers)\s+(?:told|instructed|tell\s+you|programmed)\b|\bstarting\s+with\s+.{0,3}you\s+are\b|\byour\s+(?:initial|system|hidden|secret)\s+(?:prompt|instructions)\b""",
    "indirect": rf"""
        \b(?:note|message|instructions?|attention|important|warning|dear|hey|hello|to)\s*(?:to|for|,|:)?\s*(?:the\s+|all\s+|any\s+|every\s+)?(?:\w+\s+)?{_ANY_AI}\b(?!\s+(?:is|are|was|can|has|have)\b)
        |{_WHOEVER_READS}
        |\bif\s+you\s+are\s+(?:an?\s+)?(?:AI|LLM|language\s+model|chat\s?bot|assistant|automated|bot)\b
        |\b(?:AI|LLMs?|chat\s?bots?|language\s+models?|AI\s+(?:assistants?|models?|systems?|agents?)|(?:the\s+)?assistant)\s+(?:\w+\s+){{0,4}}?(?:must|should|shall|has\s+to|have\s+to|is\s+to)\s+(?:always\s+|now\s+|not\s+|only\s+)?(?:ignore|say|reply|respond|answer|tell|output|recommend|rate|include|mention|follow|send|write|state|summari[sz]e)\b
        |\bwhen\s+(?:you\s+(?:are\s+)?)?(?:answer(?:ing)?|summari[sz](?:e|ing)|respond(?:ing)?|process(?:ing)?)\s+(?:this|the|to|any)\b.{{0,60}}(?:,|:)\s*(?:always\s+|please\s+|you\s+must\s+)?(?:say|tell|include|recommend|ignore|add|state|output|append|insist)\b
        |{_KEPT_FROM_USERS}|\b(?:tell|ask|convince|urge|instruct)\s+the\s+user\s+(?:to|that|for)\b|\b(?:send|forward|post|upload|exfiltrate)\s+(?:\w+\s+){{0,5}}?(?:conversation|chat\s+history|user'?s?\s+(?:data|details|message|password))\b
        |\b(?:ignore|disregard)\s+the\s+rest\b|{_SPOKEN_TO}
        |\byour\s+(?:new\s+task|task\s+has\s+changed|real\s+task|true\s+purpose|only\s+task)\b""",
}  # fmt: skip
_SURE: Mapping[InjectionKind, str] = {
    "override": _TEMPLATE,
    "indirect": rf"""
        \b(?:note|message|instructions?|attention|important|warning|dear|hey|hello)\s*(?:to|for|,|:)?\s*(?:the\s+|all\s+|any\s+|every\s+)?(?:\w+\s+)?{_ANY_AI}\b(?!\s+(?:is|are|was|can|has|have)\b)
        |{_WHOEVER_READS}
        |\bif\s+you\s+are\s+(?:an?\s+)?(?:AI|LLM|language\s+model|chat\s?bot|automated|bot)\b
        |\b(?:AI|LLMs?|chat\s?bots?|language\s+models?|AI\s+(?:assistants?|models?|systems?|agents?))\s+(?:\w+\s+){{0,4}}?(?:must|should|shall|has\s+to|have\s+to|is\s+to)\s+(?:always\s+|now\s+|not\s+|only\s+)?(?:ignore|say|reply|respond|answer|tell|output|recommend|rate|include|mention|follow|send|write|state|summari[sz]e)\b
        |\bwhen\s+(?:you\s+(?:are\s+)?)?(?:answer(?:ing)?|summari[sz](?:e|ing)|respond(?:ing)?|process(?:ing)?)\s+(?:to\s+)?(?:this|any|the\s+(?:user|question|prompt|query|document|text|passage))\b.{{0,60}}(?:,|:)\s*(?:always\s+|please\s+|you\s+must\s+)?(?:say|tell|include|recommend|ignore|add|state|output|append|insist)\b
        |{_KEPT_FROM_USERS}
        |{_SPOKEN_TO}""",
}  # fmt: skip
"""Of these patterns what is said to a model and to nobody else: no reading of the rest takes it back."""
_TOLD = r"(?:instructions?|rules|prompts?|directions|directives|guidelines|commands|orders|programming|training)"
_ALL = r"(?:(?:about|all|any|every|everything|of|the|these|those|your|other|each)\s+){0,4}?"
_ORDER = rf"""
    \b(?:ignore|disregard|forget|override|bypass|neglect|(?:do\s+not|don't|never|stop)\s+(?:follow|obey)(?:ing)?)\s+
    (?:{_ALL}(?:previous|prior|above|earlier|preceding|former|existing|system|original|initial|your)\s+(?:\w+\s+){{0,2}}?{_TOLD}
      |(?:any|all|every)\s+{_ALL}{_TOLD}
      |{_ALL}{_TOLD}\s+(?:above|you\s+(?:were|have\s+been|had\s+been|got|have))
      |(?:all|everything|anything|what(?:ever)?)\s+(?:of\s+|that\s+|is\s+|was\s+|stands\s+|written\s+|said\s+)*(?:above|before\s+this|you\s+(?:were\s+|have\s+been\s+|had\s+been\s+)?(?:told|given|taught|learned|learnt)))\b
    (?!\s+(?:for|about|on|in|from|of|regarding|concerning)\b)"""
"""An order to drop what an assistant was told, not somebody's question about the instructions in a leaflet."""
_FOREIGN: tuple[tuple[InjectionKind, str, str], ...] = (
    # What is asked, by its verbs, and what it is asked about, by its nouns; either order, close together.
    (
        "override",
        r"ignorier\w{0,12}|vergiss|vergesst|missachte\w{0,12}|beachte",
        r"(?:vorherige[nr]?|bisherige[nr]?|obige[nr]?|alle[nr]?|deine[nr]?|frühere[nr]?)\s+(?:\w{1,12}\s+){0,2}?(?:anweisung(?:en)?|regeln|befehle|vorgaben|instruktionen|anordnungen|richtlinien)|alles,?\s+was\s+(?:du|man\s+dir|dir)",
    ),
    (
        "override",
        r"ignor\w{1,12}|dimentica(?:te)?|scorda\w{0,12}|trascura\w{0,12}|non\s+seguire",
        r"(?:istruzioni|regole|ordini|indicazioni|direttive|comandi)\s+(?:precedenti|ricevute|sopra|di\s+sopra|iniziali|che\s+(?:ti|hai))|(?:tutte\s+le|le\s+tue|tue)\s+(?:istruzioni|regole|indicazioni|direttive)|tutto\s+(?:quello|ciò)\s+che\s+(?:ti|hai|è\s+stato)",
    ),
    (
        "override",
        r"ignor\w{1,12}|oublie[sz]?|néglige\w{0,12}|ne\s+(?:suis|respecte)\w{0,12}",
        r"(?:instructions|règles|consignes|ordres|directives|indications)\s+(?:précédentes?|précédents|ci-dessus|antérieures|initiales|reçues)|(?:toutes\s+(?:les|tes)|tes)\s+(?:instructions|règles|consignes|directives)|tout\s+ce\s+qu[e'’]\s*(?:on|tu|je|il)",
    ),
    (
        "override",
        r"ignor\w{1,12}|olvid(?:a|e|en|es)|descart\w{1,12}|omit\w{1,12}|no\s+sigas",
        r"(?:instrucciones|reglas|órdenes|indicaciones|directrices|normas)\s+(?:anteriores|previas|de\s+arriba|iniciales|recibidas)|(?:todas\s+(?:las|tus)|tus)\s+(?:instrucciones|reglas|órdenes|indicaciones|directrices)|todo\s+lo\s+(?:que|anterior)",
    ),
    (
        "override",
        r"ignor\w{1,12}|esque[cç]\w{1,12}|desconsider\w{1,12}|negeer|vergeet|zignoruj|zapomnij|ignorera|glöm",
        r"(?:todas\s+as|suas|as)\s+(?:instruções|regras)|instruções\s+anteriores|tudo\s+o\s+que|(?:alle|eerdere|vorige|je)\s+(?:\w{1,12}\s+)?(?:instructies|regels)|(?:wszystkie|poprzednie|swoje)\s+(?:\w{1,12}\s+)?(?:instrukcje|polecenia|zasady)|(?:alla|tidigare|dina)\s+(?:\w{1,12}\s+)?(?:instruktioner|regler)",
    ),
    (
        "override",
        r"игнорир\w{1,12}|забудь\w{0,12}|не\s+обращай\w{0,12}",
        r"(?:предыдущ\w{1,12}|прошл\w{1,12}|вс[её]\w{0,12}|свои\w{0,12}|выше\w{0,12})\s+(?:\w{1,12}\s+){0,2}?(?:инструкци\w{1,12}|правил\w{0,12}|указани\w{1,12}|команд\w{0,12}|ограничени\w{1,12})|вс[её],?\s+что",
    ),
    (
        "override",
        r"忽略|忘记|忘掉|无视|無視|忽視",
        r"(?:之前|以上|先前|前面|上述|所有|你的)\S{0,8}?(?:指令|指示|规则|規則|提示|命令|内容)|(?:これまで|以前|上記|すべて)\S{0,10}?(?:指示|命令|ルール)",
    ),
    ("override", r"무시|잊어", r"(?:이전|위|모든)\S*\s+(?:\S+\s+)?(?:지시|명령|규칙)"),
    ("override", r"تجاهل|انس", r"(?:جميع|كل|هذه)?\s*(?:التعليمات|القواعد|الأوامر)"),
    (
        "override",
        r"yok\s+say\w{0,12}|unut\w{0,12}|अनदेखा|भूल",
        r"(?:önceki|tüm|bütün)\s+(?:\w{1,12}\s+)?(?:talimat|kural)\w{0,12}|(?:पिछले|सभी)\s+(?:\S+\s+)?(?:निर्देश|नियम)\S*",
    ),
    (
        "leak",
        r"zeig\w{0,12}|nenne|verrate?|gib|wiederhol\w{0,12}|wie\s+(?:lautet|lauten)|was\s+(?:ist|sind|steht)",
        r"(?:dein\w{0,12}|den|das)\s+(?:\w{1,12}\s+)?(?:system-?\s?prompt|geheim\w{0,12}\s+\w{1,12}|systemanweisung\w{0,12}|systemnachricht)|deine\w?\s+(?:geheimen\s+|ursprünglichen\s+)?(?:anweisungen|instruktionen)",
    ),
    (
        "leak",
        r"mostra\w{0,12}|dimmi|rivela\w{0,12}|ripeti|stampa|scrivi|quali\s+sono|qual\s+è",
        r"(?:tuo|il)\s+(?:\w{1,12}\s+)?prompt(?:\s+di\s+sistema)?|tue\s+istruzioni|(?:messaggio|istruzioni)\s+di\s+sistema",
    ),
    (
        "leak",
        r"montre\w{0,12}|dis[- ]moi|donne\w{0,12}|révèle\w{0,12}|répète\w{0,12}|affiche\w{0,12}|quel(?:le)?s?\s+(?:est|sont)",
        r"(?:ton|le)\s+(?:\w{1,12}\s+)?prompt(?:\s+système)?|tes\s+instructions|(?:message|instructions)\s+système",
    ),
    (
        "leak",
        r"muéstra\w{0,12}|muestra\w{0,12}|dime|dame|revela\w{0,12}|repite|imprime|cuál(?:es)?\s+(?:es|son)",
        r"(?:tu|el)\s+(?:\w{1,12}\s+)?prompt(?:\s+d?el?\s+sistema)?|tus\s+instrucciones|(?:mensaje|instrucciones)\s+d?el?\s+sistema",
    ),
    (
        "leak",
        r"покажи|скажи|повтори|выведи|раскрой|как(?:ой|ие|ая)",
        r"(?:свой|твой|системн\w{1,12}|твои|свои)\s+(?:\w{1,12}\s+)?(?:промпт|инструкци\w{1,12}|сообщени\w{1,12}|запрос)",
    ),
    (
        "leak",
        r"显示|告诉我|输出|重复|泄露|打印|表示|教えて",
        r"(?:你的|系统)\S{0,4}?(?:提示词?|指令|设定)|システム\S{0,2}?プロンプト",
    ),
    (
        "role",
        r"du\s+bist\s+(?:jetzt|nun|ab\s+sofort)|tu\s+so|sei\s+nun",
        r"(?:ohne|keine)\s+(?:\w{1,12}\s+)?(?:regeln|einschränkungen|moral|filter|grenzen|beschränkungen)",
    ),
    (
        "role",
        r"da\s+ora\s+in\s+poi|sei\s+(?:ora|adesso)|fai\s+finta|fingi",
        r"(?:senza|nessuna?|alcuna)\s+(?:\w{1,12}\s+)?(?:regole|restrizion[ei]|limiti|morale|filtri|censura)",
    ),
    (
        "role",
        r"à\s+partir\s+de\s+maintenant|désormais|tu\s+es\s+maintenant|fais\s+comme",
        r"(?:sans|aucune?)\s+(?:\w{1,12}\s+)?(?:règles?|restrictions?|limites?|morale|filtres?|censure)",
    ),
    (
        "role",
        r"a\s+partir\s+de\s+ahora|ahora\s+eres|desde\s+ahora|haz\s+como|finge",
        r"(?:sin|ninguna?)\s+(?:\w{1,12}\s+)?(?:reglas|restricci(?:ón|ones)|límites?|moral|filtros?|censura)",
    ),
    (
        "role",
        r"теперь\s+ты|ты\s+теперь|представь",
        r"без\s+(?:\w{1,12}\s+)?(?:правил|ограничений|цензуры|морали|фильтров)",
    ),
    ("role", r"从现在开始|现在你是|你现在是", r"(?:没有|不受)\S{0,6}?(?:限制|规则|约束|道德)"),
    (
        "leak",
        r"wiederhol\w{0,12}|schreib\w{0,12}|zeige?|gib",
        r"(?:text|alles|worte|wörter)\s+(?:\w{1,12}\s+){0,2}?(?:oben|über\s+dieser|vor\s+dieser)|(?:geheime\w{0,2}|dein)\s+(?:passwort|kennwort|codewort)",
    ),
    (
        "leak",
        r"ripet\w{0,12}|scriv\w{0,12}|dimmi|dammi",
        r"(?:testo|tutto|parole)\s+(?:\w{1,12}\s+){0,2}?(?:sopra|precedente|precedenti)|(?:password|parola\s+d.ordine)\s+(?:segreta|che\s+ti)",
    ),
    (
        "leak",
        r"répèt\w{0,12}|écri\w{0,12}|donne|dis",
        r"(?:texte|tout|mots)\s+(?:\w{1,12}\s+){0,2}?(?:ci-dessus|précédents?)|mot\s+de\s+passe\s+(?:secret|qu[e'’])",
    ),
    (
        "leak",
        r"repi?t\w{0,12}|escrib\w{0,12}|dime|dame",
        r"(?:texto|todo|palabras)\s+(?:\w{1,12}\s+){0,2}?(?:arriba|anterior|anteriores)|contraseña\s+(?:secreta|que\s+te)",
    ),
    (
        "leak",
        r"скажи|назови|покажи|повтори|告诉我|说出",
        r"(?:секретн\w{1,12}|твой)\s+(?:пароль|код)|текст\s+выше|(?:你的|秘密)?(?:密码|暗号|口令)(?!怎么|忘)",
    ),
)
_START = r"(?<![a-zà-ÿа-яё])"
_GAP = r"[^.!?。！？\n]{0,60}?"
_COMPILED = {
    kind: re.compile(pattern, re.IGNORECASE | re.VERBOSE | re.MULTILINE) for kind, pattern in _PATTERNS.items()
}
_COMPILED_SURE = {kind: re.compile(pattern, re.IGNORECASE | re.VERBOSE) for kind, pattern in _SURE.items()}
_COMPILED_ORDER = re.compile(_ORDER, re.IGNORECASE | re.VERBOSE)
_TOLD_OF = re.compile(
    # Whoever ignores it is named, or it is asked whether one may: no order.
    r"(?:(?<!\w)(?:i|we|he|she|they|it|one|who|not|(?<!you\s)(?<!you\shave\s)(?<!you\sneed\s)(?<!you\sare\s)to|(?:(?<!you\s)(?:can|may|might|could|should|must|will|would|do|did))|(?<=you\s)(?:can|may|might|could))(?:\s+(?:just|simply|safely|now|also|then|always))?"
    r"|(?:^|\W)(?:can|may|might|must|shall|should|do|does|did|would|will)\s+(?!you\b)(?:\w+\s+){0,3}\w+)\s*$",
    re.IGNORECASE,
)
_REACH = 60  # Characters before an order in which it shows whose it is.
_CLAUSE_START = re.compile(r"[.!?;:,()\n\"“”—–]|\b(?:and|but|then|so|or)\b", re.IGNORECASE)
_CLAUSE_END = re.compile(r"[.!?;,()\n\"“”—–]|\b(?:and|but|then|so|or)\b", re.IGNORECASE)
_SENTENCE_EDGE = re.compile(r"[.!?\n]")
_LONGEST = 300  # Characters to each side of a hit that are read with it.
_COMPILED_FOREIGN = [
    (
        kind,
        re.compile(
            rf"{_START}(?:{verbs})(?![a-zà-ÿа-я]){_GAP}(?:{nouns})|{_START}(?:{nouns}){_GAP}{_START}(?:{verbs})(?![a-zà-ÿа-я])",
            re.IGNORECASE,
        ),
    )
    for kind, verbs, nouns in _FOREIGN
]


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where a text states an attempt word for word."""

    kind: InjectionKind
    text: str
    around: tuple[str, ...] = ()
    """The clause that holds it, alone, to its sentence's end and in the whole sentence, from which it shows whether it is
    meant; none where it surely is."""


def hits_in(text: str, *, indirect: bool) -> Iterator[Hit]:
    """Where `text` states an attempt word for word in English, the sure ones first; `indirect` ones in documents only."""
    for kind, pattern in _COMPILED_SURE.items():
        if indirect or kind != "indirect":
            yield from (Hit(kind, match.group()) for match in pattern.finditer(text))
    for match in _COMPILED_ORDER.finditer(text):
        if not _TOLD_OF.search(_ahead(text, match.start(), _CLAUSE_START)[-_REACH:]):
            yield Hit("override", match.group())
    for kind, pattern in _COMPILED.items():
        if indirect or kind != "indirect":
            for match in pattern.finditer(text):
                yield Hit(kind, match.group(), _around(text, match))


def _around(text: str, match: re.Match[str]) -> tuple[str, str, str]:
    clause, sentence = (_ahead(text, match.start(), edge) for edge in (_CLAUSE_START, _SENTENCE_EDGE))
    rest = text[match.end() : match.end() + _LONGEST]
    near, far = (rest[: _stop(rest, edge)] for edge in (_CLAUSE_END, _SENTENCE_EDGE))
    return (
        f"{clause}{match.group()}{near}".strip(),
        f"{clause}{match.group()}{far}".strip(),
        f"{sentence}{match.group()}{far}".strip(),
    )


def _stop(rest: str, edge: re.Pattern[str]) -> int:
    found = edge.search(rest)
    if not found:
        return len(rest)
    return found.end() if found.group() in ".!?" else found.start()


def _ahead(text: str, place: int, edge: re.Pattern[str]) -> str:
    """What stands between `place` and the edge before it."""
    before = text[max(place - _LONGEST, 0) : place]
    return before[max((match.end() for match in edge.finditer(before)), default=0) :]


def attempt_in(text: str, *, indirect: bool) -> InjectionKind | None:
    """What sort of attempt `text` states word for word in English, if any; `indirect` ones count in documents only."""
    kinds = (kind for kind in _COMPILED if indirect or kind != "indirect")
    return next((kind for kind in kinds if _COMPILED[kind].search(text)), None)


def foreign_attempt_in(text: str) -> InjectionKind | None:
    """What sort of attempt `text` states in one of the other languages, if any."""
    return next((kind for kind, pattern in _COMPILED_FOREIGN if pattern.search(text)), None)
