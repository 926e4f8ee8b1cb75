"""The report of a run as one page that stands by itself: no script, style or font from anywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from assistant.cases import Case
from assistant.errors import NotFound
from assistant.evals.agreement import told_opinions
from assistant.evals.compare import Standing, standings
from assistant.evals.corrected import Corrected, corrected, read_corrections
from assistant.evals.earlier import changes, earlier_runs
from assistant.evals.metrics import METRICS, Metric
from assistant.evals.opinions import digest_of
from assistant.evals.plots import Point, against, colour, forest, strips, trend
from assistant.evals.results import Result, Variant, Way
from assistant.evals.robustness import VARIANTS
from assistant.evals.runs import read_run
from assistant.evals.statistics import Difference, Estimate, shown

SHOWN = (
    "right", "facts", "figures", "rouge_l", "bleu", "chrf", "token_f1", "word_edits", "drafts_supported", "supported",
    "wrongly_declined", "wrongly_answered", "citation_recall", "citation_precision", "quoted", "escalated", "failed",
    "judged", "first_sentence_s", "total_s", "tokens_per_s", "energy_wh", "cost_usd", "peak_mb",
)  # fmt: skip
"""Metrics of the leaderboard, in order; the others are in the results."""
PLOTTED = ("total_s", "energy_wh", "cost_usd")
BOTH_WAYS = ("right", "supported", "word_edits", "rouge_l", "total_s")


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of the leaderboard."""

    value: str
    interval: str
    mark: str
    """`best`, `even` for one that cannot be told from the best, or nothing."""


