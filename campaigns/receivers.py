"""News from below that campaigns listens to."""
