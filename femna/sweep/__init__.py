"""Many runs of one case: a file that says which keys vary, one folder a run, one table of what came out."""
