"""Runs as tomograms: stored fields averaged over voxels, attenuation and refraction, blur, noise and reconstruction."""

from femna.tomography.scan_settings import TomogramSettings
from femna.tomography.tomogram import label_volume, metal_volume, write_tomogram

__all__ = ["TomogramSettings", "label_volume", "metal_volume", "write_tomogram"]
