"""SVG geometry, colours and labels of every wheel on a page."""
