"""Codes and their labels: which values count as missing, and what answers become."""

import re
from collections.abc import Mapping
from dataclasses import replace

from povstats.errors import DataError
from povstats.reading.recipe_levels import Levels, Value, as_text, by_value, matching, shown
from povstats.reading.recipe_open import Opened
from povstats.reading.recipe_parts import Code, Plain, Source
from povstats.reading.recipe_report import Step
from povstats.reading.recipe_strict import folded, hint

NO_ANSWER = re.compile(
    r"不知道|不清楚|不了解|说不清|说不准|拒绝|拒答|不适用|未回答|未作答|无回答|缺失|漏答|无法判断|"
    r"don'?t know|do not know|refus|not applicable|no answer|missing|\bn/?a\b|unknown|cannot say",
    re.IGNORECASE,
)
"""Labels that no number has."""


def missing_steps(source: Source, opened: Opened, levels: Levels, column: str) -> tuple[list[bool], list[Step]]:
    """Mark the values that count as missing, once their labels are those expected."""
    labels = by_value(opened.values.get(source.column, {}))
    present = set(levels.seen)
    found: dict[Code, tuple[Value, ...]] = {}
    checked = set()
    for code, expected in source.missing:
        values = matching(code)
        occurs = any(value in present for value in values)
        checked.add(_check_label(source, opened, code, expected, labels, occurs))
        if occurs or code in source.named:
            found[code] = values
    for label in source.missing_labels:
        codes = [value for value, told in labels.items() if told == label]
        if not codes:
            near = hint(label, dict.fromkeys(labels.values()))
            raise DataError(f"{opened.where(source.column)} has no value labelled {label!r}{near}")
        checked.add("missing")
        found |= {value: (value,) for value in codes if value in present}
    found |= _file_missing(source, opened, levels, found)
    steps = _blank_in_file(source, opened, column)
    out = {value for values in found.values() for value in values}
    gone = [value in out for value in levels.seen]
    if found:
        how = next((kind for kind in ("missing_unchecked", "missing") if kind in checked), "missing_plain")
        step = Step(kind=how, column=column, source=source.column, rows=len(levels.place))
        steps.append(_missing_step(levels, found, gone, labels, step))
    return gone, steps


def _missing_step(
    levels: Levels,
    found: Mapping[Code, tuple[Value, ...]],
    gone: list[bool],
    labels: Mapping[Value, str],
    step: Step,
) -> Step:
    """Tell how often each code occurs, and which do not."""
    counts = {code: levels.count(v in values for v in levels.seen) for code, values in found.items()}
    # 99 and "99" are the same code.
    told = {as_text(code): f"{as_text(code)}{_in_brackets(_label_of(code, labels))}: {n}" for code, n in counts.items()}
    if not any(gone):
        return replace(step, kind="missing_idle", facts={"codes": tuple(told)})
    return replace(step, missing=levels.count(gone), facts={"codes": tuple(told)}, examples=tuple(told.values()))


def _label_of(code: Code, labels: Mapping[Value, str]) -> str | None:
    return next((labels[value] for value in matching(code) if value in labels), None)


def _in_brackets(label: str | None) -> str:
    return f" ({label})" if label else ""


def _check_label(
    source: Source,
    opened: Opened,
    code: Code,
    expected: tuple[str | None, ...],
    labels: Mapping[Value, str],
    occurs: bool,
) -> str:
    """Refuse a missing code whose label in the file is another; tell how the step is to be told."""
    found = _label_of(code, labels) or None
    if found is None and not (opened.labelled and occurs):
        return "missing_unchecked" if occurs and expected != (None,) else "missing_plain"
    if found in expected:
        return "missing" if found is not None and occurs else "missing_plain"
    wanted = " or ".join("no label" if one is None else repr(one) for one in expected)
    alike = [one for one in expected if found is not None and one is not None and folded(one) == folded(found)]
    told = "has no label in the file" if found is None else f"is labelled {found!r} in the file"
    why = "; they differ in spaces, case or full-width signs only" if alike else ""
    remedy = f"{as_text(code)}: {'null' if found is None else found}"
    raise DataError(
        f"{opened.where(source.column)}: code {as_text(code)} {told}, and the recipe expects {wanted}{why}; if it "
        f"counts as missing there, write missing: {{{remedy}}} at this column, if not, missing: none"
    )


def _file_missing(
    source: Source, opened: Opened, levels: Levels, found: Mapping[Code, tuple[Value, ...]]
) -> dict[Code, tuple[Value, ...]]:
    """Take the codes that the file declares missing, or refuse those that the recipe passes over."""
    named = {value for values in found.values() for value in values}
    named |= {value for key, _ in source.recode for value in matching(key)}
    declared: dict[Code, tuple[Value, ...]] = {}
    for code in opened.missing.get(source.column, {}):
        values = matching(code)
        if any(value in levels.seen and value not in named for value in values):
            declared[code] = values
    if declared and not source.file_missing:
        words = opened.missing[source.column]
        told = ", ".join(f"{as_text(code)}{_in_brackets(words[code])}" for code in declared)
        raise DataError(
            f"{opened.where(source.column)}: the file itself declares {told} missing; say file_missing: yes, or name "
            "the codes under missing or in recode"
        )
    return declared


