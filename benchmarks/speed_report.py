"""The benchmark's page and charts, from its numbers."""

from pathlib import Path
from statistics import median
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

GOALS = {
    "440 / 44": {"lmer": 3, "fastest Python peer": 1},
    "100k / 2,000": {"lmer": 150, "fastest Python peer": 6},
    "1M / 9,000": {"lmer": 300, "fastest Python peer": 10},
    "100k / 2,000 / 100, intercepts": {"lmer": 100, "fastest Python peer": 4},
    "100k / 2,000 / 100, slopes": {"lmer": 200, "fastest Python peer": 10},
}
"""How many times faster than each we set out to be."""
COLOURS = {"povstats": "#0b6e4f", "lmer": "#b03a2e", "mixedlm-rs": "#2e5c8a", "mixedlm": "#8a6d3b"}


def report(found: dict[str, Any], folder: Path) -> None:
    """Write speed.md and its charts."""
    lines = [
        "# Speed",
        "",
        f"Synthetic surveys, 11 fixed effects, one run on one machine of {found['cores']} cores. Seconds: warm "
        "(median) and beside it cold (a fresh process, import included, data read). Ratios are peer / povstats, warm, "
        "in the same run. A wrong answer is not raced. Our time: from the call on a pandas frame to standard errors, "
        "log-likelihood and Satterthwaite's degrees of freedom; lmer's and nlme's: the fit alone, lmer's without "
        "derivatives (calc.derivs = FALSE). What each does, and how answers are judged: `benchmarks/fit_speed.py`.",
        "",
        "| case | | warm | cold | ratio | answer |",
        "|---|---|---|---|---|---|",
    ]
    goals = []
    for case in found["cases"]:
        right = {}
        own = f"held against {case['reference']}" if case["reference"] != "povstats" else "the reference"
        lines.append(
            f"| {case['case']} | **povstats** {found['versions']['povstats']} | {case['povstats_seconds']:.3g} | "
            f"{case['cold']['seconds']:.2f} | 1 | {case['povstats_wrong'] or own} |"
        )
        for name, row in case["peers"].items():
            verdict = row.get("error") or (f"wrong: {row['wrong']}" if row.get("wrong") else "right")
            ratio = f"{row['ratio']:.1f}" if verdict == "right" else "not raced"
            if verdict == "right":
                right[name] = row["ratio"]
            warm = f"{median(row['seconds']):.3g} | {row['cold']:.2f}" if "seconds" in row else " | "
            lines.append(f"| | {name} {row.get('version', '')} | {warm} | {ratio} | {verdict} |")
        python = [ratio for name, ratio in right.items() if name not in ("lmer", "nlme")]
        for goal, wanted in GOALS[case["case"]].items():
            reached = right.get("lmer") if goal == "lmer" else min(python, default=None)
            goals.append((case["case"], f"{wanted} × {goal}", reached, wanted))
    extras = found["extras"]
    goals.append(("1,000 bootstrap refits, 440 / 44", "100 × bootMer", extras.get("bootstrap_ratio"), 100))
    lines += ["", "| figure | wanted | reached | |", "|---|---|---|---|"]
    for name, wanted, reached, least in goals:
        told = "not raced" if reached is None else f"{reached:.1f}"
        met = "" if reached is None else "met" if reached >= least else f"short by a factor of {least / reached:.1f}"
        lines.append(f"| {name} | {wanted} | {told} | {met} |")
    search = next(case for case in found["cases"] if case["case"] == "440 / 44")["optimisation_seconds"]
    lines.append(
        f"| search alone, 440 / 44 | below 1 ms | {1000 * search:.2f} ms | {'met' if search < 1e-3 else 'missed'} |"
    )
    cost = extras["kenward_roger_cost"]
    lines.append(f"| Kenward–Roger, 100k / 2,000 | below 20 fits | {cost:.1f} | {'met' if cost < 20 else 'missed'} |")
    for case in found["cases"]:
        if case["rows"] >= 1_000_000 and "extra_mb" in case["peers"].get("lmer", {}):
            own, theirs = case["warm_process"]["extra_mb"], case["peers"]["lmer"]["extra_mb"]
            verdict = "met" if own <= theirs / 10 else "missed"
            lines.append(f"| extra memory, 1M / 9,000 | a tenth of lmer's | {own:.0f} of {theirs:.0f} MB | {verdict} |")
    draws = f"1,000 refits take us {extras['bootstrap_1000_seconds']:.2f} s"
    if "bootMer_1000_seconds" in extras:
        draws += f"; bootMer {extras['bootMer_1000_seconds']:.0f} s, scaled up from {extras['bootMer_timed_on']}"
    lines += ["", f"{draws}. Extra memory is the peak of the resident set in the fit above what was held before it."]
    if found["load"] > 0.5:
        lines.append(f"The machine was busy when the run began (load {found['load']:.1f}): times are uncertain.")
    lines += [f"Not raced for want of {name}." for name in found["missing"]]
    lines += ["", "![time against rows](speed_rows.png)", "", "![time against villages](speed_villages.png)", ""]
    (folder / "speed.md").write_text("\n".join(lines), encoding="utf-8")
    for axis in ("rows", "villages"):
        chart([point for point in found["grid"] if point["axis"] == axis], axis, folder / f"speed_{axis}.png")
    print("\n".join(lines))


def chart(points: list[dict[str, Any]], axis: str, path: Path) -> None:
    """Draw seconds against rows or villages, on logarithmic scales."""
    figure, ax = plt.subplots(figsize=(6.4, 4.0), layout="constrained")
    ends = {}
    for name, colour in COLOURS.items():
        known = [(point[axis], point[name]) for point in points if point.get(name)]
        if known:
            ax.plot(*zip(*known, strict=True), marker="o", color=colour, lw=1.8, ms=4)
            ends[name] = known[-1]
    ax.set(xscale="log", yscale="log", xlabel=axis, ylabel="seconds")
    fixed = "50 rows a village" if axis == "rows" else "100,000 rows"
    ax.set_title(
        f"Time of a fit: 11 fixed effects, random intercept and slope, {fixed} (synthetic)", fontsize=9, loc="left"
    )
    ax.margins(x=0.18)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(True, which="major", color="#e5e5e5", lw=0.6)
    figure.draw_without_rendering()
    below = float("-inf")
    for name, end in sorted(ends.items(), key=lambda item: item[1][1]):
        height = float(ax.transData.transform(end)[1]) * 72 / figure.dpi
        place = max(height, below + 11)  # names of lines that end together stand one above the other
        style = {"va": "center", "color": COLOURS[name], "fontsize": 9}
        ax.annotate(name, end, xytext=(6, place - height), textcoords="offset points", **style)
        below = place
    figure.savefig(path, dpi=130)
    plt.close(figure)
