"""Charts of the documents' series S01 to S08: each answers the question of its series, with its caveats below."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from povstats.documents import DocumentSeries, series
from povstats.documents.printed import printed_value
from povstats.exhibits.documents_digits import MYRIAD, as_computed, as_printed, unit_words
from povstats.exhibits.documents_metrics import FOLLOWED, followed
from povstats.exhibits.documents_tables import CHARTS, NOTEBOOK, chart_title, inputs, register_table
from povstats.exhibits.registry import exhibit
from povstats.viz import charts
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.exhibits.registry import Maker
    from povstats.viz import Figure

PANELS = {"persons": ("ten_thousand", 1 / MYRIAD), "share": ("share", 1.0), "yuan": ("yuan", 1.0)}
"""Unit of a figure to the unit of its panel and the factor between them."""


def _chart(id: str) -> "Callable[[Maker], Maker]":
    """Register the chart of a series, and its table after it."""

    def register(maker: "Maker") -> "Maker":
        titled = partial(chart_title, id)
        exhibit(CHARTS[id], data="documents", notebook=NOTEBOOK, inputs=inputs(id), titled=titled)(maker)
        register_table(id)
        return maker

    return register


@_chart("S01")
def ganzhou(lang: Lang) -> "Figure":
    """Set those left in 2015 and the stated exits beside the poor of 2010."""
    known = series("S01")
    ends = _points(known, "all")
    exits = _only(known, "cumulative_exits")
    bars = [*zip(ends["time"], ["poor_population"] * 2, ends["poor_population"], strict=True)]
    bars.append((exits["time"], "cumulative_exits", exits["value"]))
    rates = dict(zip(ends["time"], ends["poverty_incidence"], strict=True))
    times = {year: _word("year_end", lang, year=f"{year:.0f}") for year in rates}
    frame = pd.DataFrame(
        {
            # The text gives the ends of the two years.
            "time": [pd.Timestamp(int(year), 12, 31) for year, _, _ in bars],
            "label": [_with_rate(times[year], rates[year], lang) for year, _, _ in bars],
            "part": [part for _, part, _ in bars],
            "value": [count / MYRIAD for _, _, count in bars],
        }
    )
    trend = followed(known, FOLLOWED["S01"][0]).metrics.set_index("quantity")["annual_rate"]
    fall, gap = (abs(one.value) for one in known.derived[:2])
    told = {"fall": _persons(fall, lang), "gap": _persons(gap, lang)}
    rates_told = {"count": _rate(trend["count"]), "rate": _rate(trend["share"])}
    note = _word("note_ganzhou", lang, **told, **rates_told)
    return charts.stacked(frame, labels=_labels(known, lang), **_said(known, lang, "ten_thousand", [note]))


@_chart("S02")
def town(lang: Lang) -> "Figure":
    """Divide the registry into those still poor and those who left, at the three dates."""
    known = series("S02")
    rows = _points(known, "persons")
    labels = [_with_rate(_time(known, row, lang), row["poverty_incidence"], lang) for row in rows.to_dict("records")]
    rows = rows.assign(label=labels, exited_total=rows["registered"] - rows["poor"])
    frame = rows.melt(["time", "label"], ["poor", "exited_total"], "part", "value")
    # At the first date nobody on the registry had left it yet.
    frame = frame[frame["value"] > 0]
    watched, times = (one.value for one in known.derived[-2:])
    note = _word("note_town", lang, watched=_persons(watched, lang), times=as_computed(times, "ratio").text)
    return charts.stacked(frame, labels=_labels(known, lang), **_said(known, lang, "persons", [note]))


@_chart("S03")
def xi_county(lang: Lang) -> "Figure":
    """Set three quantities before and after, each on a scale of its own."""
    return _before_and_after("S03", lang)


@_chart("S04")
def province(lang: Lang) -> "Figure":
    """Set the poor share and the income of the poor before and after."""
    return _before_and_after("S04", lang)


@_chart("S05")
def dousha(lang: Lang) -> "Figure":
    """Divide the registry by year into exits so far and those without one."""
    known = series("S05")
    registry = float(_only(known, "registered", "persons")["value"])
    exits = _points(known, "persons").dropna(subset="exited")
    total = exits["exited"].cumsum()
    parts = {
        "exited_in_year": exits["exited"],
        "exited_earlier": total - exits["exited"],
        "not_listed": registry - total,
    }
    wide = pd.DataFrame({"time": exits["time"], **parts})
    frame = wide.melt("time", list(parts), "part", "value")
    labels = {part: _word(part, lang) for part in parts}
    left = _persons(float(parts["not_listed"].iloc[-1]), lang)
    note = _word("note_dousha", lang, registry=_persons(registry, lang), left=left)
    return charts.stacked(frame, labels=labels, **_said(known, lang, "persons", [note]))


@_chart("S06")
def dengta(lang: Lang) -> "Figure":
    """Set the registry, the summed yearly exits and those accepted side by side: the sums rise above the registry."""
    known = series("S06")
    rows = _points(known, "persons")
    registry, exits = (rows.dropna(subset=name) for name in ("registered", "exited"))
    accepted = _only(known, "exited_total", "persons")
    frame = pd.concat(
        [
            pd.DataFrame({"group": "registry", "time": registry["time"], "value": registry["registered"]}),
            pd.DataFrame({"group": "exits_summed", "time": exits["time"], "value": exits["exited"].cumsum()}),
            pd.DataFrame({"group": ["accepted"], "time": [accepted["time"]], "value": [accepted["value"]]}),
        ],
        ignore_index=True,
    )
    when = known.label(str(accepted["time_label"]), lang)
    frame["label"] = [when if pd.isna(time) else f"{time:.0f}" for time in frame["time"]]
    labels = {group: _word(group, lang) for group in ("registry", "exits_summed", "accepted")}
    return charts.lines(frame, labels=labels, **_said(known, lang, "persons"))


@_chart("S07")
def national_counts(lang: Lang) -> "Figure":
    """Draw the two counts on the old lines, interrupted where a text of another basis comes in."""
    known = series("S07")
    frames = []
    for what in FOLLOWED["S07"]:
        table = followed(known, what).table
        frames.append(table.assign(group=what.group, value=table["value"] / MYRIAD))
    frame = _in_words(known, pd.concat(frames, ignore_index=True), lang)
    rise, fall = (_persons(one.value, lang) for one in known.derived[:2])
    notes = [_word("note_rise", lang, rise=rise, fall=fall)]
    return charts.lines(frame, labels=_labels(known, lang), **_said(known, lang, "ten_thousand", notes))


@_chart("S08")
def later_standard(lang: Lang) -> "Figure":
    """Draw the counts that the texts quote, each on a basis of its own."""
    known = series("S08")
    rows = _points(known, "all")
    table = followed(known, FOLLOWED["S08"][0]).table
    labels = [_time(known, row, lang) for row in rows.to_dict("records")]
    frame = table.assign(group="rural_poor", value=table["value"] / MYRIAD)
    frame = _in_words(known, frame, lang).assign(label=labels)
    pace, needed = (known.derived[at].value for at in (0, 1))
    stated, poor = _only(known, "annual_pace"), known.table.set_index("fact").loc["F0100"]
    figures = {name: _figure(row, lang) for name, row in (("pace", stated), ("poor", poor))}
    note = _word("note_pace", lang, **figures, years=as_computed(pace, "years").text, needed=_persons(needed, lang))
    notes = [note, _word("note_own_basis", lang)]
    return charts.lines(frame, labels=_labels(known, lang), **_said(known, lang, "ten_thousand", notes))


def _before_and_after(id: str, lang: Lang) -> "Figure":
    """Draw the first and the last figure of each indicator of a series, a panel for each unit."""
    known = series(id)
    points = known.table[known.table["role"] == "point"]
    rows: list[dict[str, object]] = []
    for row in points.itertuples(index=False):
        unit, factor = PANELS[row.unit]
        first = row.indicator not in [done["group"] for done in rows]
        rows.append(
            {
                "group": row.indicator,
                "label": _time(known, row._asdict(), lang),
                "value": row.value * factor,
                "end": "first" if first else "last",
                "unit": unit_words(unit, lang),
            }
        )
    return charts.dumbbell(pd.DataFrame(rows), labels=_labels(known, lang), **_said(known, lang, ""))


def _points(known: DocumentSeries, group: str) -> pd.DataFrame:
    wide = known.wide()
    return wide[wide["group"] == group].reset_index(drop=True)


def _only(known: DocumentSeries, indicator: str, group: str = "all") -> "pd.Series[Any]":
    """Give the one row of an indicator."""
    rows = known.table[(known.table["indicator"] == indicator) & (known.table["group"] == group)]
    return rows.iloc[0]


def _in_words(known: DocumentSeries, frame: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Put a reader's words in place of the slugs of times and bases."""
    words = {key: known.label(key, lang) for key in known.words.labels}
    return frame.assign(label=frame["label"].replace(words), basis=frame["basis"].replace(words))


