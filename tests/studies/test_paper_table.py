"""The paper's tables: their figures, their rows, and the paper's own experiment at small width."""

import struct

import numpy as np
import pandas as pd
import pytest

from anaspike.campaign.bench import Bench
from anaspike.errors import InputError
from anaspike.learning.counts import VGG_CLASSIFIER, counts
from anaspike.learning.features.vgg19 import WIDTHS
from anaspike.learning.network import Layer, Network
from anaspike.learning.paper import TABLES, paper_table
from anaspike.learning.settings import Settings
from anaspike.learning.training import values_trained
from anaspike.spice.without import NoSimulator
from anaspike.studies.learning import paper_table as module
from anaspike.studies.learning.paper_table import PaperTableStudy


def found(number, **given):
    study = PaperTableStudy(number=number, **given)
    return study.find(Bench(NoSimulator(), 1))


def test_the_papers_figures_stand_where_it_has_them():
    assert TABLES[1].figures["multiplicative NT", "STL-10", 0.01] == 0.8447
    assert TABLES[2].figures["NT_2", "BCCD", 0.001] == 0.4234
    assert TABLES[3].figures["TFT", "Food-11", 0.0001] == 0.8060
    assert TABLES[3].figures["NT_1", "BCCD", 0.00001] == 0.3484
    assert TABLES[4].figures["NT_1", "Food-11", 128.0] == 0.7162
    assert ("TFT", "Food-11", 128.0) not in TABLES[4].figures  # too large for the paper's machine
    assert TABLES[5].figures["NT_1", "Food-11", 0.01] == 0.7056
    assert TABLES[6].figures["TFT", "Food-11", 16.0] == 0.1304
    assert TABLES[7].figures["NT_1", "STL-10", 0.1] == 0.5731
    assert TABLES[8].figures["additive bias", "BCCD", 0.1] == 0.2505
    averages = [np.mean([TABLES[3].figures["NT_1", "STL-10", r] for r in TABLES[3].lines[0].rates])]
    assert averages == [pytest.approx(0.7596, abs=1e-4)]  # as the paper adds them up


