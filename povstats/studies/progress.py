"""What a long piece of work is doing: a moving line in a terminal, nothing elsewhere or under POVSTATS_QUIET."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from povstats.words import language, say

QUIET = "POVSTATS_QUIET"
Tell = Callable[..., None]
"""Called with a step's name and what fills the places of its words."""


def silent(step: str, **values: object) -> None:
    """Say nothing."""


@contextmanager
def told() -> Iterator[Tell]:
    """Give what tells each step on standard error, where that is a terminal."""
    if os.environ.get(QUIET):
        yield silent
        return
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        # A refusal is to be the only line there.
        yield silent
        return
    with console.status("povstats") as status:

        def tell(step: str, **values: object) -> None:
            status.update(say(f"study.step_{step}", language(), **values))

        yield tell
