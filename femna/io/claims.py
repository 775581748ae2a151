"""What an HDF5 file claims to hold, and what it holds: files come from strangers, memory is taken by the claim.

A header of a few bytes can state an array of 100 GB of which nothing is stored; who reads it takes the memory first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import h5py

LARGEST_RATIO = 1100
"""Bytes in memory for one in the file: a little more than deflate, which HDF5 calls gzip, can ever save (1032)."""
FREE = 2**20
"""Bytes that any array may claim."""


class FalseClaim(ValueError):
    """A file states more than it holds, or points to another file; the end of a sentence that starts with its name."""


def check_claims(file: h5py.File, links_to: Sequence[str] = ()) -> None:
    """Ask that no array of a file claims far more than is stored of it, and that no link leads out of its folder.

    Args:
        file: the file, open for reading.
        links_to: names of the files, beside it, to which its external links may lead.

    Raises:
        FalseClaim: one does.
    """
    _check_group(file, tuple(links_to))


def _check_group(group: Any, links_to: tuple[str, ...]) -> None:
    for name in group:
        link = group.get(name, getlink=True)
        if isinstance(link, h5py.ExternalLink):
            if link.filename not in links_to:
                raise FalseClaim(f"links to another file, {link.filename!r}, for '{name}'")
            continue
        if not isinstance(link, h5py.HardLink):
            raise FalseClaim(f"has a link in place of '{name}'")
        entry = group[name]
        if isinstance(entry, h5py.Group):
            _check_group(entry, links_to)
        elif isinstance(entry, h5py.Dataset):
            _check_dataset(entry)


def _check_dataset(data: h5py.Dataset) -> None:
    if data.external is not None or data.is_virtual:
        raise FalseClaim(f"keeps '{data.name}' in another file")
    stored = data.id.get_storage_size()
    if data.nbytes > LARGEST_RATIO * stored + FREE:
        raise FalseClaim(f"states {data.nbytes / 1e9:.3g} GB for '{data.name}' and holds {stored / 1e9:.3g} GB")
