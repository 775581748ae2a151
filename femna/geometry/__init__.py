"""What material lies where before any mesh exists: layers, contacts, salts, the initial metal."""
