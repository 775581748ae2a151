"""Volumes that follow from a stored output: what a tomograph would see of it, its labels, and the metal's share."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from femna.analysis.snapshot import stored_time
from femna.analysis.stored_run import StoredRun
from femna.case import Case
from femna.errors import BadInput
from femna.tomography.detector import blurred_slabs, noisy_slabs, reconstruction_noise
from femna.tomography.projections import reconstructed_slabs
from femna.tomography.scan_settings import USUAL_ANGLES, USUAL_ENERGY, TomogramSettings
from femna.tomography.stored_cells import StoredCells, VoxelGrid, cells_of
from femna.tomography.voxel_means import mean_slabs
from femna.tomography.xray_constants import XrayConstants, phase_constants
from femna.volumes import Volume, VolumeHeader, write_slabs
from femna.volumes.voxels import Three

Array = NDArray[Any]

ELECTROLYTE, METAL, FIRST_LAYER, VOID = 0, 1, 2, 100
"""Labels; the layers between anode and electrolyte are numbered from FIRST_LAYER in the order of the stack."""
FWHM = 2.0 * math.sqrt(2.0 * math.log(2.0))
"""Full width at half maximum of a Gaussian over its standard deviation."""
SHORTEST_BLUR = 0.05
"""Standard deviations below this many voxels change no voxel's value by 1e-3 of its neighbour's."""


@dataclass(frozen=True)
class Scan:
    """One stored output, ready to be cut into voxels.

    Args:
        case: of the run.
        cells: of the output.
        grid: the voxels.
        time: simulated time, s.
    """

    case: Case
    cells: StoredCells
    grid: VoxelGrid
    time: float

    @classmethod
    def of(cls, run: StoredRun, time: float | None, voxel: Three | None) -> Scan:
        """The output at or before a time (s; None for the last), with voxels of a size, or half the interface's width.

        Raises:
            BadInput: there is none, or it has one dimension.
        """
        moment = stored_time(run, time)
        cells = cells_of(run.stored_cells(moment), str(run.directory))
        size = voxel or (0.5 * run.case.interface.width,) * 3
        return cls(run.case, cells, cells.grid(size), moment)

    def metal(self) -> Iterator[Array]:
        """Slabs of the metal's share, float64 (planes, y, x)."""
        return mean_slabs(self.cells, self.cells.xi, self.grid)

    def labels(self) -> Iterator[Array]:
        """Slabs of labels, uint8: metal where it takes half of the voxel or more, else the layer at the centre."""
        names = self.case.layer_names
        number = {name: FIRST_LAYER + n for n, name in enumerate(names[1:-1])} | {names[-1]: ELECTROLYTE}
        number[names[0]] = number[names[1]]
        # of the last plane the middle of what lies in the box
        z = (np.arange(self.grid.shape[0]) + 0.5 * self.grid.covered()[0]) * self.grid.size[2]
        row = np.full(len(z), VOID, dtype=np.uint8)
        for name in names:
            low, high = self.case.interval(name)
            row[(z >= low) & (z < high)] = number[name]
        start = 0
        for slab in self.metal():
            other = row[start : start + len(slab), None, None]
            start += len(slab)
            yield np.where(slab >= 0.5, np.uint8(METAL), other)

    def label_names(self) -> dict[int, str]:
        """Names of the labels."""
        names = self.case.layer_names
        layers = {FIRST_LAYER + n: f"{name} ({self.case.layer[name].material})" for n, name in enumerate(names[1:-1])}
        electrolyte = f"electrolyte ({self.case.layer[names[-1]].material})"
        return {ELECTROLYTE: electrolyte, METAL: f"metal ({self.case.metal})", **layers, VOID: "void"}

    def mixture(self, metal: float, phases: tuple[float, ...]) -> Iterator[Array]:
        """Slabs of a property that metal and phases share by volume, float64."""
        other = np.array(phases)[self.cells.phase][:, None]
        return mean_slabs(self.cells, other + (metal - other) * self.cells.xi, self.grid)

    def header(self, dtype: str, unit: str, quantity: str, labels: dict[int, str] | None = None) -> VolumeHeader:
        """The header of a volume of these voxels."""
        size = self.grid.size
        return VolumeHeader(self.grid.shape, np.dtype(dtype), size, unit=unit, quantity=quantity, labels=labels or {})


def metal_volume(run: StoredRun, time: float | None = None, voxel: Three | None = None) -> Volume:
    """The metal's share of each voxel at a stored output, as a volume in memory.

    Args:
        run: in two or three dimensions.
        time: simulated time, s; None for the last output.
        voxel: size of the voxels, m; None for half the width of the run's interface.

    Raises:
        BadInput: no such output, or one dimension.
    """
    scan = Scan.of(run, time, voxel)
    values = np.concatenate([slab.astype(np.float32) for slab in scan.metal()])
    return Volume(values, scan.grid.size, unit="1", quantity="share of metal")


def label_volume(run: StoredRun, time: float | None = None, voxel: Three | None = None) -> Volume:
    """The labels of each voxel, as `metal_volume`."""
    scan = Scan.of(run, time, voxel)
    names = scan.label_names()
    return Volume(np.concatenate(list(scan.labels())), scan.grid.size, quantity="labels", labels=names)


