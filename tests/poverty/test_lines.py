"""Estimated lines: what they refuse, what they do to a measure, and how they are told."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

import povstats as ps
from povstats import poverty as p
from povstats.errors import DataError, OptionError
from povstats.survey import Design

DESIGN = Design(weights="w", psu="village")


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    n = 400
    village = rng.integers(0, 40, n)
    income = np.exp(rng.normal(5, 0.6, n) + rng.normal(0, 0.3, 40)[village])
    return pd.DataFrame(
        {"y": income, "w": rng.uniform(1, 2, n), "village": village, "g": rng.choice(["a", "b"], n), "s": 2}
    )


def test_a_line_moves_with_the_unit_and_so_poverty_does_not(table: pd.DataFrame) -> None:
    """A relative headcount is the same in every currency, with the same standard error: exact powers of two."""
    found = []
    for factor in (1.0, 8.0):
        scaled = table.assign(y=table["y"] * factor)
        line = ps.relative_line(scaled, "y", design=DESIGN)
        found.append(ps.headcount(scaled, "y", line, design=DESIGN))
    assert found[0].estimate.iloc[0] == found[1].estimate.iloc[0]
    assert found[0].se.iloc[0] == pytest.approx(found[1].se.iloc[0], rel=1e-12)


def test_the_influence_of_a_line_is_its_derivative(table: pd.DataFrame) -> None:
    """Every measure's derivative by the line against a difference of two fixed lines; the density is left out.

    The headcount's and Sen's derivatives hold a kernel density, which no difference of steps has.
    """
    line = p.relative_line(table, "y", 0.8, "mean", design=DESIGN)
    step = 1e-5 * line.value
    for verb in (
        p.poverty_gap,
        p.poverty_severity,
        p.watts,
        p.sst,
        lambda *a, **k: p.fgt(*a, alpha=1.7, **k),
    ):
        influence = verb(table, "y", line, design=DESIGN).influence
        assert influence is not None
        assert influence.by_line is not None
        up, down = (verb(table, "y", line.value + s, design=DESIGN).estimate.iloc[0] for s in (step, -step))
        assert influence.by_line[0] == pytest.approx((up - down) / (2 * step), rel=1e-3)


def test_a_sample_with_a_density_agrees_with_the_bootstrap(table: pd.DataFrame) -> None:
    """Headcount and the gap of the poor's median: linearised and resampled errors are near each other.

    With 100 replicates a bootstrap's error is good to some seven per cent, the kernel's density to some twenty.
    """
    resampled = DESIGN.bootstrap(100, rng=7)
    for verb in (p.headcount, p.median_gap):
        errors = [
            float(verb(table, "y", p.relative_line(table, "y", 0.8, design=d), design=d).se.iloc[0])
            for d in (DESIGN, resampled)
        ]
        assert errors[0] / errors[1] == pytest.approx(1, abs=0.3), verb.__name__


def test_a_line_from_another_sample_adds_its_variance(table: pd.DataFrame) -> None:
    """dPG/dz by a difference, squared, times the line's variance, on top of the variance at the fixed line."""
    last_year = table.assign(y=table["y"] * 1.1).sample(300, random_state=1)
    line = p.relative_line(last_year, "y", design=DESIGN).from_another_sample()
    fixed = p.poverty_gap(table, "y", float(line), design=DESIGN)
    moved = p.poverty_gap(table, "y", line, design=DESIGN)
    step = 1e-5 * line.value
    up, down = (p.poverty_gap(table, "y", line.value + s).definition.line for s in (step, -step))
    assert up is not None and down is not None  # noqa: PT018
    slope = (
        p.poverty_gap(table, "y", up, design=DESIGN).estimate.iloc[0]
        - p.poverty_gap(table, "y", down, design=DESIGN).estimate.iloc[0]
    ) / (2 * step)
    expected = np.sqrt(fixed.se.iloc[0] ** 2 + (slope * line.se) ** 2)
    assert moved.se.iloc[0] == pytest.approx(expected, rel=1e-3)
    assert moved.se.iloc[0] > fixed.se.iloc[0]
    assert "independent sample" in moved.explain("en")


def test_the_number_alone_is_known_without_error(table: pd.DataFrame) -> None:
    line = p.relative_line(table, "y", design=DESIGN)
    known, moved = (p.headcount(table, "y", z, design=DESIGN) for z in (float(line), line))
    assert known.estimate.iloc[0] == moved.estimate.iloc[0]
    assert known.se.iloc[0] != moved.se.iloc[0]
    assert known.definition.origin is None
    assert moved.definition.origin is line


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"design": Design(weights="w")}, "design="),
        ({"size": "s"}, "size="),
        ({"welfare": "w"}, "welfare="),
    ],
)
def test_lines_of_another_question_are_refused(table: pd.DataFrame, change: dict[str, Any], words: str) -> None:
    line = p.relative_line(table, "y", design=DESIGN)
    asked: dict[str, Any] = {"welfare": "y", "design": DESIGN} | change
    with pytest.raises(OptionError, match=f"estimated with {words}"):
        p.headcount(table, line=line, **asked)


def test_lines_of_other_rows_are_refused(table: pd.DataFrame) -> None:
    line = p.relative_line(table, "y", design=DESIGN)
    part = table[table["g"] == "a"]
    with pytest.raises(OptionError, match=r"other rows.*by= for groups"):
        p.headcount(part, "y", line, design=DESIGN)
    whole = p.headcount(table, "y", line, design=DESIGN, by="g")
    own = p.headcount(part, "y", float(line), design=DESIGN)
    assert whole.estimate["a"] == pytest.approx(own.estimate.iloc[0], rel=1e-12)
    resampled = DESIGN.bootstrap(50)
    with pytest.raises(OptionError, match="estimated with design"):
        p.headcount(table, "y", line, design=resampled)


def test_bad_options_are_refused(table: pd.DataFrame) -> None:
    with pytest.raises(OptionError, match="of='mode'"):
        p.relative_line(table, "y", of="mode")  # type: ignore[arg-type]
    for share in (0, -1, np.nan, True, "0.6"):
        with pytest.raises(OptionError, match="share="):
            p.relative_line(table, "y", share)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="must be above 0"):
        p.relative_line(table.assign(y=-table["y"]), "y")
    with pytest.raises(OptionError, match="one number above 0"):
        p.headcount(table, "y", np.array([1.0]))  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_line_says_what_it_is(table: pd.DataFrame, lang: str) -> None:
    for of in ("median", "mean"):
        line = ps.relative_line(table, "y", 0.5, of, design=DESIGN)
        for words in (line.explain(lang), str(line.summary(lang)), line.describe(lang), line._repr_html_()):
            assert "{" not in words
            assert not re.search(r"\bnan\b|None", words)
        assert "50" in line.describe(lang)
        tidy = line.tidy()
        assert tidy["estimate"].iloc[0] == line.value
        assert tidy["se"].iloc[0] == line.se
        told = ps.headcount(table, "y", line, design=DESIGN)
        assert line.describe(lang) in told.explain(lang)
        assert line.describe(lang) in str(told.summary(lang))
