"""Geometric multigrid on the lattice of a nested mesh: a preconditioner for PETSc's Krylov methods.

Nodes are merged by bins of the lattice. What depends on the mesh alone is kept for all systems on it, so that a set-up
passes once over the entries of each level.
"""
