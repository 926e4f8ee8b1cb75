"""The models that can be chosen: the facts people choose by, who uses them, and what adapters were made of."""

from __future__ import annotations

from nicegui import ui

from assistant.console.choosing.runs import runs_card
from assistant.console.routes import console_page
from assistant.console.shell import card, digest_chip, frame, tag
from assistant.console.visits import Visit
from assistant.evals.listed import Taken, taken_here
from assistant.evals.statistics import shown
from assistant.models import ModelCard
from assistant.records import Loss
from assistant.reviewing.lessons import to_retrain

_MILLION, _BILLION = 1_000_000, 1_000_000_000


def add_models_page() -> None:
    """Registers `/models`."""

    @console_page("/models")
    async def models(visit: Visit) -> None:
        say = visit.words("models")
        by = await visit.caller()
        cards = [each for each in visit.desk.models.cards if each.kind == "chat"]
        losses = await to_retrain(cards, visit.desk.erased)
        runs = await visit.desk.choosing.runs(by) if "review" in by.scopes else None
        taken = taken_here(runs or ())
        used: dict[str, list[str]] = {}
        for release in visit.desk.rails.live:
            used.setdefault(release.vertical.model, []).append(release.vertical.title)
        with frame(visit, say("title"), section="models", wide=True):
            tag("p", say("lead")).classes("lead")
            if runs is not None:
                runs_card(visit, runs)
            here = [each for each in cards if each.provider != "described"]
            with ui.element("div").classes("cards"):
                for each in sorted(here, key=lambda each: (each.name not in used, each.name)):
                    _model(visit, each, used.get(each.name, []), losses.get(each.name), taken.get(each.name))
            with ui.element("details").classes("card"):
                tag("summary", say("described"))
                with ui.element("div"):
                    tag("p", say("described_lead")).classes("hint")
                    _table(visit, [each for each in cards if each.provider == "described"])


def _model(visit: Visit, model: ModelCard, used: list[str], loss: Loss | None, taken: Taken | None) -> None:
    say = visit.words("models")
    with card():
        with ui.element("div").classes("line spread"):
            tag("h2", model.name).classes("flush")
            with ui.element("div").classes("line"):
                for title in used:
                    tag("span", say("used", vertical=title)).classes("badge good")
                if not visit.desk.models.is_here(model.name):
                    tag("span", say("not_here")).classes("badge calm")
                if loss:
                    tag("span", say("retrain")).classes("badge warn")
        tag("p", model.title).classes("hint")
        if loss:
            tag("p", say("erased", n=loss.erased, of=loss.of, since=f"{loss.since:%Y-%m-%d}"))
        with tag("dl").classes("facts"):
            for name, text in _facts(visit, model):
                tag("dt", say(name))
                tag("dd", text)
            if taken:
                seconds, energy = shown(taken.total_s), shown(taken.energy_wh)
                on = {"cases": taken.cases, "vertical": taken.vertical, "on": taken.on}
                tag("dt", say("here"))
                tag("dd", say("taken", seconds=seconds, energy=energy, **on))
        if made := model.adapter:
            with ui.element("details").classes("adding"):
                tag("summary", say("adapter", base=made.base))
                with tag("dl").classes("facts"):
                    tag("dt", say("writes"))
                    tag("dd", ", ".join(say(f"writes_{each}") for each in made.writes))
                    for source in made.data:
                        tag("dt", say("cases", n=source.cases))
                        with tag("dd", f"{source.name} · {source.licence} "):
                            digest_chip(visit, source.sha256)
                    for figure in made.measured:
                        tag("dt", figure.measure)
                        tag("dd", say("measured", before=figure.before, after=figure.after, on=figure.on))
                    tag("dt", say("limits"))
                    tag("dd", made.limits)
                    tag("dt", say("made_by"))
                    with tag("dd"):
                        tag("code", made.made_by).classes("wrap")


def _facts(visit: Visit, model: ModelCard) -> list[tuple[str, str]]:
    say = visit.words("models")
    price, free = model.price, not (model.price.prompt_usd_per_million or model.price.completion_usd_per_million)
    cost = price.basis if free else f"{price.prompt_usd_per_million} + {price.completion_usd_per_million} $ / M"
    scores = ", ".join(f"{each.benchmark} {each.value:g} ({each.source}, {each.date})" for each in model.general_scores)
    return [
        ("parameters", _size(model.parameters) or say("unknown")),
        ("window", say("tokens", n=model.context_tokens)),
        ("licence", f"{model.licence} · {say('commercial' if model.commercial else 'not_commercial')}"),
        ("where", say("on_premises" if model.on_premises else "elsewhere")),
        ("customisation", ", ".join(say(f"by_{each}") for each in model.customisation)),
        ("cost", cost),
        *([("scores", scores)] if scores else []),
    ]


def _table(visit: Visit, models: list[ModelCard]) -> None:
    say = visit.words("models")
    with tag("table").classes("plain"):
        with tag("thead"), tag("tr"):
            for name in ("name", "parameters", "window", "licence", "scores"):
                tag("th", say(name)).props('scope="col"')
        with tag("tbody"):
            for each in models:
                facts = dict(_facts(visit, each))
                with tag("tr"):
                    tag("td", each.name).classes("name")
                    for name in ("parameters", "window", "licence", "scores"):
                        tag("td", facts.get(name, "–"))


def _size(parameters: int | None) -> str:
    if parameters is None:
        return ""
    return f"{parameters / _BILLION:.1f} B" if parameters >= _BILLION else f"{parameters / _MILLION:.0f} M"
