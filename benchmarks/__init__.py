"""What femna costs and what it gets for it. Each module is a script: `python -m benchmarks.NAME` from the root."""
