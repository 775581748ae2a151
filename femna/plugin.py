"""Everything that a process or a diagnostic of another package needs: `import femna.plugin as fp`.

A package names its module as an entry point of the group `femna.plugins`; femna imports it when a case is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from femna.case.model import Case
from femna.case.tables import Section
from femna.columns import Column
from femna.contract.diagnostic import Diagnostic, Observation
from femna.contract.models import Model
from femna.contract.process import Process, StepContext, process_keys
from femna.contract.state import Array, State
from femna.contract.terms import EdgeTerm, Equation, FormContext, FormTerm, NodalTerm, Term
from femna.contract.variables import Conserved, Scalar, Variable
from femna.fields import Field
from femna.models.registry import register_diagnostic, register_process
from femna.quantities import Quantity

if TYPE_CHECKING:
    from femna.mesh.grid import Grid as Grid  # for annotations: it loads PETSc

__all__ = [
    "Array",
    "Case",
    "Column",
    "Conserved",
    "Diagnostic",
    "EdgeTerm",
    "Equation",
    "Field",
    "FormContext",
    "FormTerm",
    "Model",
    "NodalTerm",
    "Observation",
    "Process",
    "Quantity",
    "Scalar",
    "Section",
    "State",
    "StepContext",
    "Term",
    "Variable",
    "process_keys",
    "register_diagnostic",
    "register_process",
]
