"""femna tomogram: a run as a volume of voxels."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, cast

from femna.cli import arguments
from femna.cli.verb import Verb

if TYPE_CHECKING:
    from femna.tomography import TomogramSettings


def run(args: argparse.Namespace) -> None:
    """Write one volume, or one of each stored output, and print what is to say of it and the paths.

    Args:
        args: the arguments of the command line.
    """
    from femna.analysis.runs import open_run
    from femna.errors import BadInput
    from femna.quantities import seconds
    from femna.tomography import write_tomogram
    from femna.volumes.files_of_volumes import format_of

    if args.all and args.time is not None:
        raise BadInput("--all and --time: allowed: one of them")
    settings, path = _settings(args), Path(args.output)
    format_of(path)
    opened = open_run(args.directory)
    if not args.all:
        moments = [None if args.time is None else seconds(args.time, "--time")]
        paths = [path]
    else:
        moments = [float(moment) for moment in opened.times]
        paths = [path.with_name(f"{path.stem}-{number:04d}{path.suffix}") for number in range(len(moments))]
    said: list[str] = []
    for moment, place in zip(moments, paths, strict=True):
        for line in write_tomogram(opened, place, moment, settings):
            if line not in said:
                print(line)
                said.append(line)
        print(place)


def _settings(args: argparse.Namespace) -> TomogramSettings:
    """How the tomogram is taken. Raises BadInput."""
    from femna.errors import BadInput
    from femna.quantities import Quantity
    from femna.tomography import TomogramSettings
    from femna.tomography.scan_settings import Contrast
    from femna.tomography.xray_constants import energy_of
    from femna.volumes import voxel_size_of

    try:
        blur = 0.0 if args.blur is None else Quantity("m", at_least=0).read(_number(args.blur))
    except ValueError as error:
        raise BadInput(f"--blur {error}") from None
    return TomogramSettings(
        voxel=None if args.voxel is None else voxel_size_of(args.voxel, "--voxel"),
        energy=None if args.energy is None else energy_of(args.energy),
        contrast=cast(Contrast, args.contrast),
        blur=blur,
        photons=args.photons,
        angles=args.angles,
        reconstruct=args.reconstruct,
        seed=args.seed,
    )


def _number(text: str) -> str | float:
    """A text that is a plain number as one."""
    try:
        return float(text)
    except ValueError:
        return text


def output(parser: argparse.ArgumentParser) -> None:
    """Add -o FILE, --time T and --all.

    Args:
        parser: the parser of the verb.
    """
    endings = ".vtkhdf, .tif, .mhd, .mha or .h5"
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help=f"the volume: {endings}")
    text = 'simulated time: "30 s", or a number of seconds (the last output)'
    parser.add_argument("--time", metavar="T", help=text)
    parser.add_argument("--all", action="store_true", help="all stored outputs: FILE-0000.ext, FILE-0001.ext, ..")


def voxels(parser: argparse.ArgumentParser) -> None:
    """Add --voxel L.

    Args:
        parser: the parser of the verb.
    """
    text = 'size of the voxels, "0.65 um", or three sizes along x, y and z (half the width of the interface)'
    parser.add_argument("--voxel", metavar="L", help=text)


def rays(parser: argparse.ArgumentParser) -> None:
    """Add --energy E and --contrast C.

    Args:
        parser: the parser of the verb.
    """
    parser.add_argument("--energy", metavar="E", help='energy of the photons with its unit ("20 keV")')
    kinds = "absorption/phase/labels/metal"
    text = "attenuation (1/m), refractive decrement, labels, or the metal's share (absorption)"
    parser.add_argument("--contrast", metavar=kinds, default="absorption", help=text)


def detector(parser: argparse.ArgumentParser) -> None:
    """Add --blur L, --photons N, --angles N, --reconstruct and --seed N.

    Args:
        parser: the parser of the verb.
    """
    parser.add_argument("--blur", metavar="L", help="full width at half maximum of the detector's blur (none)")
    text = "photons counted in a pixel of one projection, 0 for no noise (10000, of absorption)"
    parser.add_argument("--photons", metavar="N", type=float, help=text)
    parser.add_argument("--angles", metavar="N", type=int, help="number of projections over half a turn (1000)")
    text = "project each slice and reconstruct it by filtered back-projection, in place of white noise"
    parser.add_argument("--reconstruct", action="store_true", help=text)
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="of the noise (0)")


ARGUMENTS = (arguments.directory, output, voxels, rays, detector)
VERB = Verb("tomogram", "a run as a volume of voxels, as X-rays would show it", 75, ARGUMENTS, run)
