"""The licences that femna doctor lists."""

from __future__ import annotations

from email.message import Message

import pytest

from femna.cli import main
from femna.cli.licences import licence, licences


def test_every_package_that_femna_imports_is_listed() -> None:
    found = {name.lower(): text for name, _, text in licences()}
    assert found["femna"] == "MIT"
    assert {"gmsh", "numpy", "pyvista", "h5py", "vtk"} <= set(found)
    assert "GPL" in found["gmsh"]
    assert not {"pytest", "mypy", "ruff"} & set(found)


@pytest.mark.parametrize(
    ("stated", "read"),
    [
        ({"License-Expression": "BSD-3-Clause", "License": "BSD"}, "BSD-3-Clause"),
        ({"Classifier": "License :: OSI Approved :: MIT License"}, "MIT License"),
        ({"Classifier": "License :: OSI Approved", "License": "zlib"}, "zlib"),
        ({"License": "x" * 200}, "x" * 59 + "…"),
        ({}, "not stated"),
    ],
)
def test_a_licence_is_read_where_it_is_stated(stated: dict[str, str], read: str) -> None:
    message = Message()
    for key, value in stated.items():
        message[key] = value
    assert licence(message) == read  # type: ignore[arg-type]


def test_doctor_prints_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--licences"]) == 0
    assert "gmsh" in capsys.readouterr().out