@dataclass(frozen=True, slots=True)
class Told:
    """One answer in the case browser."""

    name: str
    way: Way
    colour: str
    result: Result
    score: float | None
    edits: float | None
    opinions: tuple[str, ...]
    """What the judge said of it, in its own words."""

    @property
    def marked(self) -> Markup:
        """Its text, the claims that nothing bears out marked; whatever a model wrote is escaped."""
        text = escape(self.result.text)
        for claim in self.result.unsupported:
            text = text.replace(escape(claim), Markup("<mark>{}</mark>").format(claim), 1)
        return text


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case with what everybody made of it."""

    case: Case
    answers: tuple[Told, ...]
    score: float | None
    """Mean of `right` over the models; the worst cases come first."""


def write_report(home: Path) -> Path:
    """Writes `report.html` about every run below `home` and returns its path; raises NotFound where there is none."""
    folders = [file.parent for file in sorted(home.glob("*/run.json"))]
    if not folders:
        raise NotFound(f"there is no run below {home}")
    file = home / "report.html"
    sections = [Section(folder) for folder in folders]
    html = page("report.html.jinja", sections=sections, metrics=METRICS, began=sections[0].spec.began)
    file.write_text(html, encoding="utf-8")
    return file


def page(template: str, **what: object) -> str:
    """The page that the template makes; whatever is put into it is escaped."""
    loader = PackageLoader("assistant.evals", "pages")
    pages = Environment(loader=loader, autoescape=True, trim_blocks=True, undefined=StrictUndefined)
    style = (Path(__file__).parent / "pages" / "style.css").read_text(encoding="utf-8")
    return pages.get_template(template).render(style=Markup(style), colour=colour, shown=shown, **what)  # noqa: S704 — our own file


class Section:
    """The part of the report about one run: mostly a vertical's, and named after it."""

    def __init__(self, folder: Path) -> None:
        """Raises as `read_run` does."""
        self.name, self.run = folder.name, read_run(folder)
        self.spec, run = self.run.spec, self.run
        self.judge = told_opinions(folder)
        """What is to be said about the machine that judged, a line each; nothing where none did."""
        self.names = tuple(name for name in run.spec.contenders if run.of(name))
        self._earlier, self._folder = earlier_runs(folder.parent, run), folder
        self._reasons = {(each.case, each.answer): each.reasons for each in run.opinions}

    @property
    def columns(self) -> list[Metric]:
        """The metrics that say something about this run."""
        return [METRICS[name] for name in SHOWN if any(self.run.estimate(each, name) for each in self.names)]

    @property
    def energy_basis(self) -> str:
        """How the run's energy is known: `measured` by the machine, `estimated`, or `partly estimated`."""
        known = {result.basis for result in self.run.results if result.energy_wh}
        return "partly estimated" if len(known) > 1 else next(iter(known), "estimated")

    def cells(self, metric: Metric) -> dict[str, Cell]:
        """The metric of each contender, the best and those not told from it marked."""
        found = {name: self.run.estimate(name, metric.name) for name in self.names}
        models = {name: each for name, each in found.items() if each and self.spec.contenders[name].models}
        sign = 1 if metric.better == "higher" else -1
        best = max(models, key=lambda name: sign * models[name].value, default=None)
        marks = {name: self._mark(metric, name, best) for name in models} if len(models) > 1 else {}
        return {name: _cell(metric, each, marks.get(name, "")) for name, each in found.items()}

    def plots(self) -> Iterator[tuple[Metric, Markup]]:
        """Quality against what it takes."""
        for name in PLOTTED:
            points = [
                Point(each, self.place(each), across, up)
                for each in self.names
                if (across := self.run.estimate(each, name)) and (up := self.run.estimate(each, "right"))
            ]
            if points and any(point.across.value > 0 for point in points):
                models = [each for each in self.names if self.spec.contenders[each].models]
                yield METRICS[name], against(points, unit=METRICS[name].unit, candidates=models)

    def differences(self) -> Markup | None:
        """Every other against the best model on `right`."""
        models = [name for name in self.names if self.spec.contenders[name].models]
        rights = {name: each.value for name in models if (each := self.run.estimate(name, "right"))}
        if not rights:
            return None
        best = max(rights, key=lambda name: rights[name])
        rows = [
            (name, self.place(name), gap)
            for name in self.names
            if name != best and (gap := self.run.difference(name, best, "right"))
        ]
        return forest(rows, left=f"worse than {best}", right="better") if rows else None

    def rows_of_cases(self) -> Iterator[tuple[str, list[tuple[str, float, bool]]]]:
        """For each contender, every case in the order of the worst: its name, `right`, and whether it failed."""
        order = {view.case.id: n for n, view in enumerate(self.views())}
        for name in self.names:
            pairs = sorted(self.run.of(name), key=lambda pair: order[pair[0].id])
            yield (
                name,
                [(c.id, METRICS["right"].of(c, r) or 0.0, r.failed is not None) for c, r in pairs],
            )

    def views(self) -> list[CaseView]:
        """Every case, the worst first."""
        views = [self._view(case) for case in self.run.cases]
        return sorted(views, key=lambda view: (view.score is None, view.score))

    def both_ways(self) -> list[tuple[str, list[tuple[Metric, str, str]]]]:
        """For each model that was also run without rails: the metric raw and railed."""
        if "raw" not in self.spec.ways:
            return []
        return [
            (
                name,
                [
                    (METRICS[m], _value(self.run.estimate(name, m, "raw")), _value(self.run.estimate(name, m)))
                    for m in BOTH_WAYS
                ],
            )
            for name in self.names
            if self.run.of(name, "raw")
        ]

    def corrected(self) -> list[Corrected]:
        """What people corrected in earnest in the texts of each model."""
        return list(corrected(read_corrections(self._folder), seed=self.spec.seed))

    def standings(self) -> tuple[Standing, ...]:
        """What people made of each model side by side; nothing where nobody compared."""
        return standings(self._folder, seed=self.run.spec.seed)

    def robustness(self) -> list[tuple[str, list[tuple[Variant, Difference]]]]:
        """For each model that was asked otherwise too: what `right` lost by it, by how it was asked."""
        found = [(name, [(v, gap) for v in VARIANTS if (gap := self.run.drop(name, v))]) for name in self.names]
        return [(name, drops) for name, drops in found if drops]

    def robustness_plot(self) -> Markup:
        """The same as a picture: each model's drop by each way of asking, with its interval."""
        rows = [(f"{name}, {v}", self.place(name), gap) for name, drops in self.robustness() for v, gap in drops]
        return forest(rows, left="loses", right="gains")

    def times(self) -> Markup | None:
        """How long each answer of each contender took."""
        rows = [
            (name, self.place(name), [t for t in self.run.values(name, METRICS["total_s"]) if t]) for name in self.names
        ]
        told = [row for row in rows if row[2]]
        return strips(told, unit="s") if told else None

    def trend(self) -> Markup | None:
        """`right` of each contender over the runs on these cases; None where this is the first."""
        runs = [*self._earlier, self.run]
        lines = [
            (name, self.place(name), [each.value for run in runs if (each := run.estimate(name, "right"))])
            for name in self.names
        ]
        whole = [line for line in lines if len(line[2]) == len(runs)]
        days = [run.spec.began[5:16].replace("T", " ") for run in runs]
        return trend(whole, days) if whole and self._earlier else None

    def changes(self) -> list[str]:
        """What surely changed since the last run on these cases, in words."""
        return list(changes(self.run, self._earlier))

    def place(self, name: str) -> int:
        """The contender's place, which gives its colour."""
        return list(self.spec.contenders).index(name)

    def _mark(self, metric: Metric, name: str, best: str | None) -> str:
        if name == best or best is None:
            return "best"
        gap = self.run.difference(name, best, metric.name)
        return "even" if gap and not gap.certain else ""

    def _view(self, case: Case) -> CaseView:
        told = tuple(self._told(case, each) for each in self.run.results if each.case == case.id)
        models = [each for each in told if each.way == "railed" and self.spec.contenders[each.name].models]
        scores = [each.score for each in models if each.score is not None]
        return CaseView(case, told, sum(scores) / len(scores) if scores else None)

    def _told(self, case: Case, result: Result) -> Told:
        right, edits = (METRICS[name].of(case, result) for name in ("right", "word_edits"))
        opinions = self._reasons.get((case.id, digest_of(result.text)), ())
        return Told(result.model, result.way, colour(self.place(result.model)), result, right, edits, opinions)


def _cell(metric: Metric, found: Estimate | None, mark: str) -> Cell:
    if found is None:
        return Cell("–", "", "")
    value, low, high = (_number(each, metric) for each in (found.value, found.low, found.high))
    return Cell(value, "" if value == low == high else f"{low} – {high}", mark)


def _value(found: Estimate | None) -> str:
    return "–" if found is None else shown(found.value)


def _number(value: float, metric: Metric) -> str:
    return shown(value) if metric.unit else f"{value:.2f}"
