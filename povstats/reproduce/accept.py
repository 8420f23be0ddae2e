"""Accepting: the only step that changes figures/, the README's map and the notebooks' twins."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from povstats.files import replacing
from povstats.reproduce.manifest import files_of
from povstats.reproduce.readme_map import write_map

if TYPE_CHECKING:
    from povstats.exhibits import Exhibit


def accept(exhibits: "Iterable[Exhibit]", built: Path, figures: Path, readme: Path | None) -> list[str]:
    """Copy the files of exhibits and their manifests from a run to the accepted ones.

    Parameters
    ----------
    exhibits : those to accept; each was made in both languages by this run.
    built, figures : from where, to where. Accepted files that the exhibit no longer has are removed.
    readme : the file whose map is written anew; None where there is none.

    Returns
    -------
    list of str
        The ids accepted.
    """
    ids = []
    for exhibit in exhibits:
        new = [*files_of(exhibit.id, built), f"{exhibit.id}.json"]
        for name in new:
            _copy(built / name, figures / name)
        for name in files_of(exhibit.id, figures):
            if name not in new:
                (figures / name).unlink()
        ids.append(exhibit.id)
    if readme is not None and ids:
        write_map(readme, figures)
    return ids


def _copy(source: Path, target: Path) -> None:
    with replacing(target) as part:
        part.write_bytes(source.read_bytes())
