"""What a browser posts from the content of a mailing, and what comes back."""


def content(mailing, **changes):
    values = {"origin": f"{mailing.provider_id}:36111", "text": "Hello", "version": mailing.version, "kind": "marketing", "readers": f"mailing-{mailing.pk}"}
    return {**values, "do": "next", **changes}


def body(response):
    assert response.status_code == 200
    return response.content.decode()
