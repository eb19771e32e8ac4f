"""Text that came from outside, as every database takes it."""


def storable(text: str) -> str:
    """Return the text without NUL characters, which PostgreSQL refuses, and with U+FFFD for half surrogates."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "")
