"""The learning commands as a user meets them."""

import json


def test_parameters_prints_the_papers_figures(anaspike):
    code, out, err = anaspike("parameters")
    assert (code, err) == (0, "")
    for figure in ("43,290", "19,203", "12,196", "123,642,856", "123,653,867", "9,192", "13,196"):
        assert figure in out


def test_parameters_as_json(anaspike):
    code, out, _ = anaspike("parameters", "--json")
    figures = json.loads(out)
    assert (code, len(figures)) == (0, 24)
    assert {"table": 8, "method": "NT_1", "dataset": "BCCD", "layers": 9192, "head": 4004,
            "trained": 13196} in figures  # fmt: skip
