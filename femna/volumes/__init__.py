"""Volumes of voxels, simulated and measured: what one is in memory, and the files it is read from and written to."""

from femna.volumes.files_of_volumes import read_volume, write_slabs, write_volume
from femna.volumes.voxel_sizes import voxel_size_of
from femna.volumes.voxels import Volume, VolumeHeader

__all__ = ["Volume", "VolumeHeader", "read_volume", "voxel_size_of", "write_slabs", "write_volume"]
