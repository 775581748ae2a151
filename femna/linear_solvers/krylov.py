"""PETSc's Krylov solvers by named options, each solve checked, preconditioners kept while they serve."""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from femna.parallel import PETSc

REUSE = 10
"""A multigrid hierarchy serves so many solves, or until the iterations grow by half."""

FEW = 10
"""So many iterations cost less than a new hierarchy: growth is counted from there."""

LONG = 60
"""After so many iterations with a hierarchy made for another matrix a new one is cheaper."""

_COUNTER = count()


class SolveFailed(Exception):
    """A linear or nonlinear solve did not converge; the step has to be tried with a smaller size."""


class Krylov:
    """A Krylov method for a matrix whose values change, by PETSc's options.

    splits: (name, index set) of the fields that a fieldsplit treats apart; their options begin with fieldsplit_NAME_.
    """

    def __init__(self, matrix: Any, options: Mapping[str, str], splits: Sequence[tuple[str, Any]] = ()) -> None:
        prefix, options = f"femna_{next(_COUNTER)}_", {"ksp_max_it": "500"} | dict(options)
        # they stay: a multigrid that makes its levels anew reads those of its smoothers again
        database, given = PETSc.Options(), [prefix + key for key in options]
        for name, value in zip(given, options.values(), strict=True):
            database[name] = value
        weakref.finalize(self, _forget, database, given).atexit = False
        self._matrix, self._prefix = matrix, prefix
        self._splits = splits if options["pc_type"] == "fieldsplit" else ()
        self._make()
        self.iterations = 0
        self._limit = int(options["ksp_max_it"])
        self._reuses = options["pc_type"] in ("gamg", "hypre", "fieldsplit")
        self._age, self._first = 0, 0

    def _make(self) -> None:
        self.solver = PETSc.KSP().create(self._matrix.getComm())
        self.solver.setOperators(self._matrix)
        self.solver.setOptionsPrefix(self._prefix)
        self.solver.setFromOptions()
        if self._splits:
            self.solver.getPC().setFieldSplitIS(*self._splits)

    def solve(
        self, right: Any, left: Any, rtol: float, same: bool = False, atol: float = 0.0, guessed: bool = False
    ) -> None:
        """Solve into `left`, from zero or, if guessed, from what it holds. Raises SolveFailed. Collective.

        rtol, atol: relative and absolute tolerance in the method's norm. same: the matrix is that of the last solve.
        """
        self.solver.setInitialGuessNonzero(guessed and self.solver.getType() != PETSc.KSP.Type.PREONLY)
        reuse = same or (self._reuses and 0 < self._age < REUSE)
        stale = reuse and self._reuses and self._age > 1
        self.solver.setTolerances(rtol=rtol, atol=atol, max_it=min(LONG, self._limit) if stale else self._limit)
        reason = self._run(right, left, reuse)
        if reason <= 0 and self._age > 1:
            self.solver.setInitialGuessNonzero(False)
            self.solver.setTolerances(max_it=self._limit)
            reason = self._run(right, left, reuse=False)
        if reason <= 0:
            self._begin_again()
            raise SolveFailed(f"linear solver stopped with PETSc reason {reason}")

    def _begin_again(self) -> None:
        """A factorisation that has failed once fails ever after: the next solve gets a new solver."""
        self.solver.destroy()
        self._make()
        self._age = 0

    def renew(self) -> None:
        """Let the next solve set up its preconditioner anew."""
        self._age = 0

    def _run(self, right: Any, left: Any, reuse: bool) -> int:
        """One run of the method, with the last preconditioner or a new one; PETSc's reason for its end."""
        self.solver.getPC().setReusePreconditioner(reuse)
        right = right.copy()  # a solve that ends in an error leaves its right side locked
        try:
            self.solver.solve(right, left)
        except PETSc.Error as error:  # a factorisation that met a matrix beyond it
            self._begin_again()
            raise SolveFailed(f"linear solver failed with PETSc error {error.ierr}") from error
        taken = self.solver.getIterationNumber()
        self.iterations += taken
        if not reuse:
            self._age, self._first = 0, taken
        self._age = REUSE if 2 * taken > 3 * max(self._first, FEW) + 4 else self._age + 1
        return int(self.solver.getConvergedReason())


def _forget(database: Any, names: Sequence[str]) -> None:
    for name in names:
        del database[name]
