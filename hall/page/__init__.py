"""The world page: the cabinet as it is, and everything that a visitor may do to it."""
