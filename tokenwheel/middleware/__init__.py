"""Middleware that every request passes, in the order of `settings.MIDDLEWARE`."""
