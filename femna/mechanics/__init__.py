"""Stress and strain: elastic layers, metal that creeps, and what grows between them."""
