"""Send the outbox: order, rate limits, rendering and outcomes."""
