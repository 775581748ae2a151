"""Reading and comparing runs, from their folders alone: neither PETSc nor MPI is imported here."""

from femna.analysis.runs import Run, open_run

__all__ = ["Run", "open_run"]
