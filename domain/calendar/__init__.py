"""Working time, quiet hours, recurring schedules and typed dates."""
