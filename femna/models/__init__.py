"""The models: which processes a model consists of, and a case on its grid as their coefficients."""
