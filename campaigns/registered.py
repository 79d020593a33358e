"""What campaigns puts into the slots of the apps below."""


def fill() -> None:
    """Called once, from AppConfig.ready."""
