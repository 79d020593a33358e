"""Questions about mailings: who got a text of which, who did not, and what became of it."""

import pytest
from django.utils import timezone

from campaigns.models import Campaign, Chunk, Message
from campaigns.pipeline import finish
from campaigns.services import mailings
from campaigns.statuses import ChunkState, MailingStatus, MessageStatus
from campaigns.tests.factories import make_mailing, make_people, make_sending
from contacts.models import Contact, Group
from contacts.services import smart_groups
from contacts.smart import refresh, rules
from contacts.smart.criteria import At, Catalogue
from contacts.smart.problems import RulesProblem
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db
Status = MessageStatus


@pytest.fixture
def mailing():
    campaign = Campaign.objects.create(name="Spring")
    return make_mailing(make_group(), name="Open evening", status=MailingStatus.FINISHED, started_at=timezone.now(), campaign=campaign)


def text(mailing, contact, status, **changes):
    return Message.objects.create(mailing=mailing, contact=contact, number=f"+336399{contact.pk:05}", text="Hello", status=status, **changes)


def found(question, test, *ids):
    condition = rules.parse({"q": question, "test": test, "value": list(ids)}).condition(At.current())
    return set(Contact.objects.active().filter(condition).values_list("first_name", flat=True))


@pytest.mark.parametrize(
    ("test", "names"),
    [
        ("received", {"SENT", "DELIVERED", "UNKNOWN", "Winner"}),
        ("not_received", {"OPEN", "UNDELIVERED", "FAILED", "SKIPPED", "CANCELLED", "Nobody"}),
        ("delivered", {"DELIVERED", "Winner"}),
        ("not_delivered", {"SENT", "UNKNOWN", "OPEN", "UNDELIVERED", "FAILED", "SKIPPED", "CANCELLED", "Nobody"}),
        ("failed", {"UNDELIVERED", "FAILED"}),
        ("recipient", {*Status.names, "Winner"}),
    ],
)
@pytest.mark.parametrize("question", ["mailing", "campaign"])
def test_each_outcome_finds_its_people(mailing, question, test, names):
    for status in Status:
        text(mailing, make_contact(None, first_name=status.name), status)
    winner = make_contact(None, first_name="Winner")
    text(mailing, make_contact(None, first_name="Loser", merged_into=winner, deleted_at=timezone.now()), Status.DELIVERED)
    text(make_mailing(make_group()), make_contact(None, first_name="Nobody"), Status.DELIVERED)
    assert found(question, test, mailing.pk if question == "mailing" else mailing.campaign_id) == names


def test_what_was_sent_again_counts_by_its_first_try(mailing):
    ann = make_contact(None, first_name="Ann")
    first = text(mailing, ann, Status.FAILED)
    text(mailing, ann, Status.DELIVERED, again_of=first.pk)
    assert found("mailing", "failed", mailing.pk) == {"Ann"}


def test_mailings_are_offered_and_said_by_name_and_day(mailing):
    draft = make_mailing(make_group(), name="Draft")
    offered = dict(Catalogue().get("mailing").comparisons[0].value.choices())
    assert str(mailing.pk) in offered and str(draft.pk) not in offered
    said = rules.parse({"q": "mailing", "test": "not_received", "value": [mailing.pk]}).words()
    assert said.startswith("did not receive Open evening (")
    assert rules.parse({"q": "campaign", "test": "received", "value": [mailing.campaign_id]}).words() == "received Spring"


def test_a_mailing_that_is_gone_is_said():
    with pytest.raises(RulesProblem, match="no longer exists"):
        rules.parse({"q": "mailing", "test": "received", "value": [999_999]})


@pytest.mark.parametrize("end", ["finished", "cancelled"])
def test_a_mailing_that_ends_makes_the_groups_due_whose_rules_ask_for_texts(end):
    asking = [
        smart_groups.save(None, tree={"none": [{"q": "texted", "test": "within", "value": 30}]}, name="Not texted"),
        smart_groups.save(None, tree={"q": "mailing", "test": "received", "value": [make_mailing(make_group(), status=MailingStatus.FINISHED).pk]}, name="Got it"),
    ]
    asking.append(smart_groups.save(None, tree={"q": "group", "test": "any", "value": [asking[0].pk]}, name="Reader"))
    apart = smart_groups.save(None, tree={"q": "language", "test": "is", "value": ["fr"]}, name="French")
    refresh.bring_up_to_date([group.pk for group in [*asking, apart]])
    mailing = make_sending(make_people(2))
    if end == "finished":
        Chunk.objects.update(state=ChunkState.DONE)
        finish.close_mailings()
    else:
        mailings.cancel(mailing, None)
    assert set(Group.objects.filter(pk__in=[group.pk for group in asking]).values_list("state", flat=True)) == {Group.State.WAITING}
    assert Group.objects.get(pk=apart.pk).state == Group.State.FRESH
