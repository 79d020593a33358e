"""The collector of cyclic garbage, in processes that live long and make much of what it need not look at: it took a tenth of a sender's time."""

import gc

_SELDOM = 20_000, 50, 100  # objects made before it looks at the youngest; looks, before it looks at older ones


def look_seldom() -> None:
    """Forget what was there at the start, which stays, and look at the rest seldom. Memory is as flat as before: nearly nothing here has cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_SELDOM)
