"""What a user may choose about pictures: the format, the dots per inch, a light or a dark page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from femna.errors import BadInput
from femna.quantities import closest, either

FORMATS = ("png", "pdf", "svg")
THEMES = ("light", "dark")
USUAL_DPI = 200
LEAST_DPI, LARGEST_DPI = 30, 1200


@dataclass(frozen=True)
class Look:
    """The look of pictures.

    Args:
        format: png, or pdf or svg, in which curves and maps are drawn as such; a scene in 3D is pixels in any of them.
        dpi: dots per inch of what is pixels.
        theme: light or dark page.
    """

    format: str = "png"
    dpi: int = USUAL_DPI
    theme: str = "light"

    @classmethod
    def of(cls, format: str = "png", dpi: int | str | None = None, theme: str = "light") -> Self:
        """The look of some words, as a command line has them.

        Raises:
            BadInput: one of them is not known; the message says what is allowed.
        """
        for name, given, known in (("format", format, FORMATS), ("theme", theme, THEMES)):
            if given not in known:
                near = closest(given, known)
                raise BadInput(f"--{name}: is '{given}'; allowed: {either(known)}; closest: {near}")
        text = str(USUAL_DPI if dpi is None else dpi)
        if not text.isascii() or not text.isdigit() or not LEAST_DPI <= int(text) <= LARGEST_DPI:
            raise BadInput(f"--dpi: is '{text}'; allowed: a whole number from {LEAST_DPI} to {LARGEST_DPI}")
        return cls(format, int(text), theme)
