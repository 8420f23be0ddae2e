"""Templates: the empty files with which a survey is recorded so that it keeps a contract."""

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import pandas as pd

from povstats.contracts import Contract, find_contract, tidy_frame
from povstats.errors import OptionError
from povstats.printing import Grid, Printed, Summary
from povstats.reading.blank_recipe import contract_text, is_own, recipe_text
from povstats.reading.blank_sheets import codebook_book, columns_of, entry_book, stem
from povstats.words import LANGUAGES, language, say


@dataclass(frozen=True, eq=False, repr=False)
class Template(Printed):
    """The empty files of a contract.

    Attributes
    ----------
    contract : whose columns they have.
    folder : where they lie.
    files : {what it is: path}; "csv" (the contract's own names), "sheet_zh" and "sheet_en" (workbooks with headings
        in words), "recipe_zh" and "recipe_en" (from those headings to the contract), "codebook", and "contract"
        where it is not one of povstats' own.
    """

    contract: Contract
    folder: Path
    files: Mapping[str, Path]

    def codebook(self, lang: str | None = None) -> pd.DataFrame:
        """Give the codebook: a row a column, with headings and words in "zh" or "en"."""
        lang = lang or language()
        frame = columns_of(self.contract, lang)
        return frame.set_axis([say(f"template.head_{name}", lang) for name in frame.columns], axis=1)

    def tidy(self) -> pd.DataFrame:
        """Give the nine-column frame: "columns" and "required" (how many), and the range of each column (term)."""
        columns = self.contract.columns
        ranges: list[dict[str, object]] = [
            {"measure": "range", "term": one.name, "low": one.low, "high": one.high}
            for one in columns
            if one.low is not None or one.high is not None
        ]
        counts = {"columns": len(columns), "required": sum(one.required for one in columns)}
        return tidy_frame([*({"measure": name, "estimate": count} for name, count in counts.items()), *ranges])

    def summary(self, lang: str | None = None) -> Summary:
        """Print which file is what, in "zh" or "en"."""
        lang = lang or language()
        rows = tuple((path.name, say(f"template.file_{what}", lang)) for what, path in self.files.items())
        title = say("template.title", lang, contract=self.contract.name, folder=self.folder)
        note = say("template.note", lang, sheet=self.files["sheet_zh"], recipe=self.files["recipe_zh"])
        return Summary((Grid(title, (), rows, (note,), words=2),))

    def explain(self, lang: str | None = None) -> str:
        """Give the paragraph that tells what the files ask for, in "zh" or "en"."""
        lang = lang or language()
        contract, joint = self.contract, say("template.and_joint", lang)
        facts = {
            "contract": contract.name,
            "columns": len(contract.columns),
            "required": sum(one.required for one in contract.columns),
        }
        told = [say("template.explain_lead", lang, **facts)]
        gaps = [one.name for one in contract.columns if one.required and not one.missing]
        told.append(say("template.explain_gaps", lang, names=joint.join(gaps)))
        if contract.unique:
            told.append(say("template.explain_unique", lang, names=joint.join(contract.unique)))
        if contract.constant_within:
            pairs = [say("template.pair", lang, name=c, group=g) for c, g in contract.constant_within.items()]
            told.append(say("template.explain_within", lang, pairs=joint.join(pairs)))
        told.append(say("template.explain_files", lang))
        return say("template.sentence_joint", lang).join(told)


def template(contract: "str | PathLike[str] | Contract", folder: "str | PathLike[str]") -> Template:
    """Write the empty files with which a survey is recorded so that it keeps a contract.

    A table of the contract's own names (.csv); a workbook for entry with Chinese headings and one with English ones,
    each with the recipe that turns it into the contract's table; and a codebook in both languages. An entry outside
    the contract's range is warned of by the workbook itself.

    Parameters
    ----------
    contract : a Contract, the name of one of povstats' own ("guizhou"), or the path of a .yaml file.
    folder : where the files go; it is made where it is not there.

    Returns
    -------
    Template
        The paths, and the codebook as a frame.

    Raises
    ------
    ContractError
        Where the contract cannot be found or read.
    OptionError
        Where one of the files is there already: nothing is overwritten, and nothing is written.
    """
    found, home = find_contract(contract), Path(folder)
    if home.exists() and not home.is_dir():
        raise OptionError(f"{home} is a file; name a folder for the template")
    contents = dict(_contents(found))
    name = stem(found)
    paths = {what: home / f"{name}.{ENDINGS[what]}" for what in contents}
    taken = [path.name for path in paths.values() if path.exists()]
    if taken:
        raise OptionError(
            f"{home} has {', '.join(taken)} already, and a template overwrites nothing; name another folder"
        )
    home.mkdir(parents=True, exist_ok=True)
    _write({paths[what]: content for what, content in contents.items()})
    return Template(found, home, paths)


ENDINGS = {
    "csv": "csv",
    **{f"sheet_{lang}": f"{lang}.xlsx" for lang in LANGUAGES},
    **{f"recipe_{lang}": f"{lang}.yaml" for lang in LANGUAGES},
    "codebook": "codebook.xlsx",
    "contract": "contract.yaml",
}


def _contents(contract: Contract) -> dict[str, bytes]:
    """Make every file before the first is written."""
    header = pd.DataFrame(columns=[column.name for column in contract.columns])
    made = {"csv": header.to_csv(index=False, lineterminator="\n").encode("utf-8-sig")}
    for lang in LANGUAGES:
        made[f"sheet_{lang}"] = entry_book(contract, lang)
        where = f"{stem(contract)}.{ENDINGS['contract']}" if is_own(contract) else contract.name
        made[f"recipe_{lang}"] = recipe_text(contract, where, lang).encode()
    made["codebook"] = codebook_book(contract)
    if is_own(contract):
        made["contract"] = contract_text(contract).encode()
    return made


def _write(contents: Mapping[Path, bytes]) -> None:
    """Write new files, all or none; one that appears meanwhile is not overwritten either."""
    written: list[Path] = []
    try:
        for path, content in contents.items():
            with path.open("xb") as handle:
                written.append(path)
                handle.write(content)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise OptionError(f"the template cannot be written: {error}; name another folder") from error
