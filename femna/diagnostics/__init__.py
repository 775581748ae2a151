"""Numbers read off the fields while a run goes on: the front's shape, balances, the cell.

Plain numpy and numba on one rank's cells and nodes; the caller reduces over ranks.
"""
