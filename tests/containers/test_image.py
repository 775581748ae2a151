"""The image, really built by buildah, against the host: the demo on two ranks. Slow: `pytest -m slow tests/containers`.

The bases are made by debootstrap, so that no image registry is asked. What the network of the build needs is taken from
the same variables as for `make image`: CA, PIP_CONF, APT_CONF, http_proxy, IMAGE_FLAGS (containers/README.md).
"""

from __future__ import annotations

import faulthandler
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import femna

from .bundle import run_read_only

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("buildah", "runc", "debootstrap")
USER = 12345
"""An id that nobody has in the image."""
MACHINE = ("wall_s", "peak_memory_MB", "sodium_balance_error", "charge_balance_error")
"""Keys of the summary that tell of the machine, or only of rounding."""
LARGEST = 1.8e9
"""Bytes that the image may take on the disk."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.serial,
    pytest.mark.skipif(
        os.geteuid() != 0 or any(shutil.which(tool) is None for tool in TOOLS),
        reason=f"needs root and {', '.join(TOOLS)}",
    ),
]


def tool(*words: str | Path) -> str:
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout.strip()


def base_image(suite: str, work: Path) -> str:
    """A plain Debian as an image, made once a machine."""
    name = f"localhost/femna-test-base:{suite}"
    if subprocess.run(["buildah", "inspect", name], capture_output=True, check=False).returncode:
        tool("debootstrap", "--variant=minbase", suite, work / suite)
        container = tool("buildah", "from", "scratch")
        tool("tar", "-C", work / suite, "--exclude=./var/cache/apt/archives/*.deb", "-cf", work / "base.tar", ".")
        tool("buildah", "add", "--quiet", container, work / "base.tar", "/")
        tool("buildah", "commit", "--quiet", "--rm", container, name)
        shutil.rmtree(work / suite)
        (work / "base.tar").unlink()
    return name


@dataclass
class Image:
    """A built image: its name, its configuration and the folder of its root."""

    name: str
    config: dict
    root: Path
    work: Path

    def run(self, *command: str) -> str:
        """Run a command on a read-only root by a user without a name and a home folder."""
        bundle = self.work / "bundle"
        output = self.work / "work"
        output.mkdir(exist_ok=True)
        os.chown(output, USER, USER)
        done = run_read_only(bundle, self.root, output, command, USER, self.config["Env"])
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout


@pytest.fixture(scope="module", params=["trixie", "bookworm"])
def image(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    faulthandler.cancel_dump_traceback_later()  # each command has a limit of its own
    work = tmp_path_factory.mktemp(request.param)
    name = f"localhost/femna-test:{request.param}"
    flags = os.environ.get("IMAGE_FLAGS", "--runtime runc --network host")
    environment = os.environ | {
        "IMAGE_TOOL": "buildah",
        "BASE": base_image(request.param, work),
        "TAG": name,
        "IMAGE_FLAGS": flags,
    }
    subprocess.run(
        [ROOT / "containers" / "build.sh"], env=environment, check=True, stdin=subprocess.DEVNULL, timeout=7200
    )
    container = tool("buildah", "from", name)
    try:
        config = json.loads(tool("buildah", "inspect", "--type", "image", name))["OCIv1"]["config"]
        yield Image(name, config, Path(tool("buildah", "mount", container)), work)
    finally:
        tool("buildah", "umount", container)
        tool("buildah", "rm", container)


def leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Path and value of everything in nested tables and lists."""
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, f"{path}.{key}")
    else:
        yield path, value


def test_the_demo_gives_the_host_s_summary(image: Image, tmp_path: Path) -> None:
    faulthandler.cancel_dump_traceback_later()
    image.run("mpirun", "-n", "2", "femna", "run", "demo", "-o", "demo", "--quiet")
    image.run("femna", "render", "demo")
    inside = json.loads(image.run("femna", "summary", "demo", "--json"))
    host = tmp_path / "host"
    words = [Path(sys.executable).with_name("mpirun"), "-n", "2", sys.executable, "-m", "femna"]
    environment = os.environ | {"PYTHONPATH": str(Path(femna.__file__).parents[1])}
    subprocess.run([*words, "run", "demo", "-o", host, "--quiet"], env=environment, check=True, timeout=1800)
    outside = femna.open_run(host).summary()
    ours, theirs = (dict(leaves({key: s[key] for key in s if key not in MACHINE})) for s in (inside, outside))
    assert ours.keys() == theirs.keys()
    for key, value in theirs.items():
        assert ours[key] == (pytest.approx(value, rel=1e-6) if isinstance(value, float) else value), key
    assert inside["status"] == "finished"
    assert inside["ranks"] == 2
    assert len(list((image.work / "work" / "demo" / "figures").glob("*.png"))) >= 3


def test_three_dimensions_are_drawn_by_mesa(image: Image) -> None:
    small = ("geometry.dim=3", "geometry.width=6 um", "numerics.resolution=2", "numerics.max_steps=2")
    image.run("femna", "run", "demo", "-o", "3d", "--quiet", *(word for item in small for word in ("--set", item)))
    image.run("femna", "render", "3d")
    names = {path.name for path in (image.work / "work" / "3d" / "figures").glob("*.png")}
    assert "volume.png" in names


def test_doctor_lacks_a_compiler_only(image: Image) -> None:
    lines = [line for line in image.run("femna", "doctor").splitlines() if " NO " in line or " no " in line]
    assert len(lines) == 1
    assert "C compiler" in lines[0]


def test_loops_come_compiled(image: Image) -> None:
    """A first run compiles nothing: no file is added to numba's cache."""
    image.run("femna", "run", "demo", "-o", "warm", "--quiet", "--set", "numerics.max_steps=2")
    count = "find /opt/femna/share/numba -name '*.nbc' | wc -l"
    # each call of `image.run` begins with an empty cache; the one that is left is seen from within
    run = "femna run demo -o warm2 --quiet --set numerics.max_steps=2; find /dev/shm -name '*.nbc' | wc -l"
    assert image.run("sh", "-c", run).strip() == image.run("sh", "-c", count).strip() != "0"


def test_what_is_in_it_and_what_is_not(image: Image) -> None:
    assert image.config["User"] == "1000:1000"
    assert image.config["Entrypoint"] == ["femna"]
    assert image.config["WorkingDir"] == "/work"
    labels = image.config["Labels"]
    assert labels["org.opencontainers.image.title"] == "femna"
    assert labels["org.opencontainers.image.version"] == femna.__version__
    assert all(labels[f"org.opencontainers.image.{name}"] for name in ("licenses", "revision", "base.name"))
    size = int(tool("du", "-sb", image.root).split()[0])
    print(f"{image.name}: {size / 1e6:.0f} MB")
    assert size < LARGEST
    for absent in ("usr/bin/gcc", "usr/bin/make", "opt/femna/bin/pip", "root/.cache", "src", "etc/pip.conf"):
        assert not (image.root / absent).exists(), absent
    for empty in ("var/lib/apt/lists", "run/secrets"):
        folder = image.root / empty
        assert not folder.exists() or all(path.stat().st_size == 0 for path in folder.rglob("*") if path.is_file())
