"""Linear systems on the edges of the mesh and the Krylov methods that solve them."""
