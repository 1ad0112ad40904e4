"""The Bot API: parsing, validation, methods and webhook."""
