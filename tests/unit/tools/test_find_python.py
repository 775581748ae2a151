"""tools/find-python runs what it finds, and says what it tried."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.serial
TOOL = Path(__file__).parents[3] / "tools" / "find-python"
BASE = Path(sys._base_executable)


@pytest.fixture
def find(tmp_path):
    """Runs the tool with a PATH of the named programs (name -> its text) and nothing else of this machine."""

    def run(programs, **environment):
        folder = tmp_path / "bin"
        folder.mkdir()
        for name in ("head", "tail"):
            (folder / name).symlink_to(shutil.which(name))
        for name, text in programs.items():
            (folder / name).write_text(text)
            (folder / name).chmod(0o755)
        tool = tmp_path / "find-python"
        tool.write_text(TOOL.read_text().replace(" /opt/", f" {tmp_path}/").replace(" /usr/local/", f" {tmp_path}/"))
        environment = {"PATH": str(folder), "HOME": str(tmp_path), **environment}
        return subprocess.run(["/bin/sh", tool], env=environment, capture_output=True, text=True, check=False)

    return run


BROKEN = "#!/bin/sh\necho 'shim: python3.13: command not found' >&2\nexit 127\n"
REAL = f'#!/bin/sh\nexec "{BASE}" "$@"\n'


def test_a_shim_that_leads_nowhere_is_passed_over(find):
    found = find({"python3.13": BROKEN, "python3": REAL})
    assert found.returncode == 0
    assert os.path.samefile(found.stdout.strip(), BASE)


def test_a_folder_of_pyenv_is_found_without_its_shims(find, tmp_path):
    home = tmp_path / "pyenv" / "versions" / "3.13.99" / "bin"
    home.mkdir(parents=True)
    (home / "python3").write_text(REAL)
    (home / "python3").chmod(0o755)
    found = find({"python3.13": BROKEN}, PYENV_ROOT=str(tmp_path / "pyenv"))
    assert os.path.samefile(found.stdout.strip(), BASE)


def test_the_wanted_python_comes_first_and_an_unfit_one_is_told(find, tmp_path):
    wanted = tmp_path / "old"
    wanted.write_text("#!/bin/sh\necho is Python 2.7 >&2\nexit 1\n")
    wanted.chmod(0o755)
    found = find({"python3": REAL}, PYTHON=str(wanted))
    assert os.path.samefile(found.stdout.strip(), BASE)
    assert f"PYTHON={wanted} is Python 2.7; looking further" in found.stderr


def test_a_machine_without_any_is_told_what_was_tried(find):
    found = find(dict.fromkeys(("python3.12", "python3.13", "python3.14", "python3"), BROKEN))
    assert found.returncode == 1
    assert found.stdout == ""
    assert "found none" in found.stderr
    assert "python3.13: shim: python3.13: command not found" in found.stderr
