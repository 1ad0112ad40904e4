"""Lost and found: things, the words for them, and claims."""
