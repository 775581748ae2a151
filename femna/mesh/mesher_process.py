"""gmsh in a process of its own.

A session of gmsh belongs to a whole process, with its options, models and signal handlers. In a process of its own
femna's meshing depends on nothing that the caller has set and leaves all of it as it was, and a signal ends it at once.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from femna.errors import CannotGoOn, FemnaError
from femna.mesh.mesher import mesh_stack
from femna.mesh.stack_plan import StackMesh, StackPlan

_SERVE = f"import sys; sys.path[:] = sys.argv[1:]; from {__name__} import serve; serve()"


def mesh_in_own_process(plan: StackPlan, msh: Path | None = None) -> StackMesh:
    """Mesh a stack in a new process. An exception in the meantime, such as of a signal handler, ends that process.

    Args:
        plan: what is asked for.
        msh: absolute path of a mesh file to be written as well.

    Returns:
        The mesh.

    Raises:
        CannotGoOn: gmsh cannot be loaded, makes no mesh, or dies. A defect there is raised as it is, with a note.
    """
    try:
        # a session of its own: Ctrl-C goes to the caller alone, who decides
        process = subprocess.Popen(
            [sys.executable, "-c", _SERVE, *sys.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise CannotGoOn(f"no process for gmsh can be started: {error.strerror or error}\ntry: femna doctor") from error
    assert process.stdin is not None
    assert process.stdout is not None
    answer: StackMesh | Exception | None = None
    try:
        with suppress(BrokenPipeError, EOFError, pickle.UnpicklingError):  # it died, and its exit code says more
            pickle.dump((plan, msh), process.stdin)
            process.stdin.flush()
            answer = pickle.load(process.stdout)
    finally:
        if answer is None:
            process.kill()
        with suppress(BrokenPipeError):
            process.stdin.close()
        process.stdout.close()
        code = process.wait()
    if isinstance(answer, StackMesh):
        return answer
    if answer is not None:
        raise answer
    end = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    raise CannotGoOn(
        f"{plan.case}: gmsh made no mesh, its process ended with {end}\n"
        "try: a larger numerics.cell_size (the memory may not suffice), femna doctor"
    )


def serve() -> None:
    """Mesh the stack that comes by the standard input, and give the answer on the standard output."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between
    plan, msh = pickle.load(requests)
    threading.Thread(target=_end_with_caller, args=(requests,), daemon=True).start()
    answer: StackMesh | Exception
    try:
        answer = mesh_stack(plan, msh)
    except FemnaError as error:
        answer = error
    except Exception as error:  # noqa: BLE001  the caller raises it
        error.add_note(f"In the process of gmsh:\n{traceback.format_exc()}")
        answer = error
    with answers:
        pickle.dump(answer, answers, protocol=pickle.HIGHEST_PROTOCOL)


def _end_with_caller(requests: BinaryIO) -> None:
    """The caller closes the pipe when it has the answer, or dies: nobody would hear of a mesh that comes later."""
    requests.read()
    os._exit(0)
