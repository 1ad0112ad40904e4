"""Free text, emergencies, menus and groups."""
