"""How a tomogram is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from femna.errors import BadInput
from femna.volumes.voxels import Three

Contrast = Literal["absorption", "phase", "labels", "metal"]
CONTRASTS: tuple[Contrast, ...] = get_args(Contrast)

USUAL_ENERGY = 20e3
"""eV; the energy of paper A's beamline was not found."""
USUAL_ANGLES = 1000
USUAL_PHOTONS = 1e4
"""Counted in a pixel of one projection."""


@dataclass(frozen=True)
class TomogramSettings:
    """How a tomogram is taken.

    Args:
        voxel: size of the voxels, m; None for half the width of the run's interface.
        energy: of the photons, eV; None for USUAL_ENERGY.
        contrast: absorption (attenuation, 1/m), phase (delta), labels, or metal (its share).
        blur: full width at half maximum of the detector's blur, m.
        photons: counted in a pixel of one projection; None for USUAL_PHOTONS, 0 for no noise.
        angles: number of projections; None for USUAL_ANGLES.
        reconstruct: whether slices are projected and reconstructed.
        seed: of the noise.
    """

    voxel: Three | None = None
    energy: float | None = None
    contrast: Contrast = "absorption"
    blur: float = 0.0
    photons: float | None = None
    angles: int | None = None
    reconstruct: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        if self.contrast not in CONTRASTS:
            raise BadInput(f"--contrast is '{self.contrast}'; allowed: {', '.join(CONTRASTS)}")
        if self.reconstruct and self.angles is None:
            raise BadInput("--reconstruct needs --angles; allowed: a number of projections, such as 360")
        if self.photons is not None and not 0.0 <= self.photons < 1e15:
            raise BadInput(
                f"--photons is {self.photons:g}; allowed: photons in a pixel of a projection, 0 for no noise"
            )
        if self.angles is not None and self.angles < 1:
            raise BadInput(f"--angles is {self.angles}; allowed: a whole number from 1")
        if self.contrast in ("labels", "metal") and (self.reconstruct or self.photons or self.energy or self.blur):
            given = "--reconstruct, --photons, --energy and --blur"
            raise BadInput(f"--contrast is {self.contrast}, which no X-rays see: {given} mean nothing with it")
        if self.contrast == "phase" and self.photons:
            text = "the noise of phase depends on how it is retrieved, which is not modelled"
            raise BadInput(f"--photons with --contrast phase: {text}; allowed: no --photons (delta without noise)")

    @property
    def counted(self) -> float:
        """Photons in a pixel of one projection, 0 for no noise."""
        if self.contrast != "absorption":
            return 0.0
        return USUAL_PHOTONS if self.photons is None else self.photons
