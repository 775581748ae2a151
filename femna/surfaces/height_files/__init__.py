"""Readers of height maps, one file a format; `reader.read_heights` chooses among them."""
