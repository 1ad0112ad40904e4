"""Who somebody is: joining, roster, invitations, hand-over, leave, privacy."""
