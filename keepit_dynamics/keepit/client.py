"""The Keepit client: the calls that connectors need, each with the schema version it wants.

Every write is sent once (``safe=False``); whoever writes looks at what is there when an answer is lost.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import quote

import attrs

from keepit_dynamics._core.flow import Flow
from keepit_dynamics._core.http import HttpRequest, HttpResponse
from keepit_dynamics._core.retry import RetryPolicy, send_with_retry
from keepit_dynamics._core.xml import Element, parse_xml
from keepit_dynamics.clouds import KeepitToken
from keepit_dynamics.errors import ProtocolError
from keepit_dynamics.keepit import documents
from keepit_dynamics.keepit.errors import KeepitRefusalError, checked_document, keepit_error
from keepit_dynamics.keepit.models import (
    Connector,
    ConnectorStatus,
    Health,
    Job,
    Resource,
    Snapshot,
    StartedBackup,
    TokenRecord,
)

__all__ = ["KeepitClient"]

_V4 = "application/vnd.keepit.v4+xml"
_V2 = "application/vnd.keepit.v2"
_XML = "application/xml"


@attrs.frozen
class KeepitClient:
    """Reads and writes one Keepit account; the credentials go to this address alone.

    Every flow raises KeepitCredentialsError (401), PermissionDeniedError (403), ThrottledError, ServiceError
    for another refusal, ProtocolError for an answer without the promised form, TransportError for none.
    """

    base: str
    token: KeepitToken
    policy: RetryPolicy

    def account_id(self) -> Flow[str]:
        """The id of the token's account."""
        root = yield from self._get("/users/", "asking for the account")
        return documents.read_account_id(root)

    def resources(self, account: str) -> Flow[tuple[Resource, ...]]:
        """What the account's product has, with limits and usage."""
        root = yield from self._get(f"/users/{quote(account)}/resources", "reading the account's resources")
        return documents.read_resources(root)

    def connectors(self, account: str, *, deleted: bool = False) -> Flow[tuple[Connector, ...]]:
        """All connectors; with ``deleted`` also those that are marked for deletion."""
        path = f"{self._devices(account)}{'?all=1' if deleted else ''}"
        return documents.read_connectors((yield from self._get(path, "listing connectors", accept=_V4)))

    def tokens(self, account: str) -> Flow[tuple[TokenRecord, ...]]:
        """All tokens, persons' and others, without passwords."""
        path = f"/users/{quote(account)}/tokens?secondary=1"
        return documents.read_tokens((yield from self._get(path, "listing tokens", accept=_V2)))

    def attributes(self, account: str, connector: str) -> Flow[Mapping[str, str | None]]:
        """The attributes that are set on a connector."""
        path = f"{self._device(account, connector)}/attributes"
        response = yield from self._read(path)
        if response.status == 404:
            return {}
        return documents.read_attributes(checked_document(response, doing="reading attributes"))

    def access_list(self, account: str, connector: str) -> Flow[tuple[str, ...] | None]:
        """The logins with access; None where the service does not show them (contracts/keepit.md 20)."""
        response = yield from self._read(f"{self._device(account, connector)}/access_list")
        if response.status in {404, 405, 501}:
            return None
        try:
            return documents.read_access_list(checked_document(response, doing="reading the access list"))
        except ProtocolError:
            return None

    def health(self, account: str, connector: str) -> Flow[Health]:
        """A connector's health with its reason."""
        path = f"{self._device(account, connector)}/health?reason=true"
        return documents.read_health((yield from self._get(path, "reading the health")))

    def status(self, account: str, connector: str) -> Flow[ConnectorStatus]:
        """A connector's status."""
        path = f"{self._device(account, connector)}/status"
        return documents.read_status((yield from self._get(path, "reading the status")))

    def jobs(self, account: str, connector: str) -> Flow[tuple[Job, ...]]:
        """A connector's jobs, seven days back and seven ahead."""
        path = f"{self._device(account, connector)}/jobs"
        return documents.read_jobs((yield from self._get(path, "listing jobs", accept=_V4)))

    def latest_snapshot(self, account: str, connector: str) -> Flow[Snapshot | None]:
        """The newest snapshot; None where there is none yet."""
        response = yield from self._read(f"{self._device(account, connector)}/history/latest", accept=_V4)
        if response.status == 404:
            return None
        return documents.read_snapshot(checked_document(response, doing="reading the newest snapshot"))

    def create_connector(
        self, account: str, *, name: str, connection: str, retention: str | None, attributes: Mapping[str, str]
    ) -> Flow[str | None]:
        """Create a connector; its id, or None where the answer does not tell it. Sent once."""
        body = documents.build_connector(name, connection, retention, attributes)
        response = yield from self._write("POST", f"{self._devices(account)}/", body, accept=_V4)
        if not response.ok:
            raise keepit_error(response, doing="creating the connector")
        return _created_id(response)

    def enable(self, account: str, connector: str) -> Flow[None]:
        """Enable a connector; by PUT, since a POST to one that exists may wipe its attributes."""
        body = documents.build_enable()
        response = yield from self._write("PUT", self._device(account, connector), body, accept=_V4)
        _check(response, "enabling the connector")

    def put_attribute(self, account: str, connector: str, key: str, value: bytes, media_type: str) -> Flow[None]:
        """Set an attribute to some bytes."""
        path = f"{self._device(account, connector)}/attributes/{quote(key, safe='')}"
        response = yield from self._write("PUT", path, value, media_type=media_type)
        _check(response, f"setting the attribute {key}")

    def get_attribute(self, account: str, connector: str, key: str) -> Flow[bytes | None]:
        """An attribute's bytes; None where it is not set."""
        response = yield from self._read(f"{self._device(account, connector)}/attributes/{quote(key, safe='')}")
        if response.status == 404:
            return None
        if not response.ok:
            raise keepit_error(response, doing=f"reading the attribute {key}")
        return response.body

    def delete_attribute(self, account: str, connector: str, key: str) -> Flow[None]:
        """Unset an attribute; one that is not set is fine."""
        path = f"{self._device(account, connector)}/attributes/{quote(key, safe='')}"
        response = yield from self._write("DELETE", path, b"")
        if response.status != 404:
            _check(response, f"removing the attribute {key}")

    def grant(self, account: str, connector: str, login: str) -> Flow[None]:
        """Give a user access to a connector."""
        path = f"{self._device(account, connector)}/access_list"
        response = yield from self._write("POST", path, documents.build_member(login))
        _check(response, f"giving {login} access")

    def start_backup(self, account: str, connector: str, description: str) -> Flow[StartedBackup]:
        """Start a backup; one that is queued or running already is a result, not an error. Sent once."""
        path = f"{self._device(account, connector)}/jobs/"
        response = yield from self._write("POST", path, documents.build_backup(description), accept=_V4)
        if response.ok and not response.body.strip():
            return StartedBackup("started")
        try:
            root = checked_document(response, doing="starting the backup")
        except KeepitRefusalError as error:
            if error.code in _ALREADY:
                return StartedBackup(_ALREADY[error.code], start=error.start)
            raise
        job = next(iter(documents.read_jobs(root)), None)
        return StartedBackup("started", job.id, job.start or job.scheduled) if job else StartedBackup("started")

    def _devices(self, account: str) -> str:
        return f"/users/{quote(account, safe='')}/devices"

    def _device(self, account: str, connector: str) -> str:
        return f"{self._devices(account)}/{quote(connector, safe='')}"

    def _get(self, path: str, doing: str, *, accept: str | None = None) -> Flow[Element]:
        return checked_document((yield from self._read(path, accept=accept)), doing=doing)

    def _read(self, path: str, *, accept: str | None = None) -> Flow[HttpResponse]:
        return send_with_retry(self._request("GET", path, b"", {"Accept": accept}), self.policy)

    def _write(
        self, method: str, path: str, body: bytes, *, accept: str | None = None, media_type: str = _XML
    ) -> Flow[HttpResponse]:
        headers = {"Accept": accept, "Content-Type": media_type if body else None}
        request = attrs.evolve(self._request(method, path, body, headers), safe=False)
        return send_with_retry(request, self.policy)

    def _request(self, method: str, path: str, body: bytes, headers: Mapping[str, str | None]) -> HttpRequest:
        pair = f"{self.token.name}:{self.token.secret.reveal()}".encode()
        given = {name: value for name, value in headers.items() if value is not None}
        authorization = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        return HttpRequest("keepit", method, self.base + path, {**given, **authorization}, body)


_ALREADY = {"WAITING_JOB_TO_START": "already queued", "RUNNING_JOB": "already running"}


def _check(response: HttpResponse, doing: str) -> None:
    if not response.ok:
        raise keepit_error(response, doing=doing)
    if response.body.lstrip().startswith(b"<error"):
        raise keepit_error(response, doing=doing)


def _created_id(response: HttpResponse) -> str | None:
    """The id by the module's order of trust: the body's, else the tail of ``Location`` (8.8)."""
    if response.body.strip():
        root = parse_xml(response.body, service="keepit")
        if root.tag == "error":
            raise keepit_error(response, doing="creating the connector")
        found = root if root.tag in {"cloud", "device"} else root.find(".//cloud")
        guid = (found.findtext("guid") or "").strip() if found is not None else ""
        if guid:
            return guid.lower()
    tail = response.headers.get("location", "").rstrip("/").rpartition("/")[2]
    return tail.lower() or None
