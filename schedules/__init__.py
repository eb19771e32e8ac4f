"""When: the clock, the tick, the sweep, and who does the work."""
