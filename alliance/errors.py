"""What the rules refuse. The docstring of each error is the sentence people see."""

import inspect


class AllianceError(Exception):
    """That is not possible here. Nothing was changed."""

    @property
    def sentence(self) -> str:
        """What people see: the detail given when raised, else the class's docstring."""
        return str(self.args[0]) if self.args else inspect.cleandoc(type(self).__doc__ or "")


class NotAMember(AllianceError):
    """You are not a member of this alliance, so nothing was changed. Ask your alliance manager to add you."""


class NotPermitted(AllianceError):
    """Your role in this alliance does not include that. Nothing was changed."""


class NotFound(AllianceError):
    """That is not known in this alliance. It may have been withdrawn, or the link is old."""


class AlreadyClosed(AllianceError):
    """That has closed meanwhile, so nothing was changed."""


class NotUnderstood(AllianceError):
    """That was not understood, so nothing was changed. Say "help" to see what you can ask."""


class NotInForce(AllianceError):
    """The charter is not in force yet: one executive of each company has to sign it first."""


class InvalidInput(AllianceError):
    """Something in the form needs another look. Nothing was changed, and nothing you typed is lost."""

    def __init__(self, fields: dict[str, str]) -> None:
        """`fields` maps an input's name to the sentence shown beside it."""
        super().__init__(inspect.cleandoc(InvalidInput.__doc__ or ""))
        self.fields = fields
