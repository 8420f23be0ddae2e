"""Running one notebook in a kernel of its own, and saying what went wrong in a few lines."""

import asyncio
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from povstats.reproduce.notebooks import Notebook, read_source
from povstats.words import BOTH

TIME_LIMIT = 600.0
"""Seconds for one cell."""

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_LAST_LINES = 8


@dataclass(frozen=True)
class Failure:
    """What stopped a run: the notebook or exhibit, the cell (0 where there is none), and why."""

    where: str
    cell: int
    source: str
    reason: str
    trace: str


@dataclass(frozen=True)
class Executed:
    """A notebook with its outputs, or the failure that stopped it."""

    notebook: Notebook
    failure: Failure | None


def execute(source: Path, *, time_limit: float = TIME_LIMIT) -> Executed:
    """Run a notebook source from top to bottom in a new kernel.

    Anything written to standard error counts as a failure, so that a warning never reaches a page unseen.

    Parameters
    ----------
    source : the percent script; the kernel works in its folder.
    time_limit : seconds for one cell.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    notebook = read_source(source)
    started = [0]

    def remember(cell: Any, cell_index: int) -> None:
        started[0] = cell_index

    client = NotebookClient(
        notebook,
        timeout=time_limit,
        kernel_name="python3",
        record_timing=False,
        on_cell_start=remember,
        # The kernel's own remarks about its transport would stand among the progress lines.
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(source.parent)}},
    )
    with tempfile.TemporaryDirectory() as profile:
        try:
            # A loop of its own, closed at the end: notebooks run in threads.
            asyncio.run(client.async_execute(env=_environment(profile)))
        except CellExecutionError as error:
            reason = f"{error.ename}: {error.evalue}"
            return _failed(notebook, source, started[0], reason, error.traceback)
        except CellTimeoutError:
            reason = f"the cell took longer than {time_limit:g} seconds"
            return _failed(notebook, source, started[0], reason, "")
        except DeadKernelError:
            return _failed(notebook, source, started[0], "the kernel died", "")
    return Executed(notebook, _warned(notebook, source))


def _environment(profile: str) -> dict[str, str]:
    """Give the kernel's environment: both languages, and a profile without start-up files of the user."""
    return {**os.environ, BOTH: "1", "IPYTHONDIR": profile, "PYTHONHASHSEED": "0"}


def _failed(notebook: Notebook, source: Path, index: int, reason: str, trace: str) -> Executed:
    cell = notebook.cells[index]
    plain = _COLOUR.sub("", trace).strip().splitlines()
    last = "\n".join(plain[-_LAST_LINES:])
    return Executed(notebook, Failure(source.stem, index + 1, _first_line(cell.source), reason, last))


def _warned(notebook: Notebook, source: Path) -> Failure | None:
    """Find the first cell that wrote to standard error."""
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                text = _COLOUR.sub("", output.text).strip()
                reason = f"the cell wrote to standard error: {_first_line(text)}"
                return Failure(source.stem, number, _first_line(cell.source), reason, text)
    return None


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
