"""People, posts, roster, invitations, groups and personal data."""
