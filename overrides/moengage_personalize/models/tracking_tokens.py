"""Signed tokens that carry an experience's context through a browser.

One process renders a page and puts a token into a link or a form. Another one receives the token,
and reports the click without trusting the browser.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid4

from moengage_personalize import validation
from moengage_personalize.errors import InvalidArgumentError, InvalidTokenError

from .experiences import (
    Experience,
    HasExperience,
    Source,
    UnreportableError,
    reportable_context,
    untyped,
)
from .visitor import Visitor, as_visitor

if TYPE_CHECKING:
    import itsdangerous

__all__ = ["TrackingTokens"]

_MIN_SECRET: Final = 16
_DAY: Final = 86_400


class TrackingTokens:
    """Signs and reads tracking tokens.

    A token is text for a URL. It contains the experience's key and context, and the UUID of its
    click; anybody can read them. Only the secret can make its signature. The signature also covers
    the visitor's customer or session ID, which nobody can read from the token.

    Args:
        secret: At least 16 characters, the same in every process. To replace it, pass the old and
            the new one in a list: the last one signs, all of them verify.
        max_age: How long a token is valid, in seconds.

    Raises:
        InvalidArgumentError: A secret is too short, or `max_age` is not positive.
    """

    def __init__(self, secret: str | Sequence[str], *, max_age: int = _DAY) -> None:
        secrets = [secret] if isinstance(secret, str) else secret
        if (
            not isinstance(secrets, Sequence)
            or not secrets
            or any(not isinstance(entry, str) or len(entry) < _MIN_SECRET for entry in secrets)
        ):
            raise InvalidArgumentError(
                f"must be text of at least {_MIN_SECRET} characters", field="secret"
            )
        self._secrets = list(secrets)
        self._max_age = validation.positive("max_age", max_age)

    def sign(self, experience: Experience | HasExperience, *, visitor: Visitor | str | None) -> str:
        """Return a token for one experience, as shown to one visitor.

        The click of one token counts once, even if its link is followed again. An experience that
        is not reportable gets a token too, without a context, so that every page works.

        Raises:
            InvalidArgumentError: `experience` or `visitor` is of another type.
        """
        shown = untyped(experience)
        if not isinstance(shown, Experience):
            raise InvalidArgumentError(
                f"must be an Experience, not {type(experience).__name__}", field="experience"
            )
        try:
            context = reportable_context(shown.context)
        except UnreportableError:
            context = {}
        serializer = self._serializer(as_visitor(visitor).reported_id)
        token = serializer.dumps([shown.key, context, uuid4().hex])
        return token if isinstance(token, str) else token.decode()

    def read(self, token: str, *, visitor: Visitor | str | None) -> Experience:
        """Return the experience of a token, for `clicked` or `shown`; it has no values.

        Args:
            token: The token from `sign`.
            visitor: The visitor of this request, the same as in `sign`. If the visitor has logged
                in since, pass the same session ID with the customer ID.

        Raises:
            InvalidTokenError: The token was changed, was signed with another secret or for another
                visitor, or is older than `max_age`.
            InvalidArgumentError: `visitor` is of another type.
        """
        import itsdangerous  # noqa: PLC0415  (costs import time, and not everybody tracks)

        who = as_visitor(visitor)
        error = InvalidTokenError(
            "the tracking token was changed, or signed with another secret or for another visitor"
        )
        # An anonymous visitor may have logged in between page and click.
        for bound in {who.reported_id, who.session_id or who.reported_id}:
            try:
                key, context, uuid = self._serializer(bound).loads(str(token), self._max_age)
            except itsdangerous.SignatureExpired:
                error = InvalidTokenError(
                    f"the tracking token is older than {self._max_age} seconds"
                )
            except (itsdangerous.BadData, UnicodeError):
                continue
            else:
                reason = "signed by this application"
                return Experience(key, {}, context, Source.TOKEN, reason, event_uuid=UUID(uuid))
        raise error

    def _serializer(self, bound: str | None) -> itsdangerous.URLSafeTimedSerializer:
        import itsdangerous  # noqa: PLC0415  (import time)

        salt = f"moengage_personalize.tracking:{bound or ''}"
        return itsdangerous.URLSafeTimedSerializer(self._secrets, salt=salt)
