"""Sodium that a layer takes up: a reaction in its volume, Na+ + e- -> Na in the layer, and the share u that is filled.

    j = i0v [(1 - u) c~^a exp(-beta eta/V_T) - u exp((1 - beta) eta/V_T)],   eta = phi_s - phi_l - U - U_up,
    du/dt = j/(F C),   V_T = RT/F,

j in A/m^3, C the sodium that the layer can take up, mol/m^3. At equilibrium (c~ = 1)
phi_s - phi_l - U = U_up + V_T ln((1 - u)/u): Langmuir's isotherm, that of an ideal solid solution (Newman and
Thomas-Alyea, Electrochemical Systems, 3rd ed., ch. 22, of electrodes that take ions in).

Backward Euler in u is solved in closed form at each node: with a = dt i0v/(F C), f = c~^a exp(-beta eta/V_T) and
b = exp((1 - beta) eta/V_T),

    u_new = (u + a f)/(1 + a (f + b)),   j = i0v [(1 - u) f - u b]/(1 + a (f + b)),

so that u stays between 0 and 1 for any step, j fills or empties the node at the most, and it falls with eta.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from femna.physics.kinetics import LARGEST

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Sodiation:
    """The layers that take up sodium, on a grid.

    (N,) each: capacity, F C in each node's share, C m^(d-3), and exchange, i0v there, A m^(d-3), 0 where no layer takes
    up sodium; standard, U + U_up, V; initial, u at the start. transfer beta; thermal_voltage in V; power: a, of c~ in
    the cathodic current.
    """

    capacity: Array
    exchange: Array
    equilibrium_potential: Array
    initial: Array
    transfer: float
    thermal_voltage: float
    power: float = 0.0


@dataclass(frozen=True)
class SodiationStep:
    """An uptake over a step dt (s; 0 for the rate at an instant) from u = filled, on the share `bare` without metal."""

    uptake: Sodiation
    bare: Array
    degree_of_sodiation: Array
    dt: float

    @property
    def exchange(self) -> Array:
        """i0v of what metal leaves bare, (N,) in A m^(d-3)."""
        return self.bare * self.uptake.exchange

    def current(self, eta: Array, c: Array) -> tuple[Array, Array, Array]:
        """The mean current over the step, (N,) in A m^(d-3), and its derivatives by eta and by c~."""
        law, u, exchange = self.uptake, self.degree_of_sodiation, self.exchange
        beta, thermal = law.transfer, law.thermal_voltage
        forth = np.exp(np.clip(-beta / thermal * eta, -LARGEST, LARGEST)) * c**law.power
        back = np.exp(np.clip((1.0 - beta) / thermal * eta, -LARGEST, LARGEST))
        share = self.dt * exchange / np.maximum(law.capacity, 1e-300)
        held = 1.0 + share * (forth + back)
        # the derivative of the quotient, with the terms that cancel left out
        by_forth, by_back = (1.0 - u) + share * back, u + share * forth
        slope = beta * by_forth * forth / held + (1.0 - beta) * by_back * back / held
        return (
            exchange * ((1.0 - u) * forth - u * back) / held,
            -exchange / thermal * slope / held,
            exchange * law.power / c * by_forth * forth / held / held,
        )

    def after(self, current: Array) -> Array:
        """u at the end of a step with this current, (N,)."""
        return self.degree_of_sodiation + self.dt * current / np.where(
            self.uptake.capacity > 0.0, self.uptake.capacity, np.inf
        )
