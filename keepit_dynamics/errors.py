"""Every error this package raises: one class for each thing a caller can act on.

::

    KeepitDynamicsError
    ├─ ConfigurationError            all problems at once, nothing was sent
    ├─ SignInError
    │  ├─ SignInCancelledError       cancelled, declined, closed or timed out
    │  ├─ WrongAccountError          personal account, guest, or not the account that was named
    │  ├─ WrongTenantError           the account or the tenant is not the one expected
    │  ├─ InteractionRequiredError   a person has to sign in (again)
    │  ├─ ConsentRequiredError       the application's permissions are not granted
    │  ├─ BlockedByPolicyError       a policy of the tenant refuses
    │  ├─ ClockSkewError             this machine's clock is off
    │  └─ KeepitCredentialsError     Keepit refuses the token's name or secret
    ├─ TransportError                no answer: network, name, TLS, proxy
    │  └─ RequestTimeoutError
    ├─ ResponseError                 a service answered, but not as hoped
    │  ├─ PermissionDeniedError      names the scope or role that is missing
    │  ├─ ThrottledError
    │  └─ ServiceError
    ├─ ProtocolError                 an answer that does not have the promised form
    ├─ DestinationError              an address that may not receive credentials
    ├─ ConflictError                 something of somebody else's is in the way
    ├─ NotReadyError                 carries the readiness report
    ├─ LostAnswerError               a write's answer was lost; running again looks first
    └─ HalfMadeError                 carries what exists; running again resumes
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keepit_dynamics.provisioning.journal import Journal
    from keepit_dynamics.readiness.report import Report

__all__ = [
    "BlockedByPolicyError",
    "ClockSkewError",
    "ConfigurationError",
    "ConflictError",
    "ConsentRequiredError",
    "DestinationError",
    "HalfMadeError",
    "InteractionRequiredError",
    "KeepitCredentialsError",
    "KeepitDynamicsError",
    "LostAnswerError",
    "NotReadyError",
    "PermissionDeniedError",
    "ProtocolError",
    "RequestTimeoutError",
    "ResponseError",
    "ServiceError",
    "SignInCancelledError",
    "SignInError",
    "ThrottledError",
    "TransportError",
    "WrongAccountError",
    "WrongTenantError",
]


def _restore(cls: type[KeepitDynamicsError], state: dict[str, Any]) -> KeepitDynamicsError:
    error = cls.__new__(cls)
    error.__dict__.update(state)
    error.args = (state["message"],)
    return error


class KeepitDynamicsError(Exception):
    """The root of all errors of this package.

    Attributes:
        message: What happened and where, in one sentence.
        hint: What to do next; may be empty.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), dict(self.__dict__))


class ConfigurationError(KeepitDynamicsError):
    """What the caller handed in cannot be used; nothing was sent.

    Attributes:
        problems: Each problem in a sentence of its own.
    """

    def __init__(self, *problems: str, hint: str = "") -> None:
        super().__init__(" ".join(problems), hint=hint)
        self.problems = problems


class SignInError(KeepitDynamicsError):
    """Signing in did not work.

    Attributes:
        code: The directory's own code (``AADSTS…``), or None.
        correlation_id: The directory's id of this attempt, for its support; or None.
        claims: What a new interactive sign-in has to satisfy (JSON text), or None.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        code: str | None = None,
        correlation_id: str | None = None,
        claims: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.correlation_id = correlation_id
        self.claims = claims


class SignInCancelledError(SignInError):
    """The person cancelled or declined, or did not finish in time."""


class WrongAccountError(SignInError):
    """The account that signed in is of a kind that cannot be used, or not the one that was named."""


class WrongTenantError(SignInError):
    """The tenant does not exist, or the account belongs to another one."""


class InteractionRequiredError(SignInError):
    """A person has to sign in: multi-factor, an expired or revoked sign-in, new terms."""


class ConsentRequiredError(SignInError):
    """The application's permissions have not been granted in the tenant."""


class BlockedByPolicyError(SignInError):
    """A policy of the tenant, or the state of the account or device, forbids the sign-in."""


class ClockSkewError(SignInError):
    """This machine's clock and the directory's differ by more than five minutes."""


class KeepitCredentialsError(SignInError):
    """Keepit does not know the token's name and secret at this address."""


class TransportError(KeepitDynamicsError):
    """No answer came: no network, unknown name, refused connection, TLS or proxy trouble.

    Attributes:
        service: Which service was asked.
        host: The host that did not answer.
    """

    def __init__(self, message: str, *, service: str, host: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.service = service
        self.host = host


class RequestTimeoutError(TransportError):
    """No answer came in time."""


class ResponseError(KeepitDynamicsError):
    """A service answered, but not as hoped.

    Attributes:
        service: Which service answered.
        status: The HTTP status.
        code: The service's own code, or None.
        request_id: The id to give to the service's support, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        service: str,
        status: int,
        code: str | None = None,
        request_id: str | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.service = service
        self.status = status
        self.code = code
        self.request_id = request_id


class PermissionDeniedError(ResponseError):
    """The credentials are good, but do not allow this.

    Attributes:
        needs: The permission, scope or role that would allow it, or None where that is not known.
    """

    def __init__(self, message: str, *, needs: str | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.needs = needs


class ThrottledError(ResponseError):
    """The service wants fewer requests.

    Attributes:
        retry_after: Seconds to wait, as the service asks; None where it does not say.
    """

    def __init__(self, message: str, *, retry_after: float | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.retry_after = retry_after


class ServiceError(ResponseError):
    """Any other failure that a service reported."""


class ProtocolError(KeepitDynamicsError):
    """An answer does not have the form the service promises.

    Attributes:
        service: Which service answered.
        problems: Each problem with its place in the payload.
    """

    def __init__(self, message: str, *, service: str, problems: tuple[str, ...] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.service = service
        self.problems = problems


class DestinationError(KeepitDynamicsError):
    """An address, given or found in an answer, may not receive credentials; nothing was sent to it."""


class ConflictError(KeepitDynamicsError):
    """Something that belongs to somebody else is in the way; nothing was touched."""


class NotReadyError(KeepitDynamicsError):
    """The account is not ready, so nothing was created.

    Attributes:
        report: The readiness report.
    """

    def __init__(self, message: str, *, report: Report, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.report = report


class LostAnswerError(KeepitDynamicsError):
    """A write's answer was lost, and nothing of it is to be seen. Running the same again looks first."""


class HalfMadeError(KeepitDynamicsError):
    """A connector exists but is not complete; running the same again goes on from there.

    Attributes:
        journal: What has been done, and which step is next.
    """

    def __init__(self, message: str, *, journal: Journal, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.journal = journal
