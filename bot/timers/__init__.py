"""The clock, the timers and the recurring jobs."""
