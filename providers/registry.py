"""Every kind of gateway: the subclasses of Backend found in providers/backends/."""


def choices() -> list[tuple[str, str]]:
    """(kind, label) of each backend, for the provider form."""
    return []
