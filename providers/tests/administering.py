"""What tests of the administration's pages of providers type and read."""

from providers.models import Provider

ADD = "/admin/providers/provider/add/"
PLAIN = {
    "name": "Northline", "active": "on", "senders": "+33 6 39 98 00 01\nRIVERSIDE", "rate": "40", "max_segments": "2",
    "price_per_segment": "0.0785", "currency": "eur", "default_region": "fr", "allowed_countries": "fr, GB tn",
}  # fmt: skip
TWILIO = PLAIN | {"setting_account_sid": "ACtest", "setting_auth_token": "a-long-token-4711", "setting_base_url": "http://127.0.0.1:8025"}
GENERIC = PLAIN | {
    "setting_url": "https://sms.example.org/send", "setting_method": "POST", "setting_format": "json", "setting_body": '{"to": "{to}", "text": "{text}"}',
    "setting_auth": "bearer", "setting_api_key": "an-api-key-4711", "setting_id_at": "$.id", "setting_proof": "hmac", "setting_signature_header": "X-Sign",
    "setting_signature_algorithm": "sha256", "setting_signature_encoding": "hex", "setting_signature_secret": "a-signing-secret-0815",
    "setting_report_status_at": "$.state", "setting_report_id_at": "$.id", "setting_status_map": "DELIVRD = delivered",
    "setting_text_from_at": "from", "setting_text_at": "text",
}  # fmt: skip


def change(provider: Provider) -> str:
    return f"/admin/providers/provider/{provider.pk}/change/"


def errors(response) -> dict[str, list[str]]:
    return dict(response.context["adminform"].form.errors)


def trial(provider: Provider) -> str:
    return f"/admin/providers/provider/{provider.pk}/trial/"
