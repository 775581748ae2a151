"""What a run leaves on the disk; plain numpy, h5py and rich, called on rank 0 only.

Every file is either whole or absent, whatever stops the run (`atomic`); the history alone grows in place, row by row.
"""
