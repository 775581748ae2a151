"""PETSc's Krylov methods by named options: every solve is checked, and preconditioners are kept while they serve.

A method that stops without converging raises `SolveFailed`; the time step that asked for the solution is then repeated
with a smaller size.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from itertools import count

from femna.parallel import PETSc

FACTORED_RTOL = 1e-12
"""Relative tolerance with factors of an earlier matrix, whatever is asked for: a factorisation solves to rounding, and
balances rest on that. Each decade costs an iteration or less, which is a sixth of a factorisation."""

MAX_SOLVES_PER_HIERARCHY = 10
"""Number of solves that a multigrid hierarchy serves for, or fewer when the iterations have grown by half."""

CHEAP_ITERATIONS = 10
"""Iterations that cost less than a new multigrid hierarchy: growth of the iterations is measured from this number."""

KEPT = ("gamg", "hypre", "fieldsplit", "lu")
"""Preconditioners that cost more than some iterations, so that one of an earlier matrix is kept while it serves."""

MAX_STALE_ITERATIONS = 60
"""Iterations with a hierarchy of an earlier matrix after which a new hierarchy is cheaper than to go on."""

MAX_ITERATIONS = 500
"""Iterations after which a solve has failed, where the options do not give `ksp_max_it`."""

_COUNTER = count()


class SolveFailed(Exception):
    """A linear or nonlinear solve did not converge; the time step has to be repeated with a smaller size."""


class Krylov:
    """A Krylov method, by PETSc's options, for a matrix whose values change."""

    def __init__(
        self,
        matrix: PETSc.Mat,
        options: Mapping[str, str],
        splits: Sequence[tuple[str, PETSc.IS]] = (),
        preconditioner: object = None,
    ) -> None:
        """Set up the method. Collective.

        Args:
            matrix: the matrix. Its values may change from solve to solve, its pattern may not.
            options: PETSc's options without a prefix; `pc_type` must be among them.
            splits: name and index set of each field, for a fieldsplit; the options of a field begin with
                `fieldsplit_NAME_`.
            preconditioner: the context of a preconditioner of type python.
        """
        prefix, options = f"femna_{next(_COUNTER)}_", {"ksp_max_it": str(MAX_ITERATIONS)} | dict(options)
        # The options stay in PETSc's database: a multigrid that sets up its levels anew reads those of its smoothers
        # again.
        database, given = PETSc.Options(), [prefix + key for key in options]
        for name, value in zip(given, options.values(), strict=True):
            database[name] = value
        weakref.finalize(self, _forget, database, given).atexit = False
        self._matrix, self._prefix = matrix, prefix
        self._splits = splits if options["pc_type"] == "fieldsplit" else ()
        self._preconditioner = preconditioner
        self._make()
        self.iterations = 0
        """Iterations of all solves so far."""
        self._limit = int(options["ksp_max_it"])
        self._reuses = options["pc_type"] in KEPT and options.get("ksp_type") != "preonly"
        self._is_factored = options["pc_type"] == "lu"
        # solves with the present preconditioner (0: none yet), and the iterations of the first of them
        self._age, self._first = 0, 0

    def _make(self) -> None:
        self.solver = PETSc.KSP().create(self._matrix.getComm())
        self.solver.setOperators(self._matrix)
        self.solver.setOptionsPrefix(self._prefix)
        self.solver.setFromOptions()
        if self._splits:
            self.solver.getPC().setFieldSplitIS(*self._splits)
        if self._preconditioner is not None:
            self.solver.getPC().setPythonContext(self._preconditioner)

    def solve(
        self,
        right: PETSc.Vec,
        left: PETSc.Vec,
        rtol: float,
        same: bool = False,
        atol: float = 0.0,
        guessed: bool = False,
    ) -> None:
        """Solve for a right side. Collective.

        Args:
            right: the right side; it is not changed.
            left: receives the solution; if guessed, it holds the initial guess.
            rtol: tolerance relative to the right side, in the method's norm.
            same: whether the matrix is that of the last solve, so that its preconditioner is exact for it.
            atol: absolute tolerance, in the method's norm.
            guessed: whether to start from `left` instead of zero.

        Raises:
            SolveFailed: the method did not converge, also with a new preconditioner.
        """
        if self._is_factored:
            rtol, atol = min(rtol, FACTORED_RTOL), 0.0
        self.solver.setInitialGuessNonzero(guessed and self.solver.getType() != PETSc.KSP.Type.PREONLY)
        reuse = same or (self._reuses and 0 < self._age < MAX_SOLVES_PER_HIERARCHY)
        stale = reuse and self._reuses and self._age > 1
        limit = min(MAX_STALE_ITERATIONS, self._limit) if stale else self._limit
        self.solver.setTolerances(rtol=rtol, atol=atol, max_it=limit)
        reason = self._run(right, left, reuse)
        if reason <= 0 and self._age > 1:
            self.solver.setInitialGuessNonzero(False)
            self.solver.setTolerances(max_it=self._limit)
            reason = self._run(right, left, reuse=False)
        if reason <= 0:
            self._begin_again()
            raise SolveFailed(f"linear solver stopped with PETSc reason {reason}")

    def _begin_again(self) -> None:
        """Replace the solver: in PETSc a factorisation that has failed once fails in every later solve."""
        self.solver.destroy()
        self._make()
        self._age = 0

    def destroy(self) -> None:
        """Give PETSc's memory back. Collective."""
        self.solver.destroy()

    def renew(self) -> None:
        """Let the next solve set up its preconditioner anew."""
        self._age = 0

    def _run(self, right: PETSc.Vec, left: PETSc.Vec, reuse: bool) -> int:
        """Run the method once, with the last preconditioner or a new one; returns PETSc's reason for its end."""
        self.solver.getPC().setReusePreconditioner(reuse)
        right = right.copy()  # a solve that ends in an error leaves its right side locked
        try:
            self.solver.solve(right, left)
        except PETSc.Error as error:  # a factorisation of a matrix that has none
            self._begin_again()
            raise SolveFailed(f"linear solver failed with PETSc error {error.ierr}") from error
        taken = self.solver.getIterationNumber()
        self.iterations += taken
        if not reuse:
            self._age, self._first = 0, taken
        grown = 2 * taken > 3 * max(self._first, CHEAP_ITERATIONS) + 4
        self._age = MAX_SOLVES_PER_HIERARCHY if grown else self._age + 1
        return int(self.solver.getConvergedReason())


def _forget(database: PETSc.Options, names: Sequence[str]) -> None:
    for name in names:
        del database[name]
