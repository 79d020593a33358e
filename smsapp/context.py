"""What every page's frame shows: places, lanes, theme. Everything is lazy: a fragment pays for nothing of it."""

from dataclasses import dataclass
from typing import Any

from django.contrib.messages import constants, get_messages
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from providers.models import Provider
from smsapp.accounts.models import User
from smsapp.navigation import navigation_for

TONES = {
    Provider.Lane.RUNNING: ("lane-ok", "play-circle-fill", "green"),
    Provider.Lane.SLOWED: ("lane-slow", "speedometer", "yellow"),
    Provider.Lane.PAUSED: ("lane-off", "pause-circle-fill", "red"),
}
BARS = ("1", "8.5", "16")


@dataclass(frozen=True)
class Lane:
    """One provider's stream of texts, as the sign in the top bar shows it."""

    name: str
    state: str
    word: str
    reason: str

    @property
    def css(self) -> str:
        """Class of its bar."""
        return TONES[Provider.Lane(self.state)][0]

    @property
    def icon(self) -> str:
        """Its icon in the menu."""
        return TONES[Provider.Lane(self.state)][1]

    @property
    def tone(self) -> str:
        """Tone of that icon."""
        return TONES[Provider.Lane(self.state)][2]


@dataclass(frozen=True)
class LaneSign:
    """All lanes and the sentence that sums them up; the worst three get a bar."""

    lanes: list[Lane]

    @property
    def bars(self) -> list[tuple[str, Lane]]:
        """Position and lane of at most three bars."""
        order = [Provider.Lane.PAUSED, Provider.Lane.SLOWED, Provider.Lane.RUNNING]
        worst = sorted(self.lanes, key=lambda lane: order.index(Provider.Lane(lane.state)))[: len(BARS)]
        return list(zip(BARS[-len(worst) :], reversed(worst), strict=False))

    @property
    def words(self) -> str:
        """What is wrong, else that all run."""
        paused = sum(lane.state == Provider.Lane.PAUSED for lane in self.lanes)
        slowed = sum(lane.state == Provider.Lane.SLOWED for lane in self.lanes)
        if paused:
            return ngettext("%(count)d lane paused", "%(count)d lanes paused", paused) % {"count": paused}
        if slowed:
            return ngettext("%(count)d lane slowed", "%(count)d lanes slowed", slowed) % {"count": slowed}
        if self.lanes:
            return ngettext("%(count)d lane running", "%(count)d lanes running", len(self.lanes)) % {"count": len(self.lanes)}
        return _("No provider yet")


def lane_sign() -> LaneSign:
    """Lanes of the active providers, by name."""
    rows = Provider.objects.filter(active=True).order_by("name").only("name", "lane", "lane_reason", "lane_reason_in")
    return LaneSign([Lane(row.name, row.lane, row.get_lane_display(), row.lane_words) for row in rows])


def page_messages(request: HttpRequest) -> dict[str, list[Any]]:
    """Messages that stay on the page (warnings, errors) and those that pass (done, for information)."""
    found = list(get_messages(request))
    stay = [message for message in found if message.level >= constants.WARNING]
    return {"stay": stay, "pass": [message for message in found if message not in stay]}


def theme_choices() -> list[tuple[str, str, Any]]:
    """Value, icon and label of each theme."""
    icons = {"auto": "circle-half", "light": "sun", "dark": "moon"}
    return [(value, icons[value], label) for value, label in User.Theme.choices]


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of base.html."""
    user = getattr(request, "user", None)
    everybody: dict[str, Any] = {
        "theme": "auto",
        "language_choices": [("en", "English"), ("fr", "Français")],
        "page_messages": SimpleLazyObject(lambda: page_messages(request)),
    }
    if user is None or not user.is_authenticated:
        return everybody
    return everybody | {
        "theme": user.theme,
        "theme_choices": theme_choices(),
        "navigation": SimpleLazyObject(lambda: navigation_for(request)),
        "lane_sign": SimpleLazyObject(lane_sign),
    }
