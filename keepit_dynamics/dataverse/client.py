"""The client for discovery, the environment admin list and Dataverse itself: flows that only read."""

from __future__ import annotations

import attrs

from keepit_dynamics._core.convert import from_wire, json_of
from keepit_dynamics._core.flow import Flow
from keepit_dynamics.auth.bearer import BearerSender
from keepit_dynamics.clouds import Endpoints
from keepit_dynamics.dataverse.access import EnvironmentAccess, WhoAmI
from keepit_dynamics.dataverse.environments import (
    AdministeredEnvironment,
    DiscoveredEnvironment,
    list_administered,
    list_discovered,
)
from keepit_dynamics.dataverse.reader import read_access
from keepit_dynamics.dataverse.webapi import WebApi

__all__ = ["DataverseClient"]


@attrs.frozen
class DataverseClient:
    """Reads environments, and accounts in them, with the signed-in account's rights.

    Every flow raises DestinationError for an address that may get no token, SignInError where none can be
    had, TransportError where no answer comes, ResponseError for a refusal and ProtocolError for an answer
    without the promised form.
    """

    sender: BearerSender
    endpoints: Endpoints

    def discover(self) -> Flow[tuple[DiscoveredEnvironment, ...]]:
        """The environments the signed-in account may enter, as the Global Discovery Service knows them.

        Those where it is disabled, kept out by a security group or has no row are not among them.
        """
        return list_discovered(self.sender, self.endpoints)

    def administered(self) -> Flow[tuple[AdministeredEnvironment, ...]]:
        """The environments the signed-in account administers.

        All of the tenant's for three directory roles; a shorter list, without any error, for everybody else.
        """
        return list_administered(self.sender, self.endpoints)

    def access(self, api_url: str, object_id: str) -> Flow[EnvironmentAccess]:
        """What an account is and may do in one environment: one request, two where the role is not found.

        At first contact Dataverse may add the signed-in account's row, or its memberships of group teams.

        Args:
            api_url: Address of the environment, as discovery told it.
            object_id: The account's id in the directory.
        """
        return (yield from read_access(WebApi.at(self.sender, api_url), object_id))

    def who_am_i(self, api_url: str) -> Flow[WhoAmI]:
        """Who the environment at an address takes the signed-in account for."""
        api = WebApi.at(self.sender, api_url)
        response = yield from api.get("WhoAmI")
        if not response.ok:
            raise api.error(response)
        return from_wire(json_of(response, service="dataverse"), WhoAmI, service="dataverse")
