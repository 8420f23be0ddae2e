"""The main job: run the notebooks, write every exhibit, build the pages, compare with what was accepted."""

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from povstats.errors import DataError, PovstatsError
from povstats.reproduce.accept import accept
from povstats.reproduce.compare import Difference, compare, orphans
from povstats.reproduce.execute import TIME_LIMIT, Failure, execute
from povstats.reproduce.manifest import files_of, write_manifest
from povstats.reproduce.notebooks import as_json, read_executed, shown, sources, write_twin
from povstats.reproduce.plan import Plan
from povstats.reproduce.site import build_site

NEEDS = ("ipykernel", "jupytext", "myst_nb", "nbclient", "sphinx")
"""Packages of the extras "notebooks" and "docs" that a run uses."""

KERNELS = 2
"""Notebooks that run at the same time."""

Tell = Callable[[str, str], None]
"""Called at each step as tell("running" | "making" | "paging" | "comparing", name)."""


@dataclass(frozen=True)
class Report:
    """What a run made and found. `failure` is None where all notebooks and makers came to their end."""

    notebooks: tuple[str, ...]
    exhibits: tuple[str, ...]
    accepted: tuple[str, ...]
    differences: tuple[Difference, ...]
    unshown: tuple[str, ...]
    failure: Failure | None
    seconds: float
    build: Path

    @property
    def findings(self) -> tuple[Difference, ...]:
        """The differences that make the run fail."""
        return tuple(difference for difference in self.differences if difference.finding)

    @property
    def warnings(self) -> tuple[Difference, ...]:
        """The differences to look at: pictures whose numbers are the same."""
        return tuple(difference for difference in self.differences if not difference.finding)

    @property
    def ok(self) -> bool:
        """Whether everything ran, every exhibit is shown by a notebook and no number or word differs."""
        return self.failure is None and not self.findings and not self.unshown


def reproduce(plan: Plan, *, tell: Tell = lambda step, name: None, time_limit: float = TIME_LIMIT) -> Report:
    """Carry out a plan.

    All is written to a folder beside build/, which takes its place at the end; where a notebook or a maker
    fails before, build/ stays as it was. figures/ changes only by what the plan accepts.

    Parameters
    ----------
    plan : what to do, from `make_plan`.
    tell : hears of every step.
    time_limit : seconds for one cell of a notebook.

    Raises
    ------
    DataError
        Where the packages that run notebooks are not installed.
    """
    started = time.monotonic()
    absent = [name for name in NEEDS if find_spec(name) is None]
    if absent:
        raise DataError(f'{", ".join(absent)} not installed; run: pip install "povstats[notebooks,docs,examples]"')
    with _stage(plan) as stage:
        failure = _made(plan, stage, tell, time_limit) or _pages(plan, stage, tell)
        if failure is not None:
            return _report(plan, (), (), failure, started)
        taken = accept(plan.accepted, stage / "exhibits", plan.figures, _readme(plan.root))
        for source in plan.twins:
            write_twin(source)
        report = _report(plan, tuple(taken), tuple(_differences(plan, stage / "exhibits", tell)), None, started)
        _write_report(report, stage / "report.json")
        _swap(stage, plan.build)
    return report


@contextmanager
def _stage(plan: Plan) -> Iterator[Path]:
    """Give a folder beside build/, holding a copy of it where only a part is made; remove what is left."""
    stage = Path(tempfile.mkdtemp(prefix=".build-", dir=plan.root))
    try:
        whole = plan.whole and len(plan.languages) > 1
        if not whole and plan.build.is_dir():
            shutil.copytree(plan.build, stage, dirs_exist_ok=True)
        for name in ("exhibits", "notebooks", "pages"):
            (stage / name).mkdir(exist_ok=True)
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _made(plan: Plan, stage: Path, tell: Tell, time_limit: float) -> Failure | None:
    """Run the notebooks, each in a kernel of its own, and make the exhibits meanwhile; up to the first that fails."""
    if plan.sources:
        # Loaded whole before the threads part: matplotlib asks a half-loaded IPython for its version, and fails.
        import_module("IPython")
    with ThreadPoolExecutor(KERNELS) as pool:
        runs = [pool.submit(_notebook, source, stage / "notebooks", tell, time_limit) for source in plan.sources]

        def failed() -> Failure | None:
            return next((run.result() for run in runs if run.done() and run.result() is not None), None)

        try:
            failure = _exhibits(plan, stage / "exhibits", tell, failed)
            if failure is None:
                for run in as_completed(runs):
                    failure = failure or run.result()
                    if failure is not None:
                        break
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    return failure


