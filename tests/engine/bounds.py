"""Upper bound for waits in tests. It only ends a test that hangs; no test is that slow."""

BOUND_S = 120
