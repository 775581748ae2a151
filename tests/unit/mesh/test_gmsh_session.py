import errno

import pytest

from femna.errors import CannotGoOn
from femna.mesh.gmsh_session import written_aside


def test_a_complete_file_takes_the_place_of_the_old_one(tmp_path):
    target = tmp_path / "stack.msh"
    target.write_text("old")
    with written_aside(target) as aside:
        aside.write_text("$Elements\n$EndElements\n")
        assert target.read_text() == "old"
    assert target.read_text() == "$Elements\n$EndElements\n"
    assert list(tmp_path.iterdir()) == [target]


def test_a_full_disk_leaves_the_old_file(tmp_path):
    target = tmp_path / "stack.msh"
    target.write_text("old")
    with pytest.raises(CannotGoOn, match="the disk is full"), written_aside(target) as aside:
        aside.write_text("$Elements\n1 2 3")  # cut short, as gmsh leaves it
    with pytest.raises(CannotGoOn, match="the disk is full"), written_aside(target):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]