@pytest.mark.parametrize("number", [3, 5, 8])
def test_the_values_trained_are_those_that_the_paper_counts(number):
    """At a hundredth of the width: what is trained is counted as Tables 3, 5 and 8 do."""
    shapes = tuple((n_out // 100, n_in // 100) for n_out, n_in in VGG_CLASSIFIER)
    layers = tuple(Layer.of(np.ones(shape)) for shape in shapes)
    table = paper_table(number)
    for count in (count for count in counts(shapes) if count.table == number):
        classes = {"STL-10": 10, "Food-11": 11, "BCCD": 4}[count.dataset]
        head = (Layer.of(np.ones((classes, shapes[-1][0]))),) if count.head else ()
        network = Network((*layers, *head), head=bool(head))
        line = next(line for line in table.lines if line.label == count.method)
        settings = Settings(line.method, "paper", variant=table.variant)
        assert values_trained(network, settings) == count.trained


@pytest.mark.parametrize("number", sorted(TABLES))
def test_every_table_has_its_rows_and_columns(number):
    findings = found(number, datasets=("bccd",), epochs=1, repeat=2)
    table = paper_table(number)
    cells = findings.tables["paper_table"]
    assert set(cells["line"]) == {line.label for line in table.lines}
    assert (cells["status"] == "ok").all()
    if table.over == "rate":  # of batches the paper has Food-11 alone
        assert cells["paper"].notna().all()
        assert {"average", "best", "paper_average"} < set(findings.tables["summary"])
    assert (cells["low"] <= cells["accuracy"]).all()
    assert (cells["accuracy"] <= cells["high"]).all()
    beside = set(findings.tables["beside"]["what"])
    assert {"head alone", "one spiking layer on the inputs", "ordinary classifier, inputs",
            "ordinary classifier, features"} < beside  # fmt: skip
    assert "paper_table" in findings.figures
    order = list(cells)
    assert order.index("paper") == order.index("accuracy") + 1  # ours beside it at any width
    if table.best:
        assert len(cells) == len(table.lines)


def test_what_was_not_trained_is_a_row_that_says_so():
    bench = Bench(NoSimulator(), 1)
    bench.stop(interrupted=True)
    study = PaperTableStudy(number=8, datasets=("bccd",), epochs=1, repeat=1)
    cells = study.find(bench).tables["paper_table"]
    assert list(cells["line"]) == ["TFT", "NT_2", "NT_1", "additive bias"]
    assert (cells["status"] == "cancelled").all()
    assert cells["accuracy"].isna().all()
    assert cells["paper"].notna().all()


def test_a_line_that_lacks_a_cell_has_a_best_but_no_average():
    cells = pd.DataFrame({
        "dataset": ["digits"] * 4, "line": ["NT_1"] * 2 + ["TFT"] * 2,
        "accuracy": [0.5, 0.7, 0.6, np.nan], "paper": [0.1, 0.2, 0.3, 0.4],
    })  # fmt: skip
    table = module._summary(cells).set_index("line")
    assert table.loc["NT_1", "average"] == pytest.approx(0.6)
    assert np.isnan(table.loc["TFT", "average"])
    assert table.loc["TFT", "best"] == 0.6


@pytest.fixture
def own_data(tmp_path):
    """STL-10's own format, and a VGG-19 of the true depth that is a channel wide."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "data"
    (folder / "stl10").mkdir(parents=True)
    for part, n in (("train", 40), ("test", 20)):
        labels = (np.arange(n) % 10 + 1).astype(np.uint8)
        images = rng.integers(0, 256, (n, 3, 96, 96), np.uint8)
        (folder / "stl10" / f"{part}_X.bin").write_bytes(images.tobytes())
        (folder / "stl10" / f"{part}_y.bin").write_bytes(struct.pack(f"{n}B", *labels))
    arrays, layer, channels = {}, 0, 3
    for stage in WIDTHS:
        for _ in stage:
            arrays[f"features.{layer}.weight"] = rng.normal(0, 0.5, (1, channels, 3, 3))
            arrays[f"features.{layer}.bias"] = np.full(1, 0.1)
            layer, channels = layer + 2, 1
        layer += 1
    for number, (n_out, n_in) in zip((0, 3, 6), ((16, 49), (16, 16), (1000, 16)), strict=True):
        arrays[f"classifier.{number}.weight"] = rng.normal(0, 0.4, (n_out, n_in))
        arrays[f"classifier.{number}.bias"] = rng.normal(0, 0.1, n_out)
    np.savez(folder / "vgg19.npz", **{n: v.astype(np.float32) for n, v in arrays.items()})
    return folder


def test_the_papers_own_experiment_on_files_in_its_formats(own_data, monkeypatch, tmp_path):
    pytest.importorskip("PIL", reason="extra images")
    from dataclasses import replace

    from anaspike.studies.learning import paper_data

    only = replace(paper_table(7), sets=("STL-10",))
    monkeypatch.setattr(module, "paper_table", lambda number: only)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    findings = found(7, data_dir=own_data, epochs=1, repeat=2)
    cells = findings.tables["paper_table"]
    assert set(cells["dataset"]) == {"stl10"}
    assert cells["paper"].notna().all()
    assert cells.loc[cells["line"] == "NT_1", "trained"].iloc[0] == 16 + 16 + 1000  # no head
    assert any("which of ImageNet's classes" in note for note in findings.notes)
    assert paper_data.STL10_OUTPUTS[0] == 404


def test_a_folder_that_lacks_things_names_them_all(own_data):
    with pytest.raises(InputError) as caught:
        found(3, data_dir=own_data)
    said = str(caught.value)
    assert "lacks what table 3 needs: Food-11 (" in said
    assert "BCCD (" in said
    assert "STL-10" not in said
    assert "www.epfl.ch" in said
    (own_data / "vgg19.npz").unlink()
    with pytest.raises(InputError, match="VGG-19's weights"):
        found(3, data_dir=own_data)


def test_bad_input_is_one_line():
    with pytest.raises(InputError, match="are 1 to 8, not 9; Table 9 is `anaspike table9`"):
        PaperTableStudy(number=9).check()
    with pytest.raises(InputError, match="are 1 to 8, not 0"):
        PaperTableStudy(number=0).check()
    with pytest.raises(InputError, match="unknown data set 'x'"):
        PaperTableStudy(number=1, datasets=("x",)).check()
