"""A synthetic survey as a Stata file of old, in GBK, with Chinese names and missing codes; its recipe and its spec."""

import numpy as np
import pandas as pd
import pytest

from povstats.words import language

VILLAGES, HOUSEHOLDS = 14, 6
NAMES = {
    "V0000001": "县名",
    "V0000002": "村名",
    "V0000003": "户码",
    "V0000004": "全年消费",
    "V0000005": "家庭人口",
    "V0000006": "户主学历",
    "V0000007": "村内信任",
    "V0000008": "扶贫资金",
}
SCHOOLING = {1: "小学", 2: "初中", 3: "高中", 99: "不知道"}
YEARS = {1: 6.0, 2: 9.0, 3: 12.0}


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setenv("POVSTATS_QUIET", "1")
    before = language()
    language("en")
    yield
    language(before)


@pytest.fixture(scope="session")
def raw():
    """Synthetic households in villages, as the questionnaire has them."""
    rng = np.random.default_rng(20261126)
    village = np.repeat(np.arange(VILLAGES), HOUSEHOLDS)
    rows = village.size
    size = rng.integers(1, 7, rows)
    schooling = rng.integers(1, 4, rows)
    trust = rng.integers(1, 11, rows)
    aid = (100 + 20 * rng.integers(0, 30, VILLAGES))[village]
    level = 7 + 0.03 * schooling + 0.04 * trust + rng.normal(0, 0.3, VILLAGES)[village] + rng.normal(0, 0.4, rows)
    schooling[[4, 17, 40]] = 99
    trust[[9, 17]] = 99
    columns = (
        [("甲县", "乙县")[one % 2] for one in village],
        [f"村{one // 2:02}" for one in village],
        [f"{one:02}" for one in np.tile(np.arange(HOUSEHOLDS), VILLAGES)],
        np.round(np.exp(level) * size),
        size,
        schooling,
        trust,
        aid,
    )
    return pd.DataFrame(dict(zip(NAMES.values(), columns, strict=True)))


@pytest.fixture(scope="session")
def survey_file(raw, tmp_path_factory):
    """The same as a .dta of format 114 in GBK, which pandas does not write: its Latin-1 carries the bytes."""
    path = tmp_path_factory.mktemp("数据") / "入户调查 1.dta"
    frame = raw.rename(columns={name: short for short, name in NAMES.items()})
    for name in frame.columns[:3]:
        frame[name] = frame[name].map(lambda text: text.encode("gbk").decode("latin-1"))
    labels = {"V0000006": {code: text.encode("gbk").decode("latin-1") for code, text in SCHOOLING.items()}}
    titles = {short: f"{name}（合成）".encode("gbk").decode("latin-1") for short, name in NAMES.items()}
    frame["V0000006"] = frame["V0000006"].astype("int32")
    frame.to_stata(path, version=114, write_index=False, value_labels=labels, variable_labels=titles)
    content = path.read_bytes()
    for short, name in NAMES.items():
        content = content.replace(short.encode().ljust(33, b"\0"), name.encode("gbk").ljust(33, b"\0"), 1)
    path.write_bytes(content)
    return path


@pytest.fixture(scope="session")
def by_hand(raw):
    """Second route to the prepared table: plain pandas, no recipe."""
    known = raw.mask(raw.isin([99]) & raw.columns.isin(["户主学历", "村内信任"]))
    return pd.DataFrame(
        {
            "village": raw["县名"] + "/" + raw["村名"],
            "county": raw["县名"],
            "consumption": raw["全年消费"] / raw["家庭人口"],
            "education": known["户主学历"].map(YEARS),
            "trust": known["村内信任"].astype(float),
            "aid_funds": raw["扶贫资金"].astype(float),
        }
    )
