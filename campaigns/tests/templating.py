"""What a browser posts from the form of a template."""

LIST = "/sms/templates/"


def page_of(template, end=""):
    return f"{LIST}{template.pk}/{end}"


def form(**changes):
    return {"name": "Rehearsal moved", "kind": "service", "origin": "", "language": "en", "text": "Hello {contact.first_name|friend}", **changes}


def edited(template, **changes):
    facts = {name: getattr(template, name) for name in ("name", "kind", "language", "text")}
    return {**facts, "origin": "", "seen": template.updated_at.isoformat(), **changes}