def _notebook(source: Path, folder: Path, tell: Tell, time_limit: float) -> Failure | None:
    """Run one notebook and keep it with its outputs."""
    tell("running", source.stem)
    done = execute(source, time_limit=time_limit)
    if done.failure is None:
        (folder / f"{source.stem}.ipynb").write_text(as_json(done.notebook), encoding="utf-8", newline="\n")
    return done.failure


def _exhibits(plan: Plan, folder: Path, tell: Tell, failed: Callable[[], Failure | None]) -> Failure | None:
    """Make every exhibit in every language, with its manifest, until a notebook has failed."""
    for exhibit in plan.exhibits:
        stopped = failed()
        if stopped is not None:
            return stopped
        tell("making", exhibit.id)
        try:
            for lang in plan.languages:
                for old in files_of(exhibit.id, folder, lang):
                    (folder / old).unlink()
                exhibit.maker(lang).save(folder / exhibit.id)
        except PovstatsError as error:
            return Failure(exhibit.id, 0, "", f"{type(error).__name__}: {error}", "")
        write_manifest(exhibit, folder)
    return None


def _pages(plan: Plan, stage: Path, tell: Tell) -> Failure | None:
    """Build the site of all that the folder holds."""
    tell("paging", "pages")
    held = {path.stem: read_executed(path) for path in sorted((stage / "notebooks").glob("*.ipynb"))}
    return build_site(held, stage / "exhibits", stage / "pages", plan.front, plan.languages)


def _differences(plan: Plan, built: Path, tell: Tell) -> Iterator[Difference]:
    tell("comparing", plan.figures.name)
    lang = plan.languages[0] if len(plan.languages) == 1 else None
    for exhibit in plan.exhibits:
        yield from compare(exhibit.id, built, plan.figures, lang)
    if plan.whole:
        yield from orphans({exhibit.id for exhibit in plan.exhibits}, plan.figures)


def _unshown(plan: Plan) -> tuple[str, ...]:
    """Find exhibits of this run that the notebook they name does not show."""
    calls = {source.stem: shown(source) for source in sources(plan.root / "notebooks")}
    return tuple(each.id for each in plan.exhibits if each.id not in calls.get(each.notebook, set()))


def _report(
    plan: Plan,
    taken: tuple[str, ...],
    differences: tuple[Difference, ...],
    failure: Failure | None,
    started: float,
) -> Report:
    return Report(
        notebooks=tuple(source.stem for source in plan.sources),
        exhibits=tuple(exhibit.id for exhibit in plan.exhibits),
        accepted=taken,
        differences=differences,
        unshown=() if failure else _unshown(plan),
        failure=failure,
        seconds=round(time.monotonic() - started, 1),
        build=plan.build,
    )


def _write_report(report: Report, path: Path) -> None:
    facts = {**asdict(report), "build": report.build.name, "ok": report.ok}
    path.write_text(f"{json.dumps(facts, ensure_ascii=False, indent=2)}\n", encoding="utf-8")


def _readme(root: Path) -> Path | None:
    readme = root / "README.md"
    return readme if readme.is_file() else None


def _swap(stage: Path, build: Path) -> None:
    """Put the new folder in the place of the old one."""
    old = Path(tempfile.mkdtemp(prefix=".build-old-", dir=build.parent))
    try:
        if build.exists():
            build.replace(old / build.name)
        # mkdtemp makes folders private to their owner; results are for colleagues too.
        stage.chmod(0o755)
        stage.replace(build)
    finally:
        shutil.rmtree(old, ignore_errors=True)
