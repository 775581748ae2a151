"""The mesh that follows the front: trees of leaves over the bricks of a stack (quadtree in 2D, octree in 3D)."""
