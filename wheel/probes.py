"""Paths of the probes, which are also the names of their URL patterns."""

HEALTH = "health"
READY = "ready"
METRICS = "metrics"
PROBES = (HEALTH, READY, METRICS)
