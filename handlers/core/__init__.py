"""What every feature uses. Knows no feature."""
