"""Contents of the panels around the wheel: story (the text so far), table, knobs, search."""
