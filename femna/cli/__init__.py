"""The command line, a thin layer over the Python interface."""

from femna.cli.main import main

__all__ = ["main"]
