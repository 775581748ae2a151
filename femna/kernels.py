"""Compiled loops: numba, loaded when the first loop is run and not when a module that holds one is imported."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, cast


class Kernel:
    """A function that numba compiles at its first call, with the other kernels that it calls."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._compiled: Callable[..., Any] | None = None
        functools.update_wrapper(self, function)

    def compiled(self) -> Callable[..., Any]:
        """numba's dispatcher of the function."""
        if self._compiled is None:
            from numba import njit

            names = self._function.__globals__
            for name in self._function.__code__.co_names:
                used = names.get(name)
                if isinstance(used, Kernel) and used is not self:
                    names[name] = used.compiled()
            try:
                compiled = njit(cache=True)(self._function)
            except RuntimeError:  # no place for the cache can be written: neither beside the file, nor a home folder
                compiled = njit(self._function)
            self._compiled = cast(Callable[..., Any], compiled)
        return self._compiled

    def __call__(self, *arguments: Any) -> Any:
        return (self._compiled or self.compiled())(*arguments)


def kernel[F: Callable[..., Any]](function: F) -> F:
    """Mark a loop over nodes, edges or cells as one that numba compiles, without Python objects.

    The result is cached where a place for it can be written.

    Args:
        function: takes and returns numbers and numpy arrays, by position; may call other kernels of its module, or
            kernels imported by name.

    Returns:
        The same function, compiled at its first call.
    """
    return cast(F, Kernel(function))
