"""A unit of length as a key of a case file."""

from __future__ import annotations

import re
from dataclasses import dataclass

from femna.quantities import Quantity, value_error
from femna.units import UnitError, to_si


@dataclass(frozen=True)
class LengthUnit(Quantity):
    """A unit of length ("um"), or the length for which 1 stands ("0.1 nm"); greater than 0."""

    unit: str = "m"
    above: float | None = 0.0

    @property
    def allowed(self) -> str:
        """What an error says is allowed."""
        return "a unit of length, such as 'um', or the length for which 1 stands, such as '0.1 nm'"

    def read(self, given: object) -> float:
        """The length in m.

        Raises:
            ValueError: it is no length greater than 0; the message says what is allowed.
        """
        if not isinstance(given, str) or re.match(r"\s*[+-]?\.?\d", given):
            return super().read(given)
        try:
            return to_si(f"1 {given.strip()}", "m")
        except UnitError as error:
            raise value_error(given, self.allowed, str(error)) from None
