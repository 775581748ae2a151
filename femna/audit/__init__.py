"""The audit: every number of the two papers that a model can meet, beside what femna gives for it.

Paper A is Lu et al., Nano-Micro Lett. 2026, 18:417; paper B is Li et al., Nature Communications 2025. A row is of
a class:

    predict       follows from independent inputs, no number adjusted: met or missed, or untested where the text of the
                  paper gives no number to hold against it
    check         the paper's numbers against each other: consistent or inconsistent; or converted into another form
    fit           can only enter a model as a calibrated number: fitted
    input         measured, and taken as it is: input
    out of scope  no quantity of these models (spectroscopy, electronic structure, cycle life)

femna's values are computed from the material library and closed forms each time. Neither PETSc nor MPI is imported.
"""

from femna.audit.page import page, show
from femna.audit.papers import Known
from femna.audit.row import Row, Span
from femna.audit.table import table

__all__ = ["Known", "Row", "Span", "page", "show", "table"]
