"""Where does the first sodium plate? Top fraction of mci-top over both conductivities and the layer's thickness.

    python tools/top_fraction.py docs/verification      # top_fraction.csv and top_fraction.png, two minutes

Each point is the finite-element solution of the flat stack (mci-top in one dimension) before any growth, beside the
current divider f = (R_b + d/sigma_i)/(R_b + d/sigma_i + R_t + d/sigma_e). What the paper gives is a point on one axis:
the electronic conductivity; its ionic conductivity and thickness are not in its text.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

import femna
from femna.contract.control import Control
from femna.mesh.grid import GlobalMesh
from femna.mesh.simplex_grid import SimplexGrid
from femna.mesh.stack import build_stack
from femna.models.registry import declared_variables
from femna.models.two_potential import TwoPotential
from femna.parallel import MPI
from femna.render.theme import WIDTH, figure, letters, save, style
from femna.timestepping.lagged_front import LaggedFrontStepper
from femna.units import FARADAY, GAS_CONSTANT

THICKNESS = (0.3e-6, 1e-6, 3e-6)
ELECTRONIC = np.logspace(-6, -2, 9)
IONIC = np.logspace(-6, 2, 17)
MEASURED = 2.2e-4
"""Electronic conductivity of the layer, S/m: Lu et al., Nano-Micro Lett. 2026, 18:417, Fig. 3c."""
CURRENT, ALLOWED = 5.0, 0.020
"""A/m^2, and V an electrode: the paper's 0.5 mA/cm^2 and half of its 40 mV."""


def shares(thickness: float, electronic: float, ionic: float) -> dict[str, float]:
    """Top fraction by finite elements and by the divider, and the voltage, of one layer (m, S/m)."""
    case = femna.load_case(
        "mci-top",
        overrides={
            "geometry.dim": 1,
            "interface.width": 0.05 * thickness,
            "layer.interphase.thickness": thickness,
            "materials.mci.electronic_conductivity": electronic,
            "materials.mci.ionic_conductivity": ionic,
            "materials.mci.activation_energy": 0.0,
            "geometry.front_zone": 2e-6 + 2.0 * thickness,
        },
    )
    mesh = build_stack(case)
    grid = SimplexGrid(MPI.COMM_SELF, GlobalMesh(mesh.points, mesh.cells, mesh.layer))
    model = TwoPotential.build(case, grid, ())
    stepper = LaggedFrontStepper(model)
    stepper.set_control(Control("current", CURRENT))
    state = stepper.start(0.0, model.initial_fields(declared_variables(case)))
    above = grid.points[:, -1] > case.interphase_top - 1e-12
    growth = grid.volume * state["deposition_rate"]
    resistance = GAS_CONSTANT * case.temperature / FARADAY / case.kinetics.exchange_current_density
    below, through = resistance + thickness / ionic, resistance + thickness / electronic
    return {
        "thickness [m]": thickness,
        "electronic conductivity [S/m]": electronic,
        "ionic conductivity [S/m]": ionic,
        "top fraction": float(growth[above].sum() / growth.sum()),
        "top fraction, divider": below / (below + through),
        "cell voltage [V]": state.voltage,
    }


@style()
def draw(rows: list[dict[str, float]], path: Path) -> None:
    """Contours of the top fraction for each thickness, and the thickness that 40 mV allow."""
    picture = figure(WIDTH, 2.7)
    axes = picture.subplots(1, len(THICKNESS) + 1, gridspec_kw={"width_ratios": [1.0] * len(THICKNESS) + [0.9]})
    letters(list(axes))
    for axis, thickness in zip(axes, THICKNESS, strict=False):
        own = [row for row in rows if row["thickness [m]"] == thickness]
        values = np.array([row["top fraction"] for row in own]).reshape(len(ELECTRONIC), len(IONIC))
        filled = axis.contourf(IONIC, ELECTRONIC, values, levels=np.linspace(0, 1, 11), cmap="cividis")
        axis.contour(IONIC, ELECTRONIC, values, levels=[0.5], colors="white", linewidths=1.0)
        axis.annotate("1/2", (1e-5, 1e-5), (4, -6), textcoords="offset points", color="white", fontsize=7)
        axis.axhline(MEASURED, color="white", linestyle="--", linewidth=0.8)
        axis.plot([1e-5], [MEASURED], "o", color="white", markeredgecolor="black", markersize=5)
        axis.set_xscale("log")
        axis.set_yscale("log")
        axis.set_title(f"layer of {1e6 * thickness:g} µm", fontsize=8)
        axis.set_xlabel("Ionic σ$_i$ (S/m)")
    for axis in axes[1:-1]:
        axis.set_yticklabels([])
    axes[0].set_ylabel("Electronic σ$_e$ (S/m)")
    bar = picture.colorbar(filled, ax=list(axes[:-1]), pad=0.02, ticks=[0, 0.5, 1])
    bar.set_label("Share plated above the layer")
    sigma = np.logspace(-5, -3, 50)
    axes[-1].loglog(sigma, 1e6 * ALLOWED * sigma / CURRENT)
    axes[-1].plot([MEASURED], [1e6 * ALLOWED * MEASURED / CURRENT], "o")
    axes[-1].annotate("0.88 µm", (MEASURED, 1e6 * ALLOWED * MEASURED / CURRENT), (8, -10), textcoords="offset points")
    axes[-1].set_xlabel("Electronic σ$_e$ (S/m)")
    axes[-1].set_ylabel("Thickest layer for 20 mV\nat 0.5 mA cm$^{-2}$ (µm)")
    save(picture, path)


def main() -> None:
    """Compute, write and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="folder of table and figure")
    out = parser.parse_args().out
    rows = [shares(d, e, i) for d in THICKNESS for e in ELECTRONIC for i in IONIC]
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "top_fraction.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows([{key: f"{value:.5g}" for key, value in row.items()} for row in rows])
    for limit in (1.0, np.inf):
        within = [row for row in rows if row["cell voltage [V]"] < limit]
        worst = max(abs(row["top fraction"] - row["top fraction, divider"]) for row in within)
        print(f"{len(within)} cells below {limit} V: finite elements and the divider differ by {worst:.4f} at the most")
    draw(rows, out / "top_fraction.png")


if __name__ == "__main__":
    main()
