"""What a person is told when an action is not possible."""


class CampaignError(Exception):
    """An action that cannot be done: a code for programs, a sentence for people that says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
