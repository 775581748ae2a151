"""From a case to the mesh of its stack and the metal it starts with. Serial, without PETSc and MPI."""

from femna.meshing.stack import StackMesh, build_stack, write_msh
from femna.meshing.surface import front_range, initial_metal, surface_height

__all__ = ["StackMesh", "build_stack", "front_range", "initial_metal", "surface_height", "write_msh"]
