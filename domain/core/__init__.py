"""Types that every rule uses: changes, notices, numbers, settings. Knows no feature."""
