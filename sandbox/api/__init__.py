"""The Bot API: parsing, validation and methods."""
