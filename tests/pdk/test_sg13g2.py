"""IHP SG13G2: recognised, and refused with what is missing."""

import pytest

from anaspike.errors import InputError
from anaspike.pdk.catalog import open_pdk

MODELS = "ihp-sg13g2/libs.tech/ngspice"
WITHOUT_OSDI = "echo 'osdi: no such command available in ngspice'"
WITH_OSDI = "echo 'Error opening osdi lib'"


def refusal(environ):
    with pytest.raises(InputError) as caught:
        open_pdk("sg13g2", environ)
    return str(caught.value)


@pytest.fixture
def environ(tmp_path, stub):
    return {"PDK_ROOT": str(tmp_path), "ANASPIKE_NGSPICE": str(stub(WITHOUT_OSDI)), "PATH": ""}


def put(tmp_path, name):
    path = tmp_path / MODELS / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")


def test_nothing_of_it_is_here(environ):
    assert refusal(environ) == (
        "sg13g2 cannot be used here; missing: the models"
        " (ihp-sg13g2/libs.tech/ngspice/models/cornerMOSlv.lib below PDK_ROOT), OSDI in ngspice"
        " (build it with --enable-osdi; Debian 12's has none)"
    )


def test_what_is_missing_is_said_piece_by_piece(environ, tmp_path, stub):
    put(tmp_path, "models/cornerMOSlv.lib")
    said = refusal(environ)
    assert "the models" not in said
    assert "psp103_nqs.osdi (compile the PDK's psp103_nqs.va with OpenVAF), OSDI in" in said
    put(tmp_path, "osdi/psp103_nqs.osdi")
    assert refusal(environ) == (
        "sg13g2 cannot be used here; missing: OSDI in ngspice (build it with --enable-osdi;"
        " Debian 12's has none)"
    )
    environ["ANASPIKE_NGSPICE"] = str(stub(WITH_OSDI))
    assert refusal(environ) == (
        f"sg13g2 is here ({tmp_path / 'ihp-sg13g2'}), but anaspike has sized no neuron for it yet;"
        " docs/add-a-pdk.md says what that takes"
    )
