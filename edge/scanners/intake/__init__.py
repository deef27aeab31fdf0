"""Judges what a citizen's drive brings: by content and structure, never by name; pure functions over bytes."""
