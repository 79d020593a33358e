"""Models of the app."""

from campaigns.models.automatic import AutomaticReply, OptInQuestion, SeriesStop
from campaigns.models.campaign import Campaign
from campaigns.models.chunk import Chunk
from campaigns.models.conversation import Conversation, ConversationNote
from campaigns.models.exclusion import Exclusion
from campaigns.models.inbound import InboundMessage
from campaigns.models.keyword_rule import AutomaticText, KeywordRule
from campaigns.models.lane_tally import LaneTally
from campaigns.models.mailing import Mailing, MailingChange, MailingEvent, MailingTally, PurgedCount
from campaigns.models.message import Message, MessageTimeChange
from campaigns.models.quiet import OpenHours, QuietDay, QuietHours
from campaigns.models.report_walk import ReportWalk
from campaigns.models.route import Route, Routing
from campaigns.models.template import Kind, SmsTemplate, SmsTemplateVersion
from campaigns.models.trial import TestNumber, TestSend
from campaigns.models.unknown import UnknownText

__all__ = [
    "AutomaticReply",
    "AutomaticText",
    "Campaign",
    "Chunk",
    "Conversation",
    "ConversationNote",
    "Exclusion",
    "InboundMessage",
    "KeywordRule",
    "Kind",
    "LaneTally",
    "Mailing",
    "MailingChange",
    "MailingEvent",
    "MailingTally",
    "Message",
    "MessageTimeChange",
    "OpenHours",
    "OptInQuestion",
    "PurgedCount",
    "QuietDay",
    "QuietHours",
    "ReportWalk",
    "Route",
    "Routing",
    "SeriesStop",
    "SmsTemplate",
    "SmsTemplateVersion",
    "TestNumber",
    "TestSend",
    "UnknownText",
]
