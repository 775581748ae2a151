"""What the outer circuit does in a protocol step, a file for each mode."""
