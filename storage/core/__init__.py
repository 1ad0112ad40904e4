"""What every feature stores: inbox, outbox, timers, audit, drafts, facts."""
