"""The reads of Microsoft Graph that readiness needs: one batch for the directory, one for the seats.

The calls and what each needs: contracts/entra-and-graph.md 10 to 13 and 15.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

import attrs

from keepit_dynamics._core.convert import from_wire, json_of
from keepit_dynamics._core.facts import Unread, attempt
from keepit_dynamics._core.flow import Flow
from keepit_dynamics._core.http import HttpRequest, HttpResponse
from keepit_dynamics._core.paging import collect_pages
from keepit_dynamics.auth.bearer import BearerSender
from keepit_dynamics.errors import ProtocolError
from keepit_dynamics.graph.batch import Part, send_batch
from keepit_dynamics.graph.errors import graph_error
from keepit_dynamics.graph.licenses import LicenseDetail, SubscribedSku
from keepit_dynamics.graph.models import (
    ROLE_TEMPLATE_IDS,
    DirectoryRole,
    DirectoryUser,
    Organization,
    RoleAssignment,
    RoleScheduleInstance,
)

__all__ = ["DirectoryFacts", "GraphClient", "LicensedUsers"]

T = TypeVar("T")

_USER_COLUMNS = (
    "id,displayName,userPrincipalName,userType,accountEnabled,creationType,externalUserState,licenseAssignmentStates"
)
_SKU_COLUMNS = "skuId,skuPartNumber,capabilityStatus,prepaidUnits,consumedUnits,appliesTo,servicePlans"
_ADVANCED = {"ConsistencyLevel": "eventual"}
_MOST_TERMS = 12
"""SKUs in one filter: at most fifteen terms are allowed, and three stand for the user's state."""
_PAGE = 999


@attrs.frozen
class DirectoryFacts:
    """What the directory says of a subject and its tenant; what could not be read says why.

    ``memberships`` are ids of all groups, roles and administrative units, transitively. ``roles`` are the
    tenant's own role objects. ``active`` and ``eligible`` are the subject's own schedule instances.
    ``caller_memberships`` are those of the signed-in account.
    """

    user: DirectoryUser | Unread
    organization: Organization | Unread
    assignments: tuple[RoleAssignment, ...] | Unread
    memberships: tuple[str, ...] | Unread
    caller_memberships: tuple[str, ...] | Unread
    roles: tuple[DirectoryRole, ...] | Unread
    active: tuple[RoleScheduleInstance, ...] | Unread
    eligible: tuple[RoleScheduleInstance, ...] | Unread
    licenses: tuple[LicenseDetail, ...] | Unread
    subscribed: tuple[SubscribedSku, ...] | Unread


@attrs.frozen
class LicensedUsers:
    """Enabled users with one of some SKUs.

    ``users`` is None where there are more than were read; ``count`` is then how many there are at most.
    """

    users: tuple[DirectoryUser, ...] | None
    count: int


