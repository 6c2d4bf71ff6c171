"""Netlists that others drew, and the flows that ask them: a circuit, or one line."""

from pathlib import Path

from contract import examples
from hypothesis import given
from hypothesis import strategies as st
from mutants import mutants

from anaspike.studies.flow import read_flow

EXAMPLES = Path(__file__).parents[2] / "docs/examples"
SHEET = (EXAMPLES / "axon_hillock.spice").read_bytes()
CELLS = b"""\
.global vbody
.param lu=30n k={2*lu}
.include 'sub/load.sp'
.subckt Inv a y vdd wn=200n
M1 y a 0 vbody nmos_svt w='wn' l=lu m=2 ; the NMOS
+ ad='int((nf+1)/2)*w/nf*70n' nf=2
.subckt inner p
r1 p 0 1k
.ends inner
x2 y inner
.ends
.model dio d is=1f
.subckt top in out vdd[0]
x1 in mid vdd[0] inv wn={3*lu}
x2 mid out vdd[0] inv m=2
d1 out 0 dio
xl out load c=2f
.ends top
.end
"""
FLOW = b"""\
study = "netlist"
[parameters]
file = "mine.sp"
subckt = "top"
stop_s = "1us"
max_step_s = "1ns"
models = []
params = { wn = "200n" }
sources = { "vdd[0]_V" = "0.8V" }
[parameters.pins]
in = "stimulus"
out = "load 5fF"
"vdd[0]" = "supply 0.9V"
vbody = "with in"
[parameters.stimulus.in]
train = ["0V", "0.9V"]
start_s = "10ns"
width_s = "20ns"
period_s = "50ns"
spikes = 3
[parameters.initial_V]
mid = "0.9V"
[parameters.measure]
spikes = "spikes of v(out) above 0.5V below 0.2V from 1ns to 900ns"
latency_s = "latency of v(out) after 10ns"
e_J = "energy of i(vdd[0]) per spike of v(out)"
t_s = "crossing of v(mid) at 0.4V falling number 2"
v_V = "v(mid) at 100ns"
[conditions]
corners = ["tt", "ss"]
mc = 2
[space.over]
"params.lu" = [30e-9, 60e-9]
[specs.spikes]
min = 1
"""
FILES = {
    "mine.sp": CELLS.replace(b" wn={3*lu}", b""),
    "sub/load.sp": b".subckt load p c=1f\nc1 p 0 {c}\n.ends\n",
    "flow.toml": FLOW.replace(b'params = { wn = "200n" }\n', b'params = { lu = "60n" }\n'),
}
# What a netlist has no place for, in pieces, and what may hide it.
TRICKS = (
    ".control", ".endc", "shell touch ran", "*#", "*ng_script", "**.subckt", "**.ends", "\r", "\n",
    ".include ../outside/canary.txt", ".lib '/etc/passwd' tt", ".end", "\\\\", "@", "+", ";", "$ ",
    ".model z d_process (process_file=\"sh\")", "x9 a b top", ".subckt nmos_svt a", "w={w}",
    "m=1e9", ".option scale=1e9", ".subckt", ".ends", ".global 0 gnd", ".func f(x) {f(x)}",
    "nf=1e30", "\u212a", ".param lu=lu", "ad=1e400", "'", "{", "0" * 5000, "\u0000",
    ".tran 1n 1", ".ic v(y)=1",
)  # fmt: skip


WHERE = st.integers(0, FILES["mine.sp"].count(b"\n") - 1)


def checked(path):
    for study in read_flow(path).studies:
        study.check()


def test_what_is_changed_is_good(contract):
    checked(contract.written(FILES) / "flow.toml")


@examples(40)
@given(mutants(FILES))
def test_netlists_and_their_flows(contract, files):
    path = contract.written(files) / "flow.toml"
    contract.holds(lambda: checked(path))


@examples(30)
@given(st.lists(st.sampled_from(TRICKS), min_size=1, max_size=6), WHERE, st.booleans())
def test_netlists_that_try_tricks(contract, tricks, line, alone):
    lines = FILES["mine.sp"].decode().split("\n")
    trick = " ".join(tricks)
    lines[line] += f"\n{trick}" if alone else f" {trick}"
    path = contract.written({**FILES, "mine.sp": "\n".join(lines).encode()}) / "flow.toml"
    contract.holds(lambda: checked(path), apart=True)


@examples(10)
@given(mutants({"mine.sp": SHEET}))
def test_sheets_of_xschem(contract, files):
    flow = (EXAMPLES / "netlist.toml").read_bytes().replace(b"axon_hillock.spice", b"mine.sp")
    path = contract.written({**files, "flow.toml": flow}) / "flow.toml"
    contract.holds(lambda: checked(path))
