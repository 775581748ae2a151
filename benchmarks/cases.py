"""What `make bench` and `make bench-quick` run: cases, the codes on each, and the meshes or grids they take.

A case of EDP-1 is run at several sizes by every code; what is compared is the time at equal error. The others are run
as shipped by femna and by femna 0.1.0; what is compared is the time of the whole run, and the results.
"""

from __future__ import annotations

from dataclasses import dataclass, field

NOW, FIXED, OLD = "femna", "femna, fixed mesh", "femna 0.1.0"
JACOBI, MULTIGRID = "finite differences", "finite differences, multigrid"
FIPY, NEWTON = "FiPy", "dolfinx, Newton + MUMPS"
FEMNA = (NOW, FIXED, OLD)
PEERS = {
    JACOBI: ("finite_differences", ("--potential", "jacobi")),
    MULTIGRID: ("finite_differences", ("--potential", "multigrid")),
    FIPY: ("finite_volumes", ()),
    NEWTON: ("newton_mumps", ()),
}
"""Module below benchmarks.peers, and options."""
CODES = (*FEMNA, *PEERS)


@dataclass(frozen=True)
class BenchCase:
    """One row of the benchmark.

    Attributes:
        case: femna's name of it.
        dim: dimension.
        cells: by code, the numbers of cells along an edge (EDP-1); 0 for "as shipped".
        sets: settings of femna.
        warm: further settings of the short run before.
        target: the error at which times are compared; None where they are compared as shipped.
        side, end: of EDP-1, um and s.
    """

    case: str
    dim: int
    cells: dict[str, tuple[int, ...]]
    sets: tuple[str, ...] = ()
    warm: tuple[str, ...] = ()
    target: float | None = None
    side: float = 25.0
    end: float = 0.1
    limit: dict[str, float] = field(default_factory=dict)

    def femna_sets(self, code: str, cells: int) -> list[str]:
        """The settings of a run by one of FEMNA."""
        sets = [f"geometry.dim={self.dim}", *self.sets]
        if self.case == "edp-1":
            sets += [
                f"geometry.width={self.side} um",
                f"geometry.front_zone={self.side} um",
                f"layer.electrolyte.thickness={self.side - 4.0} um",
                f"numerics.cell_size={self.side / cells:.8g} um",
                f'protocol=[{{mode="voltage", value="0.45 V", until="{self.end} s"}}]',
                f"output.interval={self.end} s",
            ]
            sets += [f"geometry.depth={self.side} um"] if self.dim == 3 else []
        return [*sets, *([] if code == OLD else [f"numerics.adaptive_mesh={str(code == NOW).lower()}"])]


def _edp(dim: int, cells: dict[str, tuple[int, ...]], target: float, **more: float | dict[str, float]) -> BenchCase:
    return BenchCase("edp-1", dim, cells, (), ("numerics.cell_size=1 um",), target, **more)  # type: ignore[arg-type]


def _same(sizes: tuple[int, ...], codes: tuple[str, ...] = FEMNA) -> dict[str, tuple[int, ...]]:
    return dict.fromkeys(codes, sizes)


_DIFFERENCES = (JACOBI, MULTIGRID)
_AS_SHIPPED = _same((0,))
_COARSE = ("numerics.resolution=2",)
_SHORT_CYCLE = (
    'protocol=[{mode="current", value="0.5 mA/cm^2", until="0.01 mAh/cm^2"}, '
    '{mode="current", value="-0.5 mA/cm^2", until="0.011 mAh/cm^2"}]'
)

FULL = {
    "EDP-1 2D-S": _edp(
        2,
        _same((100, 141, 200)) | _same((144, 192, 240), _DIFFERENCES) | {FIPY: (100, 141, 200), NEWTON: (71, 100, 141)},
        3e-3,
    ),
    "EDP-1 2D-L": _edp(
        2,
        _same((320, 400, 566)) | _same((320, 400, 480), _DIFFERENCES) | {FIPY: (320, 400), NEWTON: (320, 400)},
        3e-3,
        side=100.0,
        limit={FIPY: 300.0, NEWTON: 300.0},
    ),
    "EDP-1 3D": _edp(
        3,
        _same((36, 50, 71))
        | {NOW: (50, 71, 100)}
        | _same((48, 64, 96), _DIFFERENCES)
        | {FIPY: (48, 64), NEWTON: (16, 24, 32)},
        1e-2,
        limit={FIPY: 300.0, NEWTON: 600.0},
    ),
    "mci-top 2D": BenchCase("mci-top", 2, _AS_SHIPPED, warm=_COARSE),
    "mci-top 3D": BenchCase("mci-top", 3, _AS_SHIPPED, warm=_COARSE),
    "p-na 3D": BenchCase("p-na", 3, _AS_SHIPPED, warm=_COARSE),
}

QUICK = {
    "EDP-1 2D-S": _edp(
        2,
        _same((71, 100, 141)) | _same((72, 96, 144), _DIFFERENCES) | {FIPY: (71, 100), NEWTON: (71, 100)},
        3e-3,
        limit=dict.fromkeys((FIPY, NEWTON), 5.0),
    ),
    "EDP-1 3D, 12 um": _edp(
        3,
        _same((24, 34)) | _same((24, 32), _DIFFERENCES) | {FIPY: (24,), NEWTON: (16,)},
        1e-2,
        side=12.0,
        end=0.02,
        limit=dict.fromkeys((FIPY, NEWTON), 5.0),
    ),
    "mci-top 2D, 5 % of a cycle": BenchCase("mci-top", 2, _AS_SHIPPED, (_SHORT_CYCLE,), _COARSE),
    "p-na 3D, 0.05 s": BenchCase(
        "p-na", 3, _AS_SHIPPED, ('protocol=[{mode="voltage", value="0.5 V", until="0.05 s"}]',), _COARSE
    ),
}

SMOKE = {
    "EDP-1 2D-S, 1 ms": _edp(2, {NOW: (25,), JACOBI: (24, 32), MULTIGRID: (32,)}, 0.5, end=1e-3),
}

SELECTIONS = {"full": FULL, "quick": QUICK, "smoke": SMOKE}
CASES = {name: case for cases in SELECTIONS.values() for name, case in cases.items()}
"""All, by name; a name stands for one problem."""
