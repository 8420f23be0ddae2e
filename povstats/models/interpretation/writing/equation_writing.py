"""Equations as LaTeX and as plain text, in a reader's own words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from povstats.engine.cells import Product
from povstats.models.interpretation.writing.equation_parts import Addend, Effects, Equation, Symbol, System
from povstats.printing import width

GREEK = {
    "β": r"\beta", "γ": r"\gamma", "π": r"\pi", "ψ": r"\psi", "λ": r"\lambda", "ω": r"\omega", "ε": r"\varepsilon",
    "ζ": r"\zeta", "τ": r"\tau", "σ": r"\sigma",
}  # fmt: skip
_TEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip
LINE = 84
"""Signs of the plain text beyond which LaTeX begins a new line: what an upright page of a journal holds."""
MANY = 3
"""Indicators of one factor beyond which only the first and the last are written."""


@dataclass(frozen=True)
class Writing:
    """What is written, in whose words, with which weights.

    Attributes
    ----------
    system : the equations. outcome : the outcome's piece. labels : words for predictors and groupings.
    kinds : the factor of each indicator. precision : a column by which the rows' variance is divided, or None.
    """

    system: System
    outcome: str
    labels: Mapping[str, str]
    kinds: Mapping[str, str]
    precision: str | None

    def name(self, piece: str) -> str:
        """Give the words for a piece: the reader's, by its own name or that of its coefficient."""
        contrast = re.sub(r"\[(?=[^\[]*\]$)", "[T.", piece)
        return self.labels.get(piece, self.labels.get(contrast, piece))

    def equation(self, one: Equation, *, tex: bool) -> str:
        """Write one equation."""
        left = self._piece(self.outcome, tex=tex) if one.left is None else symbol(one.left, tex=tex)
        out = left + (" &= " if tex else " = ")
        start = used = width(self._piece(self.outcome, tex=False) if one.left is None else symbol(one.left, tex=False))
        for turn, part in enumerate(self._shortened(one.right)):
            written = (r"\cdots" if tex else "…") if part is None else self._addend(part, tex=tex)
            signs = 3 + (1 if part is None else width(self._addend(part, tex=False)))
            broken = tex and used > start and used + signs > LINE
            used = (start if broken else used) + signs
            out += (r" \\ &\quad + " if broken else " + " if turn else "") + written
        return out

    def _addend(self, part: Addend, *, tex: bool) -> str:
        # The rows' own predictors first: they are the ones whose slope the others explain.
        pieces = sorted(part.pieces, key=lambda piece: -len(self.system.index[piece]))
        factors = [symbol(part.symbol, tex=tex), *(self._piece(piece, tex=tex) for piece in pieces)]
        return r"\,".join(factors) if tex else "·".join(factors)

    def _piece(self, piece: str, *, tex: bool) -> str:
        index, words = self.system.index[piece], self.name(piece)
        if tex:
            return rf"\text{{{escaped(words)}}}_{{{index}}}"
        return f"{words}_{index}"

    def _shortened(self, parts: tuple[Addend, ...]) -> list[Addend | None]:
        """Leave out the middle of many indicators of one factor: None stands for it."""
        out: list[Addend | None] = []
        runs: list[list[Addend]] = []
        for part in parts:
            same = runs and self._kind(part.pieces) and self._kind(runs[-1][-1].pieces) == self._kind(part.pieces)
            if same:
                runs[-1].append(part)
            else:
                runs.append([part])
        for run in runs:
            out += run if len(run) <= MANY else [run[0], None, run[-1]]
        return out

    def _kind(self, pieces: Product) -> tuple[str, ...]:
        """Name the factors and other predictors of a product; () where it has no factor."""
        names = tuple(sorted(self.kinds.get(piece, piece) for piece in pieces))
        return names if any(piece in self.kinds for piece in pieces) else ()

    def residual(self, *, tex: bool) -> str:
        """Write the distribution of the rows' residual."""
        variance = r"\sigma^2" if tex else "σ²"
        if self.precision is not None:
            words = escaped(self.name(self.precision)) if tex else self.name(self.precision)
            rows = self.system.residual.index
            variance += rf"/\text{{{words}}}_{{{rows}}}" if tex else f"/{words}_{rows}"
        one = symbol(self.system.residual, tex=tex)
        return rf"{one} &\sim N\left(0,\ {variance}\right)" if tex else f"{one} ~ N(0, {variance})"

    def distribution(self, one: Effects, *, tex: bool) -> str:
        """Write the distribution of effects that go together."""
        names = [symbol(s, tex=tex) for s in one.symbols]
        taus = [[symbol(self.tau(one, i, j), tex=tex) for j in range(len(names))] for i in range(len(names))]
        if len(names) == 1:
            return rf"{names[0]} &\sim N\left(0,\ {taus[0][0]}\right)" if tex else f"{names[0]} ~ N(0, {taus[0][0]})"
        if tex:
            rows = r" \\ ".join(" & ".join(row) for row in taus)
            vector = r" \\ ".join(names)
            return (
                rf"\begin{{pmatrix}} {vector} \end{{pmatrix}} &\sim N\left(\mathbf{{0}},\ "
                rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}\right)"
            )
        matrix = "; ".join(" ".join(row) for row in taus)
        return f"({', '.join(names)}) ~ N(0, [{matrix}])"

    def tau(self, one: Effects, i: int, j: int) -> Symbol:
        """Give the symbol of the covariance of two effects of a set, numbered as the effects are."""
        groups = [group for stage in self.system.stages for group in stage]
        mine = [s for other in self.system.effects if other.group == one.group for s in other.symbols]
        i, j = min(i, j), max(i, j)
        digits = [symbol.digits for symbol in (one.symbols[i], one.symbols[j])]
        if any(len(symbol.digits) != 1 for symbol in mine):
            digits = [(mine.index(symbol),) for symbol in (one.symbols[i], one.symbols[j])]
        over = "" if len(groups) == 1 else one.symbols[0].index[0]
        return Symbol("τ", (*digits[0], *digits[1]), over)


def symbol(one: Symbol, *, tex: bool) -> str:
    """Write a symbol with its numbers and indices; the covariance τ carries its grouping as a superscript."""
    wide = any(digit > 9 for digit in one.digits)
    digits = ("," if wide else "").join(map(str, one.digits))
    over = ""
    if one.letter == "τ":
        over = one.index and (rf"^{{({one.index})}}" if tex else f"({one.index})")
        index = digits
    else:
        index = digits + ("," if wide and one.index else "") + one.index
    letter = GREEK.get(one.letter, one.letter) if tex else one.letter
    if not index:
        return letter + over
    return f"{letter}_{{{index}}}{over}" if tex else f"{letter}{over}_{index}"


def escaped(text: str) -> str:
    """Escape what LaTeX would read as a command."""
    return "".join(_TEX.get(sign, sign) for sign in text)


def unescaped(tex: str) -> str:
    """Take the escapes of `escaped` back."""
    signs = {code: sign for sign, code in _TEX.items()}
    return re.sub("|".join(re.escape(code) for code in _TEX.values()), lambda found: signs[found[0]], tex)
