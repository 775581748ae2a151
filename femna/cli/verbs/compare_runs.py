"""femna compare: runs side by side, or a run beside a measured volume."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from femna.cli.verb import Verb

if TYPE_CHECKING:
    from femna.analysis.volume_comparison import ComparisonChoices, VolumeComparison
    from femna.volumes import Volume

PRINTED = (
    "Deposit volume",
    "Mean height",
    "Maximum height",
    "Sq",
    "Contact fraction",
    "Surface area",
    "Mean thickness",
    "Void volume under metal",
    "Dead metal volume",
    "Dice",
    "Mean surface distance",
)
"""Metrics that are printed; the files have all."""
OF_VOLUMES = ("threshold", "voxel_size", "time", "base")
"""Options that mean something beside a volume alone."""


def run(args: argparse.Namespace) -> None:
    """Write the figures and the tables of several runs, or of a run and a volume, and print the table.

    Args:
        args: the arguments of the command line.
    """
    from femna.errors import BadInput

    volumes = [path for path in args.directories if not is_run(Path(path))]
    given = [f"--{name.replace('_', '-')}" for name in OF_VOLUMES if getattr(args, name) is not None]
    given += ["--dark-metal"] * args.dark_metal + ["--as-stored"] * args.as_stored
    if not volumes or not any(Path(path).exists() for path in volumes):
        if given:
            raise BadInput(f"{', '.join(given)}: only for a run beside a volume, and these are runs")
        from femna.render import compare

        compare(args.directories, args.output)
        return
    if len(args.directories) != 2:
        raise BadInput(f"{volumes[0]} is a volume: it is compared with one run, or with one other volume")
    _compare_with_volume(args)


def is_run(path: Path) -> bool:
    """Whether a path is a run folder: one with a manifest. Any other folder is slices."""
    return path.is_dir() and (path / "manifest.json").exists()


def _compare_with_volume(args: argparse.Namespace) -> None:
    from femna.analysis.metric_files import write_metrics
    from femna.analysis.volume_comparison import compare_volumes
    from femna.errors import BadInput
    from femna.io.terminal import console
    from femna.render.volume_figure import draw_volumes
    from femna.volumes import read_volume

    first, second = (Path(path) for path in args.directories)
    if is_run(second):
        raise BadInput(f"{second} is a run: the run comes first, then the volume")
    choices = _choices(args)
    measured = read_volume(second, args.voxel_size)
    simulated = _of_run(first, measured, args.time) if is_run(first) else read_volume(first, args.voxel_size)
    comparison = compare_volumes(simulated, measured, choices)
    out = Path(args.output)
    paths = [*write_metrics(comparison, out), draw_volumes(comparison, out)]
    to = console()
    to.print(comparison.registration.words())
    for line in comparison.remarks:
        to.print(line)
    _show(comparison)
    for path in paths:
        to.print(str(path))


def _choices(args: argparse.Namespace) -> ComparisonChoices:
    from femna.analysis.volume_comparison import ComparisonChoices
    from femna.errors import BadInput
    from femna.quantities import Quantity

    try:
        base = 0.0 if args.base is None else Quantity("m", at_least=0).read(args.base)
    except ValueError as error:
        raise BadInput(f"--base {error}") from None
    dark_file = args.dark_metal and not is_run(Path(args.directories[0]))  # of a run the metal's share is taken
    return ComparisonChoices(
        args.threshold or "otsu", base, dark_metal=args.dark_metal, dark_simulation=dark_file, as_stored=args.as_stored
    )


def _of_run(directory: Path, measured: Volume, time: str | None) -> Volume:
    """A run on voxels that are no coarser than the measured ones: labels beside labels, else the metal's share."""
    from femna.analysis.runs import open_run
    from femna.quantities import seconds
    from femna.tomography import label_volume, metal_volume

    size = measured.voxel_size if len(set(measured.voxel_size)) == 1 else (min(measured.voxel_size),) * 3
    moment = None if time is None else seconds(time, "--time")
    make = label_volume if measured.labels else metal_volume
    return make(open_run(directory), moment, size)


def _show(comparison: VolumeComparison) -> None:
    from femna.cli.printing import new_table, show

    table = new_table("metric", "unit", "simulated", "measured", "measured, over thresholds")
    for row in comparison.rows:
        if row.metric in PRINTED or " of label " in row.metric:
            low, high = row.measured_range
            table.add_row(
                row.metric, row.unit, f"{row.simulated:.4g}", f"{row.measured:.4g}", f"{low:.4g} to {high:.4g}"
            )
    show(table)


def directories(parser: argparse.ArgumentParser) -> None:
    """Add DIR.., the run folders, or a run folder and a volume.

    Args:
        parser: the parser of the verb.
    """
    text = "run folders, or one run folder and a volume: a file, or a folder of slices"
    parser.add_argument("directories", metavar="DIR", nargs="+", help=text)


def comparison_folder(parser: argparse.ArgumentParser) -> None:
    """Add -o DIR.

    Args:
        parser: the parser of the verb.
    """
    parser.add_argument("-o", "--output", metavar="DIR", required=True, help="folder of figures and tables")


def segmentation(parser: argparse.ArgumentParser) -> None:
    """Add --threshold T, --dark-metal and --base L.

    Args:
        parser: the parser of the verb.
    """
    text = "what is metal in the volume: above otsu's threshold, a grey value, or the middle of LOW:HIGH (otsu)"
    parser.add_argument("--threshold", metavar="T", help=text)
    parser.add_argument("--dark-metal", action="store_true", help="metal is darker than the rest in the volumes")
    parser.add_argument("--base", metavar="L", help="height above the run's lower face where the deposit begins (0)")


def placement(parser: argparse.ArgumentParser) -> None:
    """Add --voxel-size L, --time T and --as-stored.

    Args:
        parser: the parser of the verb.
    """
    parser.add_argument("--voxel-size", metavar="L", help="of a volume that does not say it: one length, or x, y, z")
    parser.add_argument("--time", metavar="T", help="of the run: the output at or before that time (the last)")
    parser.add_argument("--as-stored", action="store_true", help="the volume's axes are z, y, x: look for no other")


ARGUMENTS = (directories, comparison_folder, segmentation, placement)
VERB = Verb("compare", "runs side by side, or a run beside a measured volume", 80, ARGUMENTS, run)
