"""Contents of the panels around the wheel: story, table, knobs, search."""
