"""The acts of the story: people who drive the real pages, and the world that answers."""
