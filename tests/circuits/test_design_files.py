"""Sizes are data: read, refused in one line, written so that they are read back as they were."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anaspike.campaign.keys import Keys
from anaspike.circuits.designs import (
    design_asked,
    design_for,
    design_named,
    read_design,
    resized,
    sizes_of,
    with_smallest_comparator,
    written,
)
from anaspike.circuits.gates import LogicSizes
from anaspike.errors import InputError
from anaspike.experiments.neuron_transient import NeuronTransient
from anaspike.pdk.catalog import pdk_class, pdk_names
from anaspike.pdk.generic28 import Generic28
from anaspike.pdk.roles import alike

FOLDER = Path(design_for.__code__.co_filename).parent


def read(folder, text):
    file = folder / "design.toml"
    file.write_text(text)
    return read_design(file)


def test_every_process_has_a_design_and_a_variant_is_one_of_its_process():
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(pdk_names())
    for path in FOLDER.rglob("*.toml"):
        design = design_named(path.stem)
        assert design == read_design(path)
        assert path.stem.startswith(design.pdk)


def test_why_a_size_is_what_it_is_stands_beside_it():
    for path in FOLDER.rglob("*.toml"):
        assert path.read_text().startswith("# ")


def test_blocks_without_gates_of_their_own_share_the_neurons():
    neuron = design_for("sky130").neuron
    assert neuron.comparator.logic == neuron.spike_generator.logic == neuron.logic
    assert neuron.synapse.logic.prefix == "lvt_"


def test_a_file_may_change_some_keys_of_a_design(tmp_path):
    own = design_for("generic28")
    text = """base = "generic28"
    [sizes]
    membrane_F = "40fF"
    comparator.input_pair.w_m = "2um"
    logic.inverter_n = { w_m = 2e-7 }
    [options]
    chgtol_C = "0.5aC"
    """
    sizes = {
        "membrane_F": 40e-15, "comparator.input_pair.w_m": 2e-6, "logic.inverter_n.w_m": 2e-7,
    }  # fmt: skip
    asked = replace(resized(own, sizes), options=replace(own.options, chgtol_C=0.5e-18))
    assert read(tmp_path, text) == asked
    smallest = with_smallest_comparator("generic28")
    assert read(tmp_path, 'base = "generic28_smallest_comparator"') == smallest != own
    assert design_asked("generic28_smallest_comparator") == smallest
    assert design_asked("design.toml", tmp_path) == smallest
    assert with_smallest_comparator("sky130") is None


def test_what_kind_a_transistor_is_changes_as_a_size_does():
    own = design_for("generic28")
    named = {"spike_generator.first_n.role": " nmos_lvt", "comparator.tail.role": "pmos_hvt"}
    neuron = resized(own, named).neuron
    assert (neuron.spike_generator.first_n.role, neuron.comparator.tail.role) == (
        "nmos_lvt", "pmos_hvt",
    )  # fmt: skip
    assert resized(own, {name: sizes_of(own)[name] for name in named}) == own
    gates = resized(own, {"logic.nor_p.role": "pmos_lvt"}).neuron
    assert gates.logic.nor_p == gates.comparator.logic.nor_p  # a gate that blocks share
    assert gates.logic.nor_p.role == "pmos_lvt"


KINDS = {
    "unknown": ({"comparator.tail.role": "pmos_xvt"}, "comparator.tail.role: generic28 offers no"
                " 'pmos_xvt' in the place of pmos_svt; did you mean 'pmos_svt'?"),
    "polarity": ({"comparator.tail.role": "nmos"}, "comparator.tail.role: generic28 offers no"
                 " 'nmos' in the place of pmos_svt; there is pmos_svt, pmos_lvt, pmos_hvt"),
    "number": ({"comparator.tail.role": 2.0}, "comparator.tail.role: 2.0 is no kind of transistor;"
               " write a role"),
    "word": ({"comparator.tail.w_m": "pmos_hvt"}, "comparator.tail.w_m: 'pmos_hvt'"),
    "device": ({"comparator.tial.role": "pmos_hvt"}, "there is no size 'comparator.tial.role'; did"
               " you mean 'comparator.tail.role'?"),
}  # fmt: skip


@pytest.mark.parametrize("case", KINDS)
def test_a_kind_that_is_none_is_said_in_one_line(case):
    sizes, message = KINDS[case]
    with pytest.raises(InputError) as caught:
        resized(design_for("generic28"), sizes)
    assert str(caught.value).startswith(message)


def test_what_stands_in_a_file_decides_a_points_key_and_not_its_place(tmp_path):
    def key(name, text):
        (tmp_path / name).mkdir()
        point = NeuronTransient(Generic28(), read(tmp_path / name, text), 0.65, "tt")
        return Keys().of(point, point.build(), "ngspice")

    base = 'base = "generic28"\n'
    one, same = key("one", base), key("same", "# words\n" + written(design_for("generic28")))
    assert one == same != key("other", base + 'sizes.membrane_F = "51fF"\n')


FACTORS = st.floats(1.0, 1.5)  # SG13G2's models end at 10 um


def others(pdk, known, name):
    """Sizes a little larger; of a kind, those of its polarity that may be as small."""
    own, device = known[name], name.rpartition(".")[0]
    if isinstance(own, str):
        devices = pdk_class(pdk).devices
        fits = (
            role
            for role in alike(own, devices)
            if devices[role].w_min_m <= known[f"{device}.w_m"]
            and devices[role].l_min_m <= known[f"{device}.l_m"]
        )
        return st.sampled_from((own, *fits))
    return st.just(own + 1) if isinstance(own, int) else FACTORS.map(lambda factor: own * factor)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(pdk_names()).map(design_for), st.data(),
    st.lists(st.integers(-7, 7), min_size=1, max_size=4).map(tuple),
    st.sampled_from(("gear", "trap")), st.booleans(), st.floats(1e-9, 1e-3),
)  # fmt: skip
def test_what_is_written_is_read_back_as_it_was(tmp_path, design, data, codes, method, bypass, x):
    known = sizes_of(design)
    names = data.draw(st.lists(st.sampled_from(sorted(set(known) - {"v_rest_V"})), max_size=5))
    other = {name: data.draw(others(design.pdk, known, name)) for name in names}
    design = resized(design, other)
    design = replace(
        design, drive=replace(design.drive, codes=codes, period_s=x, width_s=x / 3),
        options=replace(design.options, method=method, bypass=bypass, chgtol_C=x * 1e-12),
    )  # fmt: skip
    assert read(tmp_path, written(design, "why\nit is", "\x1b[31m")) == design


def test_gates_of_a_blocks_own_are_written(tmp_path):
    design = design_for("generic28")
    wide = replace(design.neuron.logic.nand_n, w_m=1e-6)
    gates: LogicSizes = replace(design.neuron.logic, nand_n=wide, prefix="wide_")
    synapse = replace(design.neuron.synapse, logic=gates)
    own = replace(design, neuron=replace(design.neuron, synapse=synapse))
    assert read(tmp_path, written(own)) == own


BAD = {
    "nothing": ("", 'a design says its `pdk`, or `base = "generic28"` and what it changes'),
    "process": ('pdk = "sky13"', "pdk: 'sky13' is no process; did you mean 'sky130'?"),
    "process's kind": ("pdk = 3", "pdk: 3 is no process; there is"),
    "base": ('base = "generic2"',
             "base: 'generic2' is no design of anaspike's; did you mean 'generic28'?"),
    "base's kind": ("base = []", "base: [] is no design of anaspike's; there is"),
    "of another": ('base = "generic28"\npdk = "sky130"',
                   "pdk: generic28 is for generic28; leave out `pdk`, or the base"),
    "key": ('sizes.comparator.tial.w_m = "1um"',
            "unknown key 'sizes.comparator.tial'; did you mean 'tail'?"),
    "inner key": ('sizes.comparator.tail.w = "1um"',
                  "unknown key 'sizes.comparator.tail.w'; there is role, w_m, l_m, mult"),
    "top": ("size = 3", "unknown key 'size'; did you mean 'sizes'?"),
    "unit": ('sizes.membrane_F = "50fV"',
             "sizes.membrane_F: '50fV' is in V, expected F; write for example 2f or 2fF"),
    "coulomb": ('options.chgtol_C = "27 °C"', "options.chgtol_C: '27 °C' is in °C, expected"),
    "type": ("sizes.membrane_F = true", "sizes.membrane_F: True is not a number"),
    "list": ("drive.codes = 4", "drive.codes: 4 is no list; give one, in []"),
    "code": ("drive.codes = [9]", "drive.codes: code 9 does not fit a 3-bit synapse;"),
    "half": ("drive.spikes_in = 1.5", "drive.spikes_in: '1.5' is not a whole number"),
    "truth": ('options.bypass = "yes"', "options.bypass: 'yes' is neither true nor false"),
    "word": ("options.method = 2", 'options.method: 2 is no word; write it in ""'),
    "method": ('options.method = "gaer"',
               "options.method: there is no 'gaer'; did you mean 'gear'?"),
    "role": ('sizes.comparator.tail.role = "pmos_svd"',
             "sizes.comparator.tail.role: there is no 'pmos_svd'; did you mean 'pmos_svt'?"),
    "table": ("sizes.comparator.tail = 5", "sizes.comparator.tail: 5 is no table of keys"),
    "negative": ("options.reltol = -1",
                 "options.reltol is -1; it must be a finite number, positive"),
    "zero": ('sizes.comparator.tail.w_m = "0um"',
             "sizes.comparator.tail.w_m is 0; it must be a finite number, positive"),
    "narrow": ('sizes.comparator.tail.w_m = "10nm"',
               "sizes.comparator.tail: generic28 pmos_svt: width 10 nm is below the process"
               " minimum of"),
    "mult": ("sizes.comparator.tail.mult = 100_000",
             "sizes.comparator.tail: `tail.mult` is 100000; it must be a whole number from 1 to"),
    "wide": ('sizes.comparator.tail.w_m = "0.1 m"',
             "sizes.comparator.tail: `tail.w_m`: 0.1 is out of range; use at most 1 mm"),
    "range": ('sizes.v_th_V = "0.2V"', "sizes: `v_th_V` 0.2 must lie above `v_rest_V` 0.25"),
    "supplies": ("supplies.low_V = 0.9", "supplies: `below_V`, `low_V`, `middle_V`, `high_V`"),
    "prefix": ('sizes.logic.prefix = ".inc "',
               "sizes.logic.prefix: block '.inc inverter' cannot stand in a netlist;"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_is_said_in_one_line_with_its_key(case, tmp_path):
    text, message = BAD[case]
    if case not in {"nothing"} and not text.startswith(("base", "pdk")):
        text = f'base = "generic28"\n{text}'
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'design.toml'}: {message}")


def test_a_whole_file_says_every_size(tmp_path):
    text = "\n".join(
        line for line in written(design_for("generic28")).splitlines() if "nand_n" not in line
    )
    with pytest.raises(InputError, match=r"key 'sizes\.logic\.nand_n' is missing$"):
        read(tmp_path, text)


def test_a_name_that_is_no_design():
    with pytest.raises(InputError, match="there is no design 'generic82'; did you mean 'generic28"):
        design_asked("generic82")
    with pytest.raises(InputError, match="no neuron design for 'generic28_smallest_comparator'"):
        design_for("generic28_smallest_comparator")
