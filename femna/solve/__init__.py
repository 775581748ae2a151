"""From a problem to its solution in time: linear systems, steps, their control, and the main loop."""
