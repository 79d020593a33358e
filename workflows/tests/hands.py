"""What hands do on a canvas in a browser, and what eyes find there."""

from django.urls import reverse


def open_canvas(page, live_url, workflow, query=""):
    page.goto(live_url + reverse("workflows:canvas", args=[workflow.pk]) + query)


def steps(page):
    """Kinds from top to bottom."""
    return page.locator(".step-link small").all_inner_texts()


def between(page, first, second):
    """On the transition between two steps, one above the other."""
    above, below = page.locator(first).bounding_box(), page.locator(second).bounding_box()
    return above["x"] + above["width"] / 2, (above["y"] + above["height"] + below["y"]) / 2


def on(page, what):
    """In its middle."""
    box = page.locator(what).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def corner(page, what):
    """Its far corner, as far as it is in sight."""
    box, window = page.locator(what).bounding_box(), page.viewport_size
    return min(box["x"] + box["width"], window["width"]) - 24, min(box["y"] + box["height"], window["height"]) - 12


def in_sight(page, what):
    """Whether all of something stands within the canvas and within the window."""
    inner, outer, window = page.locator(what).bounding_box(), page.locator("[data-canvas]").bounding_box(), page.viewport_size
    return outer["y"] <= inner["y"] and inner["y"] + inner["height"] <= min(outer["y"] + outer["height"], window["height"]) and inner["x"] >= outer["x"]


def drag(page, what, place, *named):
    """With the mouse; the place is looked up once what is dragged is in sight."""
    page.locator(what).scroll_into_view_if_needed()
    page.mouse.move(*on(page, what))
    page.mouse.down()
    page.mouse.move(*place(page, *named), steps=5)
    page.mouse.up()


def press(page, target):
    """By keyboard."""
    target.focus()
    page.keyboard.press("Enter")
