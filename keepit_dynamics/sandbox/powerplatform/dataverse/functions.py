"""The unbound functions of the Web API that are emulated; all are read with GET."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from keepit_dynamics.sandbox.powerplatform.dataverse import answers, rows
from keepit_dynamics.sandbox.powerplatform.dataverse.addresses import Segment
from keepit_dynamics.sandbox.powerplatform.dataverse.definitions import row_counts
from keepit_dynamics.sandbox.powerplatform.dataverse.reading import Reader
from keepit_dynamics.sandbox.powerplatform.dataverse.schema import ROLES
from keepit_dynamics.sandbox.powerplatform.dataverse.view import View
from keepit_dynamics.sandbox.powerplatform.odata.model import Record, bad_query
from keepit_dynamics.sandbox.powerplatform.odata.options import parse_options
from keepit_dynamics.sandbox.powerplatform.refusal import Refused
from keepit_dynamics.sandbox.powerplatform.state import VERSION, Role, Team
from keepit_dynamics.sandbox.wire import Response

__all__ = ["FUNCTIONS"]

_ACCESS_TYPE = re.compile(r"(?:Microsoft\.Dynamics\.CRM\.EndpointAccessType)?'(?:Default|Internet|Intranet)'")
_GUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


def _argument(segment: Segment, params: Mapping[str, str], name: str) -> str:
    arguments = segment.arguments(params)
    if set(arguments) != {name}:
        raise bad_query(f"The function '{segment.name}' takes exactly one parameter, '{name}'.")
    return arguments[name]


def _response(reader: Reader, name: str, values: dict[str, Any]) -> Response:
    return answers.data({"@odata.context": f"{reader.root}/$metadata#Microsoft.Dynamics.CRM.{name}Response"} | values)


def who_am_i(view: View, reader: Reader, segment: Segment) -> Response:
    """The caller's ids; the brackets may be left out."""
    if segment.brackets:
        raise bad_query("The function 'WhoAmI' takes no parameters.")
    ids = {
        "BusinessUnitId": view.caller.row.unit_id,
        "UserId": view.caller_id,
        "OrganizationId": view.environment.organization_id,
    }
    return _response(reader, "WhoAmI", ids)


def retrieve_current_organization(view: View, reader: Reader, segment: Segment) -> Response:
    """What this organization is, and where."""
    access_type = _argument(segment, reader.request.params, "AccessType")
    if not _ACCESS_TYPE.fullmatch(access_type):
        raise bad_query(f"'{access_type}' is not a value of 'Microsoft.Dynamics.CRM.EndpointAccessType'.")
    environment, address = view.environment, view.environment.address
    endpoints = {
        "WebApplication": f"{address}/",
        "OrganizationService": f"{address}/XRMServices/2011/Organization.svc",
        "OrganizationDataService": f"{address}/XRMServices/2011/OrganizationData.svc",
    }
    detail = {
        "OrganizationId": environment.organization_id,
        "FriendlyName": environment.spec.name,
        "OrganizationVersion": VERSION,
        "EnvironmentId": environment.id,
        "DatacenterId": environment.datacenter_id,
        "Geo": environment.spec.region,
        "TenantId": environment.tenant_id,
        "UrlName": environment.url_name,
        "UniqueName": environment.unique_name,
        "State": "Enabled",
        "Endpoints": {
            "Count": len(endpoints),
            "IsReadOnly": False,
            "Keys": list(endpoints),
            "Values": list(endpoints.values()),
        },
    }
    return _response(reader, "RetrieveCurrentOrganization", {"Detail": detail})


def retrieve_total_record_count(view: View, reader: Reader, segment: Segment) -> Response:
    """Rows per table. One name that does not exist spoils the call; virtual tables are missing."""
    text = _argument(segment, reader.request.params, "EntityNames")
    try:
        names = json.loads(text)
    except (ValueError, RecursionError):
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise bad_query(f"'{text}' is not a collection of strings.")
    counts = row_counts(view.environment)
    unknown = next((name for name in names if name not in counts), None)
    if unknown is not None:
        message = f"The entity with a name = '{unknown}' was not found in the MetadataCache."
        raise Refused(400, "0x80040217", message)
    found = sorted({name for name in names if counts[name] is not None})
    collection = {
        "Count": len(found),
        "IsReadOnly": False,
        "Keys": found,
        "Values": [counts[name] for name in found],
    }
    return _response(reader, "RetrieveTotalRecordCount", {"EntityRecordCountCollection": collection})


def retrieve_aad_user_roles(view: View, reader: Reader, segment: Segment) -> Response:
    """Roles held directly and through group teams, for accounts without a row too."""
    object_id = _argument(segment, reader.request.params, "DirectoryObjectId").lower()
    if not _GUID.fullmatch(object_id):
        raise bad_query(f"'{object_id}' is not a value of type 'Edm.Guid'.")
    if view.directory.user(object_id) is None:
        raise Refused(400, "0x80041d28", f"User with object id {object_id} was not found in Microsoft Entra ID.")
    options = parse_options(reader.request.params, ROLES, view)
    body = [
        answers.row(record, options, view) | _team_columns(team)
        for role, team in _roles_of(view, object_id)
        for record in reader.chosen(ROLES, [Record(ROLES, rows.role_values(view.environment, role))], options)
    ]
    context = f"{reader.root}/$metadata#{ROLES.set_name}"
    return answers.data({"@odata.context": context, "value": body})


def _roles_of(view: View, object_id: str) -> list[tuple[Role, Team | None]]:
    environment = view.environment
    if not view.caller.is_system_administrator and object_id != view.caller.row.object_id:
        return []
    row = environment.user(object_id)
    held: list[tuple[str, Team | None]] = [(role_id, None) for role_id in (row.role_ids if row else ())]
    for team in environment.teams:
        if team.group_id and view.directory.is_member(object_id, team.group_id):
            held += [(role_id, team) for role_id in team.role_ids]
    return [(role, team) for role_id, team in held for role in environment.roles if role.id == role_id]


def _team_columns(team: Team | None) -> dict[str, Any]:
    if team is None:
        return {}
    return {
        "t_x002e_azureactivedirectoryobjectid": team.group_id,
        "t_x002e_membershiptype": 0,
        "t_x002e_teamid": team.id,
        "t_x002e_name": team.name,
    }


FUNCTIONS: dict[str, Callable[[View, Reader, Segment], Response]] = {
    "WhoAmI": who_am_i,
    "RetrieveCurrentOrganization": retrieve_current_organization,
    "RetrieveTotalRecordCount": retrieve_total_record_count,
    "RetrieveAadUserRoles": retrieve_aad_user_roles,
}
