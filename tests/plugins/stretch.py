"""A vector field that follows the state at every instant: div(grad w - c~ e) = 0, e upwards, w = 0 at the collector.

Exact where c~ depends on the height alone: w = e times the integral of c~ from the collector upwards.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import ufl

import femna.plugin as fp


class NoKeys(fp.Section):
    """The table [processes.stretch]; it has no keys."""


STRETCH = fp.Field("stretch", "Stretch", r"$w$", unit="m", shown_unit="um", shown_scale=1e6, colour_map="cividis")


class Stretch(fp.Process):
    """w on a grid."""

    name = "stretch"
    keys = NoKeys

    @classmethod
    def declare(cls, case: fp.Case) -> tuple[fp.Variable, ...]:
        """The vector."""
        return (fp.Variable(STRETCH, is_vector=True, is_steady=True),)

    @classmethod
    def build(cls, case: fp.Case, grid: fp.Grid) -> Self:
        """On a grid."""
        return cls(grid)

    def __init__(self, grid: fp.Grid) -> None:
        self.grid = grid

    def equations(self, context: fp.StepContext) -> tuple[fp.Equation, ...]:
        """A form, held at the collector."""
        collector = self.grid.points[:, -1] < 1e-12
        return (fp.Equation("stretch", {"stretch": fp.FormTerm(self.residual)}, fixed=collector),)

    def residual(self, w: Any, v: Any, context: fp.FormContext) -> ufl.Form:
        """Of w, with the test function v."""
        dim = self.grid.dim
        upwards = np.zeros((dim, dim))
        upwards[-1, -1] = 1.0
        source = context.field("c") * ufl.as_matrix(upwards.tolist())
        return ufl.inner(ufl.grad(w) - source, ufl.grad(v)) * ufl.dx


fp.register_process(Stretch)
