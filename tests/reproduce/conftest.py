"""A checkout in miniature: one notebook, two exhibits that write a CSV and a text, a README."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from povstats.exhibits import Exhibit

NOTEBOOK = """# %% [markdown] tags=["zh"]
# # 一个小例子

# %% [markdown] tags=["en"]
# # A small example

# %%
show = print
show("general-note")
show("general-source")
"""


@dataclass
class Made:
    lang: str
    numbers: str

    def save(self, stem):
        paths = [Path(f"{stem}.{self.lang}.csv"), Path(f"{stem}.{self.lang}.svg")]
        paths[0].write_text(self.numbers, encoding="utf-8-sig")
        paths[1].write_text(f"<svg>{self.numbers}</svg>", encoding="utf-8")
        return paths


@dataclass
class Numbers:
    """What the makers write; a test can change it."""

    text: str = "group,value\na,1.0\nb,0.25\n"


@pytest.fixture
def numbers():
    return Numbers()


@pytest.fixture
def exhibits(numbers):
    def maker(lang):
        return Made(lang, numbers.text)

    return (
        Exhibit("general-note", maker, "synthetic", "10_tiny"),
        Exhibit("general-source", maker, "documents", "10_tiny"),
    )


@pytest.fixture
def root(tmp_path):
    checkout = tmp_path / "a checkout 检出"
    (checkout / "notebooks").mkdir(parents=True)
    (checkout / "notebooks" / "10_tiny.py").write_text(NOTEBOOK, encoding="utf-8")
    (checkout / "README.md").write_text(
        "# Title\n\n<!-- exhibits:begin -->\nold\n<!-- exhibits:end -->\n\nEnd.\n", encoding="utf-8"
    )
    return checkout
