"""Flow files, network files, design files and numbers with units: read, or refused in one line."""

from pathlib import Path

import pytest
from contract import examples
from hypothesis import given
from hypothesis import strategies as st
from mutants import ODD, mutants, seeds

from anaspike.campaign.space import read_axis, read_sampling
from anaspike.circuits.designs import read_design, written
from anaspike.experiments.network_file import read_network
from anaspike.pdk.catalog import pdk_names
from anaspike.studies.conditions import read_conditions
from anaspike.studies.flow import declared, read_flow
from anaspike.studies.optimise_flow import read_search
from anaspike.studies.searched import refuse_another
from anaspike.units import SUFFIXES, parse_quantity, parse_whole

TOP = Path(__file__).parents[2]
FLOWS = [path.read_bytes() for path in sorted((TOP / "flows").glob("*.toml"))]
FLOWS += seeds("flows")
NETWORKS = [path.read_bytes() for path in sorted((TOP / "flows/networks").glob("*.toml"))]
NETWORKS += seeds("networks")
DESIGNS = [path.read_bytes() for path in sorted((TOP / "anaspike/circuits").rglob("*.toml"))]
DESIGNS += [b'base = "sky130"\n[sizes.comparator.tail]\nw_m = "2um"\n[drive]\ncodes = [1, -7]\n']
SEARCH = b"""minimise = ["energy_J"]
evaluations = 40
[studies.leak]
study = "pseudo-resistor"
parameters = { corners = ["tt"] }
[specs.asymmetry]
max = "0.1 %"
[sizes]
"pseudo_resistor.diode.w_m" = "100nm:400nm:log"
"pseudo_resistor.stages" = "1:3"
[tied]
"pseudo_resistor.diode.l_m" = "0.4 * pseudo_resistor.diode.w_m"
[confirm]
corners = ["ff"]
mc = 2
"""
OWN = b'study = "mine.py:Mine"\n[parameters]\nvdd_V = "0.9V"\n'
MINE = b"import pathlib\npathlib.Path('ran').touch()\nraise SystemExit(7)\n"


@examples(40)
@given(st.sampled_from(FLOWS).flatmap(lambda flow: mutants({"flow.toml": flow})))
def test_flows(contract, files):
    path = contract.written(files) / "flow.toml"
    contract.holds(lambda: read_flow(path))


@examples(10)
@given(mutants({"flow.toml": OWN, "mine.py": MINE}))
def test_a_flow_that_is_looked_at_runs_nothing(contract, files):
    path = contract.written(files) / "flow.toml"
    contract.holds(lambda: declared(path).own)


@examples(40)
@given(
    st.sampled_from(NETWORKS).flatmap(lambda network: mutants({"n.toml": network})),
    st.sampled_from(pdk_names()),
)
def test_networks(contract, files, pdk):
    path = contract.written(files) / "n.toml"
    contract.holds(lambda: read_network(path, pdk))


@examples(40)
@given(mutants({"search.toml": SEARCH}))
def test_searches(contract, files):
    path = contract.written(files) / "search.toml"
    contract.holds(lambda: read_search(path).asked_for())


@examples(20)
@given(mutants({"search.json": b'{"pdk": "generic28", "sizes": {"membrane_F": [2e-14, 5e-14]}}'}))
def test_folders_of_searches(contract, files):
    folder = contract.written(files)
    contract.holds(lambda: refuse_another({"pdk": "generic28", "sizes": {}}, folder))


@examples(40)
@given(st.sampled_from(DESIGNS).flatmap(lambda design: mutants({"d.toml": design})))
def test_designs(contract, files):
    path = contract.written(files) / "d.toml"
    contract.holds(lambda: written(read_design(path)))


DIGITS = st.sampled_from(
    ("0", "1", "27", "0.65", ".5", "5.", "1e-9", "1E400", "1_0", "1,5", "１", "²")
)
UNITS = st.sampled_from(("V", "A", "s", "F", "C", "ohm", "Hz", "J", "m2", "B", "d", "lsb", ""))
SPELLED = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(("", "-", "sobol:", "lhs:", "0:1:", "tt,", "27,")), DIGITS,
        st.sampled_from(("", " ", *SUFFIXES)), UNITS,
    ),
)  # fmt: skip
NUMBERS = SPELLED | SPELLED | st.lists(
    DIGITS | UNITS | st.sampled_from((*SUFFIXES, "+", "-", " ", "e", ":", "µ", "°C", "Meg", "%"))
    | st.sampled_from(ODD) | st.characters(),
    min_size=1, max_size=4,
).map("".join)  # fmt: skip
READERS = {
    "quantity": lambda text: parse_quantity(text, "V", "--from"),
    "temperature": lambda text: parse_quantity(text, "C", "--temp"),
    "length": lambda text: parse_quantity(text, "m", "w_m"),
    "whole": lambda text: parse_whole(text, "--jobs", 1, 100),
    "axis": lambda text: read_axis("temperature_C", text),
    "sampling": read_sampling,
    "conditions": lambda text: read_conditions(text, text, None, None).axes(),
}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@examples(40)
@given(text=NUMBERS)
def test_numbers(contract, reader, text):
    contract.holds(lambda: reader(text))