def write_tomogram(run: StoredRun, path: Path, time: float | None, settings: TomogramSettings) -> list[str]:
    """Write a volume of one stored output, and FILE.json beside it.

    Args:
        run: in two or three dimensions.
        path: the file; its ending says the format.
        time: simulated time, s; None for the last output.
        settings: how it is taken.

    Returns:
        What to say of it, a line each.

    Raises:
        BadInput: no such output, a material of unknown composition, or a volume that the format cannot hold.
        CannotGoOn: the disk is full.
    """
    scan = Scan.of(run, time, settings.voxel)
    if settings.reconstruct and scan.cells.flat:
        raise BadInput("--reconstruct needs slices, and a run in two dimensions has lines; allowed: geometry.dim = 3")
    if settings.reconstruct and not math.isclose(scan.grid.size[0], scan.grid.size[1], rel_tol=1e-9):
        raise BadInput("--reconstruct needs voxels that are as long along x as along y")
    more: dict[str, Any] = {
        "run": str(run.directory),
        "case": run.case.name,
        "time_s": scan.time,
        "contrast": settings.contrast,
        "energy_eV": None,
        "contrast_to_noise": None,
        "metal_volume_m3": scan.cells.metal_volume(scan.grid),
        "box_m": list(scan.grid.box),
    }
    said = scan.grid.remarks()
    if settings.contrast == "labels":
        header, slabs = scan.header("uint8", "1", "labels", scan.label_names()), scan.labels()
    elif settings.contrast == "metal":
        header, slabs = scan.header("float32", "1", "share of metal"), _as_float32(scan.metal())
    else:
        header, slabs, lines, numbers = _xray(scan, settings)
        said, more = said + lines, more | numbers
    said += [f"{path}: {line}" for line in write_slabs(header, slabs, path, more)]
    return said


def _xray(scan: Scan, settings: TomogramSettings) -> tuple[VolumeHeader, Iterator[Array], list[str], dict[str, Any]]:
    """A volume that X-rays see: its header and slabs, what to say of it, and what its description says."""
    energy = USUAL_ENERGY if settings.energy is None else settings.energy
    metal, phases = phase_constants(scan.case, energy)
    lines = [] if settings.energy is not None else [f"--energy is not given, taken: {energy / 1e3:g} keV"]
    numbers: dict[str, Any] = {
        "energy_eV": energy,
        "blur_m": settings.blur,
        "reconstructed": settings.reconstruct,
        "attenuation_1/m": _by_name(scan.case, metal, [one.attenuation for one in phases], metal.attenuation),
        "refraction": _by_name(scan.case, metal, [one.refraction for one in phases], metal.refraction),
    }
    if settings.contrast == "phase":
        header = scan.header("float32", "1", f"refractive decrement delta at {energy / 1e3:g} keV")
        slabs = scan.mixture(metal.refraction, tuple(one.refraction for one in phases))
        difference = metal.refraction - phases[-1].refraction
        lines.append(
            f"{scan.case.metal} against its electrolyte at {energy / 1e3:g} keV: delta {difference:+.3g} "
            f"({'brighter' if difference > 0 else 'darker'}); delta itself, without noise"
        )
    else:
        header = scan.header("float32", "1/m", f"linear attenuation at {energy / 1e3:g} keV")
        slabs = scan.mixture(metal.attenuation, tuple(one.attenuation for one in phases))
        found, told = _noise(scan, settings, metal.attenuation - phases[-1].attenuation)
        lines, numbers = [*lines, told], numbers | found
    return header, _as_float32(_detected(scan, settings, slabs)), lines, numbers


def _by_name(case: Case, metal: XrayConstants, values: list[float], of_metal: float) -> dict[str, float]:
    """Values of the phases by the names of their layers, and of the metal."""
    names = [name for name, _ in case.phases]
    return {"metal": of_metal, **dict(zip(names[1:], values[1:], strict=True))}


def _noise(scan: Scan, settings: TomogramSettings, difference: float) -> tuple[dict[str, Any], str]:
    """Noise of a voxel and the contrast to it, for the description and in words; `difference` in 1/m."""
    energy = (settings.energy or USUAL_ENERGY) / 1e3
    angles, photons = settings.angles or USUAL_ANGLES, settings.counted
    what = f"{scan.case.metal} against its electrolyte at {energy:g} keV: {difference / 100:+.3g} 1/cm"
    if not photons:
        return {
            "photons": 0.0,
            "angles": angles,
            "seed": settings.seed,
            "noise_1/m": 0.0,
        }, f"{what}; no noise asked for"
    noise = reconstruction_noise(scan.grid.size[0], angles, photons)
    ratio = abs(difference) / noise
    found = {
        "photons": photons,
        "angles": angles,
        "seed": settings.seed,
        "noise_1/m": noise,
        "contrast_to_noise": ratio,
    }
    told = f"noise {noise / 100:.3g} 1/cm a voxel ({angles} angles, {photons:g} photons a pixel)"
    return found, f"{what}; {told}: contrast to noise {ratio:.2g} a voxel"


def _detected(scan: Scan, settings: TomogramSettings, slabs: Iterator[Array]) -> Iterator[Array]:
    """The slabs as the detector gives them: blurred, projected and reconstructed, noisy."""
    x, y, z = (settings.blur / FWHM / size for size in scan.grid.size)
    if max(x, y, z) > SHORTEST_BLUR:
        slabs = blurred_slabs(slabs, (z, y, x))
    if settings.reconstruct:
        assert settings.angles is not None
        return reconstructed_slabs(slabs, scan.grid.size[0], settings.angles, settings.counted, settings.seed)
    if not settings.counted:
        return slabs
    noise = reconstruction_noise(scan.grid.size[0], settings.angles or USUAL_ANGLES, settings.counted)
    return noisy_slabs(slabs, noise, settings.seed)


def _as_float32(slabs: Iterator[Array]) -> Iterator[Array]:
    return (slab.astype(np.float32) for slab in slabs)
