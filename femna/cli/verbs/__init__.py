"""The verbs of the command line, one a module: each module declares a `VERB` (see femna.cli.verb)."""
