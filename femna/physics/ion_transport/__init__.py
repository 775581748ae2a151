"""Ions of the two-potential model, a file for each kind of transport."""
