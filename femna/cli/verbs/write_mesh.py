"""femna mesh: the gmsh mesh of a case's stack."""

from __future__ import annotations

import argparse
from pathlib import Path

from femna.cli import arguments
from femna.cli.verb import Verb
from femna.errors import BadInput


def run(args: argparse.Namespace) -> None:
    """Write the mesh with a physical group for each layer, contact and boundary.

    Args:
        args: the arguments of the command line.
    """
    from femna.validation.load import load_case

    case, path = load_case(args.case, args.sets), Path(args.output)
    if path.suffix != ".msh":
        raise BadInput(f"-o {path}: is not a gmsh mesh file; allowed: a name that ends in .msh")
    if not path.parent.is_dir():
        raise BadInput(f"-o {path}: the folder {path.parent} does not exist; allowed: an existing one")
    from femna.mesh.stack import write_msh

    write_msh(case, path)


def mesh_file(parser: argparse.ArgumentParser) -> None:
    """Add -o FILE.msh.

    Args:
        parser: the parser of the verb.
    """
    parser.add_argument("-o", "--output", metavar="FILE.msh", required=True, help="the mesh file")


VERB = Verb("mesh", "write the gmsh mesh of a case's stack", 30, (arguments.case, arguments.sets, mesh_file), run)
