"""The equations, a module each: unknowns, closures and named terms. Modules meet only in their closures."""
