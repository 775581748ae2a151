"""A binary salt between two sodium electrodes of which one grows: the sharp moving front, by the method of lines.

    dc/dt = D_a d2c/dx2,   D_a dc/dx = (1 - t+) i/F - v c at the front,   D_a dc/dx = (1 - t+) i/F at the counter,

v = V_m i/F: what the metal displaces is pushed ahead, and no anion leaves. With y = (x - x_f)/L, L = L0 - V_m Q/F, on
finite volumes that get finer towards both ends. The voltage is that of two Butler-Volmer electrodes and of the salt
between them (Newman and Thomas-Alyea, Electrochemical Systems, ch. 11): 2 x 200 to 800 volumes change the time at which
the salt is used up by 3e-4 s, the voltage by 2e-6 of itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.sparse import diags, hstack, vstack

from femna.units import FARADAY

from .two import MOLAR_VOLUME, THERMAL_VOLTAGE

Array = NDArray[np.float64]


@dataclass
class SharpCell:
    """gap (m), diffusivities (m^2/s), salt (mol/m^3), exchange current density of both electrodes (A/m^2)."""

    gap: float = 200e-6
    cation: float = 1e-10
    anion: float = 2e-10
    salt: float = 1000.0
    exchange: float = 300.0
    volumes: int = 800

    def __post_init__(self) -> None:
        faces = 0.5 + 0.5 * np.sin(0.5 * np.pi * np.linspace(-1.0, 1.0, self.volumes + 1))
        self.faces, self.middle, self.size = faces, 0.5 * (faces[1:] + faces[:-1]), np.diff(faces)
        self.level = 2.0 * self.cation * self.anion / (self.cation + self.anion)
        self.share = self.anion / (self.cation + self.anion)

    @property
    def limit(self) -> float:
        """Limiting current density, 4 F D+ c0/L, A/m^2."""
        return 4.0 * FARADAY * self.cation * self.salt / self.gap

    def _rates(self, y: Array, current: float) -> Array:
        gap, speed = y[-1], MOLAR_VOLUME * current / FARADAY
        c = y[:-1] / (gap * self.size)
        flux = np.full(self.volumes + 1, -self.share * current / (FARADAY * self.salt))
        flux[1:-1] = -self.level * np.diff(c) / (np.diff(self.middle) * gap)
        flux[1:-1] -= speed * (1.0 - self.faces[1:-1]) * 0.5 * (c[1:] + c[:-1])
        return np.append(-np.diff(flux), -speed)

    def ends(self, y: Array, current: float) -> tuple[float, float]:
        """c~ at the front and at the counter: parabolas through the slope there and the two nearest volumes."""
        gap, steep = y[-1], self.share * current / (FARADAY * self.salt * self.level)
        c, at = y[:-1] / (gap * self.size), self.middle * gap
        pushes = MOLAR_VOLUME * current / (FARADAY * self.level)
        front = c[0]
        for _ in range(3):
            slope = steep - pushes * front
            bend = ((c[1] - c[0]) / (at[1] - at[0]) - slope) / (at[0] + at[1])
            front = c[0] - slope * at[0] - bend * at[0] ** 2
        back = gap - at
        bend = (steep - (c[-1] - c[-2]) / (at[-1] - at[-2])) / (back[-1] + back[-2])
        return float(front), float(c[-1] + steep * back[-1] - bend * back[-1] ** 2)

    def voltage(self, y: Array, current: float) -> float:
        """Of the cell, V; i rises with what is plated at the front."""
        front, counter = self.ends(y, current)
        gap, both = y[-1], FARADAY * self.salt * (self.cation + self.anion) / THERMAL_VOLTAGE
        c = np.concatenate([[front], y[:-1] / (gap * self.size), [counter]])
        x = gap * np.concatenate([[0.0], self.middle, [1.0]])
        ratio = np.log(c[1:] / c[:-1])
        mean = np.where(np.abs(ratio) > 1e-9, np.diff(c) / np.where(ratio == 0.0, 1.0, ratio), c[1:])
        reaction = sum(np.arcsinh(current / (2.0 * self.exchange * np.sqrt(end))) for end in (front, counter))
        ohmic = current / both * (np.diff(x) / mean).sum()
        return float(ohmic + 2.0 * THERMAL_VOLTAGE * (self.share * np.log(counter / front) + reaction))

    def run(self, parts: Sequence[tuple[float, float, Sequence[float]]]) -> tuple[list[float], float]:
        """Voltages, and the time (s since the start of the last part) at which no salt is left at the front.

        Args:
            parts: current density (A/m^2), how long (s), and the times since its beginning at which voltages are asked.
        """
        n = self.volumes
        near = diags([np.ones(n - 1), np.ones(n), np.ones(n - 1)], [-1, 0, 1])
        pattern = vstack([hstack([near, np.ones((n, 1))]), np.ones((1, n + 1))])
        y, voltages, used = np.append(self.gap * self.size, self.gap), [], np.inf
        for current, until, times in parts:
            asked = np.unique(np.append(np.minimum(times, until), until))

            def left(_: float, y: Array, current: float = current) -> float:
                return self.ends(y, current)[0] - 1e-6

            left.terminal = True  # type: ignore[attr-defined]
            solution = solve_ivp(
                lambda _, y, current=current: self._rates(y, current),
                (0.0, until),
                y,
                method="BDF",
                rtol=1e-9,
                atol=1e-14,
                jac_sparsity=pattern,
                t_eval=asked,
                events=left,
                first_step=1e-7,
            )
            used = float(np.append(solution.t_events[0], np.inf)[0])
            if np.isfinite(used):
                break
            at = np.searchsorted(asked, np.minimum(times, until))
            voltages += [self.voltage(solution.y[:, k], current) for k in at]
            y = solution.y[:, -1]
        return voltages, used