def _blank_in_file(source: Source, opened: Opened, column: str) -> list[Step]:
    """Tell what the file stores as missing by code, such as Stata's .a, which is missing already."""
    stored = opened.missing_at.get(source.column)
    if stored is None:
        return []
    here = stored[stored.index.isin(opened.rows)].value_counts().sort_index()
    words = opened.missing.get(source.column, {})
    told = tuple(f"{code}{_in_brackets(words.get(code))}: {count}" for code, count in here.items())
    return [Step(kind="file_blank", column=column, source=source.column, rows=len(opened.rows), examples=told)]


def recoded(source: Source, opened: Opened, levels: Levels, column: str) -> tuple[Levels, Step]:
    """Give answers their new values, by label or code.

    Raises
    ------
    DataError
        Where a value is named by no rule, or a word is the label of one code and the value of another.
    """
    labels = by_value(opened.values.get(source.column, {}))
    new: dict[Value, Plain] = {}
    idle = []
    for key, value in source.recode:
        values = _values_of(key, source, opened, labels, levels)
        if not any(one in levels.seen for one in values):
            idle.append(as_text(key))
        for one in values:
            if new.get(one, value) != value:
                raise DataError(
                    f"{opened.where(source.column)}: recode gives {one!r} two values, {new[one]!r} and {value!r}"
                )
            new[one] = value
    bare = [value is not None and value not in new for value in levels.seen]
    if any(bare) and source.others == "refuse":
        told = [
            f"{_answer(v, labels)} ({n} rows)"
            for v, n, out in zip(levels.seen, levels.counts, bare, strict=True)
            if out
        ]
        keys = dict.fromkeys([*map(str, levels.seen), *labels.values()])
        near = "; ".join(f"{key!r}{hint(key, keys)}" for key in idle)
        raise DataError(
            f"{opened.where(source.column)}: recode names no value for {'; '.join(told[:10])}"
            f"{' …' if len(told) > 10 else ''}{f'; it names {near}, which do not occur' if near else ''}; name them "
            "there, with null for missing, or say others: missing or others: keep"
        )
    rest = [None if source.others == "missing" else value for value in levels.seen]
    made = [new.get(v, r) if v is not None else None for v, r in zip(levels.seen, rest, strict=True)]
    lost = [m is None and v is not None for v, m in zip(levels.seen, made, strict=True)]
    moved = [m is not None and m != v for v, m in zip(levels.seen, made, strict=True)]
    pairs = [f"{_answer(v, labels)} → {m}" for v, m in zip(levels.seen, made, strict=True) if v is not None]
    step = Step(
        kind="recode_idle" if idle else "recode",
        column=column,
        source=source.column,
        rows=len(levels.place),
        changed=levels.count(moved),
        missing=levels.count(lost),
        facts={"idle": tuple(idle)} if idle else {},
        examples=tuple(sorted(pairs)[:12]),
    )
    return replace(levels, seen=made), step


def _answer(value: Value | None, labels: Mapping[Value, str]) -> str:
    label = labels.get(value) if value is not None else None
    return f"{as_text(value)} {label}" if label and value is not None else repr(value)


def _values_of(
    key: Code, source: Source, opened: Opened, labels: Mapping[Value, str], levels: Levels
) -> tuple[Value, ...]:
    """Find the values that a label or code stands for."""
    codes = matching(key)
    as_code = any(value in levels.seen or value in labels for value in codes)
    by_label = tuple(value for value, label in labels.items() if label == key)
    if as_code and by_label and not set(by_label) <= set(codes):
        raise DataError(
            f"{opened.where(source.column)}: {key!r} is the label of {shown(by_label)} and a code itself; recode by "
            "codes"
        )
    return by_label or codes


def absent_labels(source: Source, opened: Opened, levels: Levels) -> None:
    """Refuse a number whose label says that there was no answer."""
    labels = by_value(opened.values.get(source.column, {}))
    odd = [value in labels and NO_ANSWER.search(labels[value]) is not None for value in levels.seen]
    if any(odd):
        told = ", ".join(_answer(value, labels) for value, out in zip(levels.seen, odd, strict=True) if out)
        raise DataError(
            f"{opened.where(source.column)} would take {told} for a number ({levels.count(odd)} rows from 0: "
            f"{opened.positions(levels.first_rows(odd))} …); name the code under missing, or recode it"
        )
