"""Tables as files: what is written is read, missing stays missing."""

import sys

import pandas as pd
import pytest

from anaspike.errors import InputError
from anaspike.extras import installs
from anaspike.report.markdown import generated, markdown_table, regenerate
from anaspike.report.tables import check_format, read_table, records, write_json, write_table

TABLE = pd.DataFrame(
    {
        "vdd_syn_V": [0.55, 0.75],
        "spikes_out": pd.array([0, 3], dtype="Int64"),
        "energy_per_spike_J": [None, 7.672179698e-14],
        "status": ["ok", "ok"],
        "message": ["", "a, \"b\""],
    }
)  # fmt: skip


def test_csv_reads_back(tmp_path):
    write_table(TABLE, tmp_path / "t.csv")
    back = read_table(tmp_path / "t.csv")
    assert back["spikes_out"].tolist() == [0, 3]
    assert back["energy_per_spike_J"].isna().tolist() == [True, False]
    assert back["energy_per_spike_J"][1] == 7.672179698e-14


def test_parquet_keeps_the_types(tmp_path):
    write_table(TABLE, tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "t.parquet"), TABLE)


def test_json_has_null_for_missing_and_keeps_femtojoules():
    first, second = records(TABLE)
    assert first["energy_per_spike_J"] is None
    assert second["energy_per_spike_J"] == pytest.approx(7.672179698e-14, rel=1e-12)


def test_parquet_without_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError) as caught:
        check_format("parquet")
    assert str(caught.value) == (
        f"Parquet needs an extra: {installs('parquet')}, or use --format csv"
    )


def test_nan_is_no_json(tmp_path):
    with pytest.raises(ValueError, match="Out of range float"):
        write_json({"x": float("nan")}, tmp_path / "x.json")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_table(tmp_path):
    with pytest.raises(InputError, match="cannot read"):
        read_table(tmp_path / "none.csv")


def test_a_page_is_regenerated_between_its_marks(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- numbers -->\nold\n<!-- end numbers -->\nafter\n")
    regenerate(page, "numbers", markdown_table(["a", "b"], [["x", "1"]]))
    assert generated(page, "numbers") == "| a | b |\n| --- | ---: |\n| x | 1 |"
    assert page.read_text().startswith("before\n")
    assert page.read_text().endswith("after\n")
    with pytest.raises(InputError, match="has no marks <!-- other -->"):
        generated(page, "other")


def test_a_cell_in_markdown_stays_a_cell():
    table = markdown_table(["a|b", "c"], [["<img src=x>\n# title", "[x](y) `z`\u202e"]])
    assert table.splitlines() == [
        r"| a\|b | c |",
        "| --- | ---: |",
        r"| \<img src=x> # title | \[x\](y) \`z\`\\u202e |",
    ]
