"""The same process with its equation as a UFL form, under a name of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import ufl
from first_order_decay import FirstOrderDecay

import femna.plugin as fp


class DecayByForm(FirstOrderDecay):
    """dT/dt = div(D grad T) - k T in one layer, assembled by dolfinx."""

    name = "decay-form"

    def equations(self, context: fp.StepContext) -> tuple[fp.Equation, ...]:
        """The residual in UFL; the vertex rule lumps the mass, as edges and nodes do."""
        nowhere_else = self.volume == 0.0
        term = fp.FormTerm(self.residual)
        return (fp.Equation("tracer", {"decay": term}, fixed=nowhere_else, fixed_values=np.zeros(self.grid.size)),)

    def residual(self, u: Any, v: Any, context: fp.FormContext) -> ufl.Form:
        """u: the tracer, v: the test function."""
        lumped = ufl.dx(metadata={"quadrature_rule": "vertex", "quadrature_degree": 1})
        layer = context.in_layers((self.number,))
        gain = layer * (context.rate() + self.rate * u) * v * lumped
        return gain + layer * self.diffusivity * ufl.inner(ufl.grad(u), ufl.grad(v)) * ufl.dx


fp.register_process(DecayByForm)