@attrs.frozen
class GraphClient:
    """Reads the directory with the signed-in account's rights."""

    sender: BearerSender

    def directory(self, subject: str | None = None) -> Flow[DirectoryFacts]:
        """All facts on a subject in one request; on another account than the caller's in two.

        Args:
            subject: Object id or UPN of the account; None is the signed-in one.

        Raises:
            ResponseError, ProtocolError, TransportError: The batch as a whole failed.
        """
        if subject is None:
            return (yield from self._directory("/me", None))
        found = yield from self._find(subject)
        if isinstance(found, Unread):
            return (yield from self._directory(f"/users/{quote(subject, safe='@')}", subject, found))
        return (yield from self._directory(f"/users/{found.id}", found.id))

    def _find(self, subject: str) -> Flow[DirectoryUser | Unread]:
        part = Part("user", f"/users/{quote(subject, safe='@')}?$select={_USER_COLUMNS}")
        answers = yield from send_batch(self.sender, [part])
        return (yield from attempt(self._one(answers["user"], DirectoryUser, "the account", "User.Read.All")))

    def _directory(self, root: str, subject_id: str | None, user: Unread | None = None) -> Flow[DirectoryFacts]:
        answers = yield from send_batch(self.sender, _directory_parts(root, subject_id))
        many, one = self._many, self._one
        role_read = "RoleManagement.Read.Directory"
        memberships = yield from attempt(self._members(answers["memberships"]))
        caller = memberships
        if subject_id is not None:
            caller = yield from attempt(self._members(answers["caller_memberships"]))
        return DirectoryFacts(
            user=user or (yield from attempt(one(answers["user"], DirectoryUser, "the account", "User.Read"))),
            organization=(yield from attempt(self._organization(answers["organization"]))),
            assignments=(
                yield from attempt(many(answers["assignments"], RoleAssignment, "role assignments", role_read))
            ),
            memberships=memberships,
            caller_memberships=caller,
            roles=(yield from attempt(many(answers["roles"], DirectoryRole, "the directory roles", role_read))),
            active=(
                yield from attempt(many(answers["active"], RoleScheduleInstance, "active role schedules", role_read))
            ),
            eligible=(
                yield from attempt(
                    many(answers["eligible"], RoleScheduleInstance, "eligible role schedules", role_read)
                )
            ),
            licenses=(
                yield from attempt(
                    many(
                        answers["licenses"],
                        LicenseDetail,
                        "the account's licences",
                        "LicenseAssignment.Read.All",
                    )
                )
            ),
            subscribed=(
                yield from attempt(
                    many(answers["subscribed"], SubscribedSku, "subscriptions", "LicenseAssignment.Read.All")
                )
            ),
        )

    def licensed_users(self, sku_ids: Sequence[str], *, whole: bool = False) -> Flow[LicensedUsers]:
        """Enabled users that hold one of the SKUs, each once.

        One request brings the first page of 999; only with ``whole`` are further pages read.

        Raises:
            ResponseError: The users may not be listed, or another refusal.
            ProtocolError: The answer lacks the count that was asked for.
        """
        groups = [sku_ids[at : at + _MOST_TERMS] for at in range(0, len(sku_ids), _MOST_TERMS)]
        if not groups:
            return LicensedUsers((), 0)
        parts = [Part(str(number), _users_url(group), headers=_ADVANCED) for number, group in enumerate(groups)]
        answers = yield from send_batch(self.sender, parts)
        users: dict[str, DirectoryUser] = {}
        at_most, complete = 0, True
        for part in parts:
            data = self._data(answers[part.id], "the users", "User.Read.All")
            count = data.get("@odata.count")
            if not isinstance(count, int):
                raise ProtocolError(
                    "Graph's list of users lacks its count.",
                    service="graph",
                    problems=("missing @ $['@odata.count']",),
                )
            at_most += count
            rows = yield from self._rows(data, whole)
            complete = complete and len(rows) >= count
            users |= {user.id: user for user in from_wire(rows, tuple[DirectoryUser, ...], service="graph")}
        return LicensedUsers(tuple(users.values()), len(users)) if complete else LicensedUsers(None, at_most)

    def _rows(self, data: Mapping[str, Any], whole: bool) -> Flow[list[Any]]:
        if whole:
            return (yield from self._all(data, _ADVANCED))
        rows = data.get("value")
        return rows if isinstance(rows, list) else _no_list()

    def _one(self, response: HttpResponse, cls: type[T], read: str, needs: str) -> Flow[T]:
        yield from ()
        return from_wire(self._data(response, read, needs), cls, service="graph")

    def _many(self, response: HttpResponse, cls: type[T], read: str, needs: str) -> Flow[tuple[T, ...]]:
        rows = yield from self._all(self._data(response, read, needs), {})
        return tuple(from_wire(rows, list[cls], service="graph"))  # type: ignore[valid-type]  # a class at run time

    def _organization(self, response: HttpResponse) -> Flow[Organization]:
        found = yield from self._many(response, Organization, "the tenant", "User.Read")
        if len(found) != 1:
            raise ProtocolError(
                f"Graph names {len(found)} tenants instead of one.",
                service="graph",
                problems=("expected one @ $.value",),
            )
        return found[0]

    def _members(self, response: HttpResponse) -> Flow[tuple[str, ...]]:
        rows = yield from self._all(self._data(response, "memberships", "User.Read"), {})
        return from_wire(rows, tuple[str, ...], service="graph")

    def _all(self, data: Any, headers: Mapping[str, str]) -> Flow[list[Any]]:
        return collect_pages(data, lambda link: self._next(link, headers), service="graph")

    def _next(self, link: str, headers: Mapping[str, str]) -> Flow[Any]:
        request = HttpRequest("graph", "GET", link, {"Accept": "application/json", **headers})
        response = yield from self.sender.send(request, scope=self.sender.endpoints.graph_scope)
        return self._data(response, "the next page", None)

    def _data(self, response: HttpResponse, read: str, needs: str | None) -> Any:
        if not response.ok:
            raise graph_error(response, read=read, needs=needs)
        data = json_of(response, service="graph")
        return data if isinstance(data, Mapping) else _no_list()


def _directory_parts(root: str, subject_id: str | None) -> list[Part]:
    roles = ",".join(f"'{template}'" for template in ROLE_TEMPLATE_IDS.values())
    schedules = "/roleManagement/directory/role{}ScheduleInstances"
    mine = "/filterByCurrentUser(on='principal')" if subject_id is None else f"?$filter=principalId eq '{subject_id}'"
    everything = {"securityEnabledOnly": False}
    parts = [
        Part("user", f"{root}?$select={_USER_COLUMNS}"),
        Part("organization", "/organization?$select=id,displayName,tenantType"),
        Part("assignments", f"/roleManagement/directory/roleAssignments?$filter=roleDefinitionId in ({roles})"),
        Part("memberships", f"{root}/getMemberObjects", "POST", body=everything),
        Part("roles", "/directoryRoles?$select=id,roleTemplateId"),
        Part("active", schedules.format("Assignment") + mine),
        Part("eligible", schedules.format("Eligibility") + mine),
        Part("licenses", f"{root}/licenseDetails"),
        Part(
            "subscribed",
            f"/subscribedSkus?$select={_SKU_COLUMNS}",
        ),
    ]
    if subject_id is not None:
        parts.append(Part("caller_memberships", "/me/getMemberObjects", "POST", body=everything))
    return [attrs.evolve(part, url=part.url.replace(" ", "%20")) for part in parts]


def _users_url(sku_ids: Sequence[str]) -> str:
    licensed = " or ".join(f"assignedLicenses/any(l:l/skuId eq {sku_id})" for sku_id in sku_ids)
    condition = quote(f"accountEnabled eq true and ({licensed})", safe="/:()")
    return f"/users?$filter={condition}&$count=true&$top={_PAGE}&$select=id,userType,assignedLicenses,assignedPlans"


def _no_list() -> Any:
    raise ProtocolError("Graph's answer is not a list.", service="graph", problems=("expected a list @ $.value",))
