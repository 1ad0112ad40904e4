"""The page of phones and its control API."""
