"""The stack as gmsh meshes it, and the mesh as the solver sees it: nodes, edges, ranks."""
