"""Read what the networks report, and keep it."""
