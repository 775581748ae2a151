"""Numbers of a segmented volume: heights, surface, connectivity, sizes, correlation, conduction, overlap.

Volumes are arrays (z, y, x), z the growth direction, up; `voxel_size` is (3,), m, along x, y, z, and need not be equal
along the three. `metal` is the segmented volume (bool), `grey` the field that was segmented, in which the surface lies
where it crosses `level`; what exceeds the level is metal.
"""
