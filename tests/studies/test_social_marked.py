"""A table that says of itself that it is synthetic is labelled so, whatever the specification says.

Second route: the same rows without that mark, which are labelled as the specification has it.
"""

import povstats as ps


def test_a_synthetic_table_marks_the_whole_study():
    table = ps.datasets.guizhou_synthetic(2009)
    spec = {"kind": "model", "formulas": ["log(consumption) ~ trust + (1 | village)"]}
    marked = ps.study(table, spec=spec)
    bare = table.copy()
    bare.attrs = {}
    assert (marked.spec.data, ps.study(bare, spec=spec).spec.data) == ("synthetic", "real")
    assert "模拟数据" in "".join(marked.journal_table("zh").notes)
    assert "Synthetic data" in "".join(marked.journal_table("en").notes)


def test_a_synthetic_table_marks_the_parts_of_the_shipped_study():
    from povstats.guizhou import Analysis
    from povstats.studies.run import Taken, _marked
    from povstats.studies.sources import open_sources
    from povstats.studies.spec import read_spec

    table = ps.datasets.guizhou_synthetic(2009)
    spec = _marked(read_spec("guizhou"), Taken(open_sources(table, None), None, None, table))
    assert spec.social is not None
    assert spec.social.data == "synthetic"
    assert read_spec("guizhou").social.data == "real"
    assert Analysis(table, spec.social).plan.data == "synthetic"
