"""Values in their places: nothing breaks out, whatever is in them."""

import json
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import filling
from providers.filling import NAMES, TemplateFault

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.sampled_from(['"', '"}', "&x=1", "</a><b>", "]]>", "{text}", "\\", "\r\n", "😀", "%26", "'"])
PLAIN = dict.fromkeys(NAMES, "1")


@given(text=TEXTS)
def test_any_text_stays_in_its_json_string(text):
    said = json.loads(filling.json_body('{"a": "x{text}", "b": ["{text}"], "{text}": 1}')(PLAIN | {"text": text}))
    assert (said["a"], said["b"]) == ("x" + text, [text])
    assert len(said) == (2 if text in ("a", "b") else 3)


@given(text=TEXTS)
def test_any_text_stays_in_its_form_field(text):
    made = filling.form("a = x{text}\nb={to}")(PLAIN | {"text": text})
    assert parse_qsl(made, keep_blank_values=True) == [("a", "x" + text), ("b", "1")]


@given(text=TEXTS)
def test_any_text_stays_in_its_xml_element_and_attribute(text):
    root = ElementTree.fromstring(filling.xml_body('<a n="{text}"><b>{text}</b></a>')(PLAIN | {"text": text}))
    held = "".join(sign for sign in text if sign in "\t\n\r" or (sign >= " " and sign not in "\ufffe\uffff"))
    assert [node.tag for node in root.iter()] == ["a", "b"]
    assert (root.attrib["n"], root[0].text or "") == (held, held)


@given(text=TEXTS)
def test_any_text_stays_in_its_parameter(text):
    made = urlsplit(filling.url("https://sms.example.org/{to}/send?a={text}&b=2")(PLAIN | {"text": text}))
    assert (made.hostname, made.path, parse_qsl(made.query, keep_blank_values=True)) == ("sms.example.org", "/1/send", [("a", text), ("b", "2")])


@given(value=TEXTS)
def test_no_value_ends_a_header(value):
    made = filling.headers("X-Key: {api_key}\nX-B: 2")(PLAIN | {"api_key": value})
    assert set(made) == {"X-Key", "X-B"}
    assert made["X-Key"].isprintable()


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (filling.url, "https://sms.example.org/{text}"), (filling.url, "https://{to}/x"), (filling.url, "https://x.org/?a={what}"),
        (filling.headers, "X-Text: {text}"), (filling.headers, "no colon"), (filling.headers, "Host: x"), (filling.headers, "Content-Length: 3"),
        (filling.headers, "X: é"), (filling.headers, "X Y: 1"), (filling.form, "nothing"), (filling.form, "{text}=1"), (filling.form, "=1"),
        (filling.json_body, "{"), (filling.json_body, '{"a": {text}}'), (filling.json_body, '{"a": "\\{text}"}'), (filling.json_body, '{"a": "{nothing}"}'),
        (filling.xml_body, "<a>"), (filling.xml_body, "<{text}/>"), (filling.xml_body, '<a {text}="1">{text}</a>'), (filling.xml_body, "<a><![CDATA[{text}]]></a>"),
        (filling.xml_body, "<!-- {text} --><a/>"), (filling.xml_body, "<a>&{text};</a>"), (filling.xml_body, "<a><?x {text}?></a>"),
        (filling.xml_body, '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), (filling.xml_body, '<?xml version="1.0" encoding="latin1"?><a/>'),
    ],
)  # fmt: skip
def test_templates_that_are_refused_with_a_sentence(read, text):
    with pytest.raises(TemplateFault) as caught:
        read(text)
    assert str(caught.value.args[0]).endswith(".")
