"""Netlists as people and programs write them: read as ngspice reads them, or refused in a line."""

import pytest

from anaspike.errors import InputError
from anaspike.spice.brought import read_netlist

PEOPLE = """\
* a title, which is a remark
.GLOBAL GND Vbody
.PARAM Wu = 100n  Lu=30n  ; of all
.SUBCKT Inv A Y VDD
+ PARAMS: Wn=100n $ continued
* a remark between
+ Wp = 'Wn*2'
M1 Y A 0 0 nmos_svt W={Wn} L=Lu // the NMOS
+ AD=7f
# another kind of remark
.Subckt Load P
C1 P 0 1f
.Ends
X2 Y Load
.ENDS Inv
.subckt top in out vdd
x1 in mid vdd inv wn=200n
x2 mid out vdd inv
.ends
.END
"""


def read(tmp_path, text, **files):
    (tmp_path / "mine.sp").write_bytes(text.encode() if isinstance(text, str) else text)
    for name, content in files.items():
        path = tmp_path / name.replace("__", "/").replace("_sp", ".sp")
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    return read_netlist("mine.sp", tmp_path)


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_as_people_write(tmp_path, ends, mark):
    net = read(tmp_path, mark + PEOPLE.replace("\n", ends))
    assert list(net.whole.inner) == ["inv", "top"]
    inv = net.subcircuit("INV")
    assert inv.ports == ("a", "y", "vdd")
    assert dict(inv.defaults) == {"wn": "100n", "wp": "'wn*2'"}
    assert [placed.name for placed in inv.elements] == ["m1", "x2"]
    assert inv.elements[0].line.given == {"w": "{wn}", "l": "lu", "ad": "7f"}
    assert inv.inner["load"].ports == ("p",)
    assert list(net.whole.common) == ["vbody"]  # gnd is ground
    assert net.whole.local == {"wu": "100n", "lu": "30n"}


def test_a_sheet_that_xschem_has_put_two_stars_before(tmp_path):
    net = read(tmp_path, "**.subckt Sheet A B\n*.ipin A\nR1 A B 1k\n**.ends\n.end\n")
    assert net.subcircuit("sheet").ports == ("a", "b")


def test_files_and_sections_that_it_calls(tmp_path):
    net = read(
        tmp_path, ".include sub/cell.sp\n.lib lib.sp two\n",
        sub__cell_sp=".subckt cell a\nr1 a 0 1k\n.ends\n",
        lib_sp=".lib one\n.subckt one a\n.ends\n.endl\n.lib two\n.subckt two a\n.ends\n.endl\n",
    )  # fmt: skip
    assert list(net.whole.inner) == ["cell", "two"]
    assert net.data == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "mine.sp is empty; a netlist holds a sub-circuit, .subckt ... .ends"),
        (".subckt a b\nr1 b 0 1k\n", "line 1 of mine.sp, '.subckt a b': it has no .ends"),
        (".ends\n", "line 1 of mine.sp, '.ends': nothing is open that it could end"),
        (".subckt a b\n.ends c\n", "open is a, which has no .ends before it"),
        (".subckt a b\n.ends\n.subckt A b\n.ends\n", "there is another sub-circuit a; leave one"),
        (".subckt a b b\n.ends\n", "its pin b is given twice"),
        ("v1 a 0 1\n", "it stands outside of every sub-circuit; what is around the circuit"),
        ("My neuron\n.subckt a b\n.ends\n", "of a title make a remark, with a * before it"),
        ("1 neuron\n.subckt a b\n.ends\n", "of a title make a remark, with a * before it"),
        (".subckt a b\n.ic v(b)=0\n.ends\n", "where nodes start the flow says, in [parameters.i"),
        (".subckt a b\n.tran 1n 1u\n.ends\n", "a netlist is a circuit alone: what is run, saved"),
        (".subckt a b\n.if (p==1)\n.endif\n.ends\n", "it is not read here; a netlist h"),
        ("simulator lang=spectre\nsubckt a b\n", "that is another language (Spectre, Verilog)"),
        ("module a(b); endmodule\n", "let your program write SPICE, or CDL"),
        (".option reltol=1\n", "of options a netlist may set `scale` alone"),
        (".subckt a b\n.control\nshell touch ran\n.endc\n.ends\n", "line 2 of mine.sp begins com"),
        ("**.subckt a b\n*#shell touch ran\n**.ends\n", "is a command to ngspice"),
        (".model x d_process (process_file=\"sh\")\n", "is a model that runs programs"),
        (".include ../outside.sp\n", "calls ../outside.sp, which lies outside of"),
        (".include /etc/passwd\n", "calls /etc/passwd, which lies outside of"),
        (".include missing.sp\n", "calls missing.sp, but there is no"),
        (b".subckt a\0b\n.ends\n", "is no text"),
        (".subckt a b\n1x b 0 1\n.ends\n", "it is no element"),
        (".subckt a b\nx1 b cell w= l=1\n.ends\n", "is no parameter and its value"),
    ],
)  # fmt: skip
def test_what_is_refused(tmp_path, text, said):
    with pytest.raises(InputError) as caught:
        _ = read(tmp_path, text).whole
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_sub_circuit_that_is_not_there(tmp_path):
    net = read(tmp_path, PEOPLE)
    with pytest.raises(InputError) as caught:
        net.subcircuit("tops")
    assert str(caught.value) == "mine.sp has no sub-circuit 'tops'; did you mean 'top'?"
    with pytest.raises(InputError) as caught:
        read_netlist("other.sp", tmp_path)
    assert str(caught.value) == f"there is no netlist {tmp_path}/other.sp"


def test_a_link_that_leads_out_of_the_folder(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "secret.sp").write_text(".subckt a b\n.ends\n")
    (inner / "mine.sp").symlink_to(tmp_path / "secret.sp")
    with pytest.raises(InputError, match="lies outside of"):
        read_netlist("mine.sp", inner)
