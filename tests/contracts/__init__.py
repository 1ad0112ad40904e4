"""Rules for the whole repository: imports, texts, routes, pages, files."""
