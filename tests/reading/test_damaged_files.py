"""Files that were cut or overwritten are read or refused, and never end in another program's error.

Second route: none is needed; what is held is that nothing but povstats' own errors comes out.
"""

import random

import openpyxl
import pandas as pd
import pyreadstat
import pytest

import povstats as ps
from povstats.errors import PovstatsError

TABLE = pd.DataFrame({"v": [1.0, 2.0, 99.0], "s": ["大寨村", "小河村", "x"]})
TRIALS = 60


def write(path):
    """Write the table in the format of the file's ending."""
    labels = {"v": {1: "是", 99: "拒答"}}
    if path.suffix == ".dta":
        pyreadstat.write_dta(TABLE, str(path), variable_value_labels=labels)
    elif path.suffix == ".sav":
        pyreadstat.write_sav(TABLE, str(path), variable_value_labels=labels)
    elif path.suffix == ".parquet":
        TABLE.to_parquet(path)
    elif path.suffix == ".csv":
        TABLE.to_csv(path, index=False, encoding="gbk")
    else:
        book = openpyxl.Workbook()
        for row in [list(TABLE.columns), *TABLE.to_numpy().tolist()]:
            book.active.append(row)
        book.save(path)


def damaged(data, rng):
    """Cut the bytes, or overwrite some."""
    if rng.random() < 0.4:
        return data[: rng.randrange(1, len(data))]
    found = bytearray(data)
    for _ in range(rng.choice([1, 3, 10])):
        found[rng.randrange(len(found))] = rng.randrange(256)
    return bytes(found)


@pytest.mark.parametrize("ending", [".csv", ".dta", ".parquet", ".sav", ".xlsx"])
def test_damage_is_refused_or_read(tmp_path, ending):
    path = tmp_path / f"whole{ending}"
    write(path)
    assert ps.read(path).table["s"].tolist() == TABLE["s"].tolist()
    whole, rng, refused = path.read_bytes(), random.Random(7), 0
    for _ in range(TRIALS):
        path.write_bytes(damaged(whole, rng))
        try:
            repr(ps.read(path).codebook())
        except PovstatsError:
            refused += 1
    assert refused > TRIALS / 5
