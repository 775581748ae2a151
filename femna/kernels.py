"""Compiled loops: numba, loaded when the first loop is run and not when a module that holds one is imported.

numba keeps what it has compiled, and takes it for fresh while the file of the function is the same. What the function
inlines from other files it does not look at: here the name of a kept file has a digest of all of that too.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import types
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

            digest = source_digest(self._function)
            names = self._function.__globals__
            for name in self._function.__code__.co_names:
                used = names.get(name)
                if isinstance(used, Kernel) and used is not self:
                    names[name] = used.compiled()
            compiled = njit(self._function, nogil=True)
            # RuntimeError: no place for the cache can be written, neither beside the file, nor a home folder
            with contextlib.suppress(RuntimeError):
                compiled._cache = _cache_type()(self._function, digest)
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


def source_digest(function: Callable[..., Any]) -> str:
    """What a compiled function depends on, as 16 hexadecimal digits.

    These are the files that the function and the kernels it calls stand in, and the values of the global names that
    they read.

    Args:
        function: in Python, before numba.
    """
    found: dict[str, str] = {}
    waiting, seen = [function], {function}
    while waiting:
        now = cast(types.FunctionType, waiting.pop())
        path = now.__code__.co_filename
        found[path] = _file_digest(path)
        for name in now.__code__.co_names:
            value = now.__globals__.get(name)
            inner = value._function if isinstance(value, Kernel) else getattr(value, "py_func", None)
            if inner is None:
                if not callable(value) and not isinstance(value, types.ModuleType):
                    found[f"{path}: {name}"] = repr(value)
            elif inner not in seen:
                seen.add(inner)
                waiting.append(inner)
    # without the paths, so that a package that is copied with its cache need not compile again
    text = "\n".join(sorted(f"{key.rpartition('/')[2]} {value}" for key, value in found.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@functools.cache
def _file_digest(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@functools.cache
def _cache_type() -> Callable[[Callable[..., Any], str], Any]:
    """numba's cache on the disk with a digest in the names of its files."""
    from numba.core import caching

    def cache(function: Callable[..., Any], digest: str) -> Any:
        def name(files: Any, fullname: str, abiflags: str) -> str:
            return f"{caching.CompileResultCacheImpl.get_filename_base(files, fullname, abiflags)}-{digest}"  # type: ignore[no-untyped-call]

        files = type("Files", (caching.CompileResultCacheImpl,), {"get_filename_base": name})
        return type("Kept", (caching.FunctionCache,), {"_impl_class": files})(function)

    return cache