def _time(known: DocumentSeries, row: dict[Any, Any], lang: Lang) -> str:
    label = str(row["time_label"])
    return label if row["printed"] else known.label(label, lang)


def _with_rate(time: str, rate: float, lang: Lang) -> str:
    return _word("with_rate", lang, time=time, rate=as_printed(rate, "share", "").text)


def _persons(value: float, lang: Lang) -> str:
    return printed_value(value, "persons", "exact", lang)


def _figure(row: "pd.Series[Any]", lang: Lang) -> str:
    return printed_value(row["value"], row["unit"], row["qualifier"], lang)


def _rate(value: float) -> str:
    return f"{100 * value:.1f}%".replace("-", "−")


def _labels(known: DocumentSeries, lang: Lang) -> dict[str, str]:
    return {key: known.label(key, lang) for key in known.words.labels}


def _said(known: DocumentSeries, lang: Lang, unit: str, notes: Sequence[str] = ()) -> dict[str, Any]:
    """Give the words around a chart."""
    return {
        "lang": lang,
        "title": known.title(lang),
        "unit": unit_words(unit, lang),
        "source": known.source(lang),
        "notes": (*notes, *known.caveats(lang)),
    }


def _word(key: str, lang: Lang, **values: object) -> str:
    return say(f"exhibits.{key}", lang, **values)
