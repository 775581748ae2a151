"""The rules that a case must obey to be run, and the warnings about one that does."""

from femna.validation.load import load_case

__all__ = ["load_case"]
