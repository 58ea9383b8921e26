"""What keeps the server from starting, each one clear sentence."""


class StartFailure(Exception):  # noqa: N818 (a word for the event)
    """The server can't start; the text says why, for the person who started it."""
