"""Token Wheel against the naive way, measured side by side: `manage.py benchmark`."""
