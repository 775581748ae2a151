"""Numbers that follow from a case and decide how it behaves: ratios and limits. Nothing is built for them."""
