"""A session and its wheel as downloadable files: JSON, CSV and SVG."""
