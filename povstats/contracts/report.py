"""What a check answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

import pandas as pd

from povstats.contracts.column import Contract, Violation
from povstats.contracts.explained import paragraph
from povstats.contracts.tidy import tidy_frame
from povstats.errors import ContractError
from povstats.words import language, say


@dataclass(frozen=True)
class CheckReport:
    """Every breach of a contract by a table.

    `rows` is the number of rows read; `violations` are in the order of the contract's columns. `columns` are those
    looked at: all that must be there, and the others that are. `names` gives the caller's own columns behind a
    contract's column, where a recipe was applied.
    """

    contract: Contract
    rows: int
    violations: tuple[Violation, ...]
    columns: tuple[str, ...]
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the table keeps its contract."""
        return not self.violations

    def to_frame(self, lang: str | None = None) -> pd.DataFrame:
        """Give one row a breach, with headings and words in `lang`: what is broken, where, what to do."""
        lang = lang or language()
        heads = [say(f"contracts.{head}", lang) for head in ("column", "breach", "count", "rows", "examples", "remedy")]
        lines = [
            (
                self.subject(broken.column, lang),
                broken.describe(lang),
                broken.count,
                ", ".join(map(str, broken.rows)),
                ", ".join(map(repr, broken.examples)),
                broken.remedy(lang),
            )
            for broken in self.violations
        ]
        return pd.DataFrame(lines, columns=heads)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: measure "breach" (group = column, term = rule) and "nobs"."""
        return tidy_frame(
            [
                *(
                    {
                        "measure": "breach",
                        "group": broken.column,
                        "term": broken.rule,
                        "estimate": broken.count,
                    }
                    for broken in self.violations
                ),
                {"measure": "nobs", "estimate": self.rows},
            ]
        )

    def summary(self, lang: str | None = None) -> str:
        """Tell the result in words, one line a breach."""
        lang = lang or language()
        facts = {
            "contract": self.contract.name,
            "rows": f"{self.rows:,}",
            "columns": len(self.columns),
        }
        if self.ok:
            return say("contracts.kept", lang, **facts)
        lines = [say("contracts.broken", lang, number=len(self.violations), **facts)]
        return "\n".join(
            [*lines, *(_line(broken, self.subject(broken.column, lang), lang) for broken in self.violations)]
        )

    def subject(self, column: str, lang: str) -> str:
        """Name a column as the caller does, with the contract's name in brackets."""
        own = self.names.get(column, ())
        if not own or own == (column,):
            return column
        return say("contracts.own_name", lang, own=" + ".join(own), name=column)

    def explain(self, lang: str | None = None) -> str:
        """Give the paragraph that tells what was looked at and what was found, in "zh" or "en"."""
        return paragraph(self, lang or language())

    def raise_if_broken(self) -> None:
        """Refuse a table that breaks its contract.

        Raises
        ------
        ContractError
            With the whole summary in English, as all messages of errors are.
        """
        if not self.ok:
            raise ContractError(self.summary("en"))

    def __repr__(self) -> str:
        """Print as the summary."""
        return self.summary()

    def _repr_html_(self) -> str:
        lang = language()
        first = self.summary(lang).splitlines()[0]
        return f"<p>{escape(first)}</p>" + ("" if self.ok else self.to_frame(lang).to_html(index=False))


def _line(broken: Violation, column: str, lang: str) -> str:
    """Tell one breach of a column, named as the reader does."""
    subject = column or say("contracts.table", lang)
    says = {"subject": subject, "what": broken.describe(lang), "remedy": broken.remedy(lang)}
    if broken.rule in ("absent", "empty"):
        return say("contracts.line_plain", lang, **says)
    examples = ", ".join(map(repr, broken.examples))
    if broken.rule == "not_constant":
        return say("contracts.line_groups", lang, count=f"{broken.count:,}", examples=examples, **says)
    rows = ", ".join(map(str, broken.rows))
    return say("contracts.line_rows", lang, count=f"{broken.count:,}", examples=examples, rows=rows, **says)
