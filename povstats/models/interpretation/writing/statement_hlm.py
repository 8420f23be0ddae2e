"""The model as it is set up in the program HLM, in words and in its own equations."""

from typing import TYPE_CHECKING

from povstats.engine.cells import Product
from povstats.models.interpretation.writing.equation_parts import Addend, Equation, System, system
from povstats.models.interpretation.writing.equation_writing import symbol
from povstats.models.interpretation.writing.statement_parts import Statement, bars
from povstats.models.notes import Note
from povstats.words import Lang, say

if TYPE_CHECKING:
    from povstats.models.result import HLMResult

MODULES = {2: "HLM2", 3: "HLM3", 4: "HLM4"}


def hlm(fit: "HLMResult", lang: Lang) -> Statement:
    """Set the model up in HLM. Not run here."""
    parts = system(fit)
    crossed = len(parts.stages[0]) > 1
    refused = _refused(fit, parts)
    if refused is not None:
        return Statement("hlm", "", (refused,))
    module = "HCM2" if crossed else MODULES[len(parts.stages) + 1]
    lines = [say("statements.hlm_module", lang, module=module), *_files(fit, parts, lang), *_columns(fit, parts, lang)]
    for number, level in enumerate(parts.levels, start=1):
        lines.append(say("statements.hlm_level", lang, number=number))
        lines += [f"  {_line(equation, fit.model.response)}" for equation in level]
    fixed = [
        symbol(one.left, tex=False)
        for level in parts.levels[1:]
        for one in level
        if one.left and not _random(one, parts)
    ]
    if fixed:
        lines.append(say("statements.hlm_fixed", lang, names=", ".join(fixed)))
    lines.append(say(f"statements.hlm_{fit.method}", lang))
    if fit.weights.sampling:
        columns = [f"{name}: {column}" for name, column in fit.weights.levels.items()]
        columns += [f"{parts.residual.letter}: {fit.weights.rows}"] if fit.weights.rows is not None else []
        lines.append(say("statements.hlm_weights", lang, columns=", ".join(columns)))
    notes = [Note("statements.not_run"), Note("statements.hlm_dof")]
    if len(parts.stages) > 1 or crossed:
        notes.append(Note("statements.hlm_upper"))
    return Statement("hlm", "\n".join(lines), tuple(notes))


def _refused(fit: "HLMResult", parts: System) -> Note | None:
    """Tell what HLM has no place for."""
    found = bars(fit)
    names = [bar.name for bar in found]
    if fit.weights.precision:
        return Note("statements.hlm_precision")
    if len(parts.stages) > 3 or len(parts.stages[0]) > 2:
        return Note("statements.hlm_levels")
    if any(len(bar.columns) > 1 and not bar.correlated for bar in found) or len(set(names)) < len(names):
        return Note("statements.hlm_covariances")
    if any(part.pieces for one in parts.levels[1:] for e in one for part in e.right if part.symbol in _effects(parts)):
        return Note("statements.hlm_within_level")
    return None


def _effects(parts: System) -> list[object]:
    return [s for one in parts.effects for s in one.symbols]


def _random(equation: Equation, parts: System) -> bool:
    return any(part.symbol in _effects(parts) for part in equation.right)


def _files(fit: "HLMResult", parts: System, lang: Lang) -> list[str]:
    """Say which columns each level's file holds."""
    groupings = [name for stage in parts.stages for name in stage]
    rows = [fit.model.response, *(p for p, index in parts.index.items() if "i" in index and p != fit.model.response)]
    lines = [say("statements.hlm_file", lang, number=1, columns=", ".join([*groupings, *rows]))]
    for number, stage in enumerate(parts.stages, start=2):
        above = [name for later in parts.stages[number - 2 :] for name in later]
        own = [p for p in parts.index if _stage_of(parts, p) == number]
        columns = ", ".join([*(above if len(stage) == 1 else stage), *own])
        lines.append(say("statements.hlm_file", lang, number=number, columns=columns))
    return lines


def _stage_of(parts: System, piece: str) -> int:
    """Give the level (from 1) at whose equations a predictor stands."""
    for number, level in enumerate(parts.levels, start=1):
        if any(piece in part.pieces for equation in level for part in equation.right):
            return number
    return 1


def _columns(fit: "HLMResult", parts: System, lang: Lang) -> list[str]:
    """Say which columns must be made first: functions, indicators, and products within one level."""
    odd = [
        piece
        for factor in fit.model.factors.values()
        for piece in factor.pieces
        if piece not in factor.columns and piece in parts.index
    ]
    products: dict[Product, None] = {}
    for level in parts.levels:
        for equation in level:
            products |= {part.pieces: None for part in equation.right if len(part.pieces) > 1}
    made = [*odd, *("*".join(pieces) for pieces in products)]
    lines = [say("statements.hlm_make", lang, columns=", ".join(made))] if made else []
    centred = [text for text in fit.model.factors if text.startswith(("within(", "center("))]
    if centred:
        lines.append(say("statements.hlm_centring", lang, columns=", ".join(centred)))
    return lines


def _line(equation: Equation, outcome: str) -> str:
    """Write an equation as HLM shows it: β0j = γ00 + γ01*(W) + u0j."""
    left = outcome if equation.left is None else symbol(equation.left, tex=False)
    return f"{left} = " + " + ".join(_addend(part) for part in equation.right)


def _addend(part: Addend) -> str:
    said = symbol(part.symbol, tex=False)
    return f"{said}*({'*'.join(part.pieces)})" if part.pieces else said
