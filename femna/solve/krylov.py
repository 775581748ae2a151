"""PETSc's Krylov solvers by named options, each solve checked, preconditioners kept while they serve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from femna.parallel import PETSc

REUSE = 10
"""A multigrid hierarchy serves so many solves, or until the iterations grow by half."""

_COUNTER = count()


class SolveFailed(Exception):
    """A linear or nonlinear solve did not converge; the step has to be tried with a smaller size."""


class Krylov:
    """A Krylov method for a matrix whose values change, by PETSc's options.

    splits: (name, index set) of the fields that a fieldsplit treats apart; their options begin with fieldsplit_NAME_.
    """

    def __init__(
        self, matrix: Any, options: Mapping[str, str], rtol: float, splits: Sequence[tuple[str, Any]] = ()
    ) -> None:
        self.solver = PETSc.KSP().create(matrix.getComm())
        self.solver.setOperators(matrix)
        prefix, options = f"femna_{next(_COUNTER)}_", {"ksp_max_it": "500"} | dict(options)
        self.solver.setOptionsPrefix(prefix)
        self._database, self._given = PETSc.Options(), [prefix + key for key in options]
        for name, value in zip(self._given, options.values(), strict=True):
            self._database[name] = value
        self.solver.setFromOptions()
        if options["pc_type"] == "fieldsplit":
            self.solver.getPC().setFieldSplitIS(*splits)
        self.solver.setTolerances(rtol=rtol, atol=0.0)
        self.iterations = 0
        self._reuses = options["pc_type"] in ("gamg", "hypre")
        self._age, self._first = 0, 0

    def solve(self, right: Any, left: Any, same: bool = False, atol: float = 0.0) -> None:
        """Solve from zero into `left`. Raises SolveFailed. Collective.

        same: the matrix is that of the last solve. atol: absolute tolerance in the preconditioned norm.
        """
        self.solver.setTolerances(atol=atol)
        reason = self._run(right, left, reuse=same or (self._reuses and 0 < self._age < REUSE))
        if reason <= 0 and self._age > 1:
            reason = self._run(right, left, reuse=False)
        if reason <= 0:
            self._age = 0
            raise SolveFailed(f"linear solver stopped with PETSc reason {reason}")

    def _run(self, right: Any, left: Any, reuse: bool) -> int:
        """One run of the method, with the last preconditioner or a new one; PETSc's reason for its end."""
        self.solver.getPC().setReusePreconditioner(reuse)
        left.set(0.0)
        try:
            self.solver.solve(right, left)
        except PETSc.Error as error:  # a factorisation that met a matrix beyond it
            raise SolveFailed(f"linear solver failed with PETSc error {error.ierr}") from error
        taken = self.solver.getIterationNumber()
        self.iterations += taken
        if not reuse:
            self._age, self._first = 0, taken
        self._age = REUSE if 2 * taken > 3 * self._first + 4 else self._age + 1
        while self._given:  # the levels of a multigrid have read theirs by now
            del self._database[self._given.pop()]
        return int(self.solver.getConvergedReason())
