"""femna render: pictures of a run."""

from __future__ import annotations

import argparse

from femna.cli import arguments
from femna.cli.verb import Verb


def run(args: argparse.Namespace) -> None:
    """Draw the pictures of a run and print their paths.

    Args:
        args: the arguments of the command line.
    """
    from femna.quantities import seconds

    time = None if args.time is None else seconds(args.time, "--time")
    if args.metal is not None:
        from femna.render.metal_surface import write_metal

        print(write_metal(args.directory, args.metal, time, args.unit))
        return
    if args.scene is not None:
        from femna.render.viewer import write_scene

        print(write_scene(args.directory, args.scene, time))
        return
    from femna.render import render
    from femna.render.look import Look

    look = Look.of(args.format, args.dpi, args.theme)
    for path in render(args.directory, args.output, time=time, movie=args.movie, look=look) or ():
        print(path)


def figures(parser: argparse.ArgumentParser) -> None:
    """Add -o DIR.

    Args:
        parser: the parser of the verb.
    """
    parser.add_argument("-o", "--output", metavar="DIR", help="folder of the pictures (DIR/figures)")


def time(parser: argparse.ArgumentParser) -> None:
    """Add --time T.

    Args:
        parser: the parser of the verb.
    """
    text = 'simulated time: "30 s", or a number of seconds (the last output)'
    parser.add_argument("--time", metavar="T", help=text)


def movie(parser: argparse.ArgumentParser) -> None:
    """Add --movie [gif/mp4].

    Args:
        parser: the parser of the verb.
    """
    text = "a movie too, gif or mp4 (gif); of a 3D run also one of the deposit that turns"
    parser.add_argument(
        "--movie", nargs="?", const=True, default=False, choices=("gif", "mp4"), metavar="gif/mp4", help=text
    )


def look(parser: argparse.ArgumentParser) -> None:
    """Add --format, --dpi and --theme.

    Args:
        parser: the parser of the verb.
    """
    parser.add_argument("--format", default="png", metavar="png/pdf/svg", help="format of the pictures (png)")
    parser.add_argument("--dpi", metavar="N", help="dots per inch of what is pixels (200)")
    parser.add_argument("--theme", default="light", metavar="light/dark", help="a light or a dark page (light)")


def metal(parser: argparse.ArgumentParser) -> None:
    """Add --metal FILE and --unit U.

    Args:
        parser: the parser of the verb.
    """
    text = "write the metal of a 3D run as a closed surface, in place of the pictures: .stl, .ply or .gltf"
    parser.add_argument("--metal", metavar="FILE", help=text)
    parser.add_argument("--unit", default="m", metavar="m/mm/um", help="of that surface's coordinates (m)")


def scene(parser: argparse.ArgumentParser) -> None:
    """Add --scene FILE.html.

    Args:
        parser: the parser of the verb.
    """
    text = "write the deposit of a 3D run as a page that turns in a browser, in place of the pictures"
    parser.add_argument("--scene", metavar="FILE.html", help=text)


ARGUMENTS = (arguments.directory, figures, time, movie, look, metal, scene)
VERB = Verb("render", "pictures from a run folder", 70, ARGUMENTS, run)
