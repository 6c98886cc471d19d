"""The answers have the shape of those that Microsoft publishes, where a copy of these lies at hand.

The copy is looked for in the folder named by KEEPIT_DYNAMICS_SHARED, else beside the repository.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(os.environ.get("KEEPIT_DYNAMICS_SHARED") or Path(__file__).parents[3] / "shared")
PUBLISHED = SHARED / "published" / "dataverse"
ADMIN = "admin/providers/Microsoft.BusinessAppPlatform"

pytestmark = pytest.mark.skipif(not PUBLISHED.is_dir(), reason=f"no published payloads in {PUBLISHED}")


def _published(name: str) -> Any:
    return json.loads((PUBLISHED / name).read_text(encoding="utf-8"))


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return type(value).__name__


def _differences(theirs: Any, ours: Any, place: str = "") -> list[str]:
    """Where ours lacks a member or has another type. Null fits anything; arrays are compared by their first item."""
    if "null" in {_kind(theirs), _kind(ours)}:
        return []
    if _kind(theirs) != _kind(ours):
        return [f"{place}: {_kind(theirs)} is {_kind(ours)}"]
    if isinstance(theirs, dict):
        missing = [f"{place}/{name} is missing" for name in theirs if name not in ours]
        return missing + [
            d for name in theirs.keys() & ours for d in _differences(theirs[name], ours[name], f"{place}/{name}")
        ]
    if isinstance(theirs, list) and theirs and ours:
        return _differences(theirs[0], ours[0], f"{place}[0]")
    return []


def _me(tenant: Any) -> str:
    return str(tenant.data("ann", "sales/WhoAmI")["UserId"])


EXPAND = "$expand=systemuserroles_association($select=roleid,name,ismanaged,_businessunitid_value)"
ACCESS = "Microsoft.Dynamics.CRM.EndpointAccessType'Default'"
READS = {
    "whoami-v92.get.response.json": "WhoAmI",
    "whoami.get.response.json": "WhoAmI()",
    "retrieve-current-organization.get.response.json": f"RetrieveCurrentOrganization(AccessType=@p1)?@p1={ACCESS}",
    "retrieve-total-record-count.get.response.json": (
        'RetrieveTotalRecordCount(EntityNames=@p1)?@p1=["account","contact"]'
    ),
    "roles-list.get.response.json": "roles",
    "systemusers-by-oid-expand-roles.get.response.json": (
        f"systemusers?$filter=azureactivedirectoryobjectid eq {{oid}}&{EXPAND}"
    ),
    "systemuser-by-id-expand-roles.get.response.json": f"systemusers({{id}})?{EXPAND}",
    "entitydefinition-contact.get.response.json": "EntityDefinitions(LogicalName='contact')",
}


@pytest.mark.parametrize(("name", "resource"), READS.items())
def test_reads_have_the_published_members(tenant: Any, name: str, resource: str) -> None:
    """Every published member is there with its type."""
    target = resource.replace("{oid}", tenant.id_of("ann")).replace("{id}", _me(tenant))
    assert _differences(_published(name), tenant.data("ann", f"sales/{target}")) == []


def test_rows_have_no_members_that_are_not_published(tenant: Any) -> None:
    """Users and roles carry the published columns and, beyond those, only two that the reference lists."""
    ours = tenant.data("ann", f"sales/systemusers({_me(tenant)})?{EXPAND}")
    theirs = _published("systemuser-by-id-expand-roles.get.response.json")
    assert ours.keys() - theirs.keys() == {"@odata.context", "isallowedbyipfirewall", "systemmanagedusertype"}
    role = tenant.data("ann", "sales/roles")["value"][0]
    assert role.keys() == _published("roles-list.get.response.json")["value"][0].keys()


def test_group_roles_have_the_published_members(tenant: Any) -> None:
    """A role that comes from a group team carries the same members as the published one, and no others."""
    query = f"RetrieveAadUserRoles(DirectoryObjectId={tenant.id_of('fay')})?$select=_parentrootroleid_value,name"
    ours = tenant.data("ann", f"sales/{query}")
    theirs = _published("retrieve-aad-user-roles.get.response.json")
    assert ours["value"][0].keys() == theirs["value"][0].keys()
    assert _differences(theirs, ours) == []


def test_expanded_collections_carry_a_link_without_a_page_token(tenant: Any) -> None:
    """The link beside an expanded collection is made like the published one."""
    theirs = _published("accounts-expand-collections.get.response.json")["value"][0]
    ours = tenant.data("ann", f"sales/systemusers?$select=fullname&{EXPAND}")["value"][0]
    for name, row in (("Account_Tasks", theirs), ("systemuserroles_association", ours)):
        assert re.fullmatch(
            rf".*/api/data/v9\.2/\w+\([0-9a-f-]{{36}}\)/{name}\?\$select=[\w,]+", row[f"{name}@odata.nextLink"]
        )


def test_page_links_are_made_like_the_published_ones(tenant: Any) -> None:
    """The page token is an encoded cookie with the number of the next page."""
    theirs = _published("contacts-page-1.get.response.json")["@odata.nextLink"]
    ours = tenant.data("ann", "sales/systemusers?$select=fullname", Prefer="odata.maxpagesize=2")["@odata.nextLink"]
    form = re.compile(r"&\$skiptoken=%3Ccookie%20pagenumber=%222%22%20pagingcookie=%22%253ccookie", re.IGNORECASE)
    assert form.search(theirs)
    assert form.search(ours)


ERRORS = {
    "error-403-not-member.json": ("eve", "sales/WhoAmI", "GET", 403),
    "error-403-user-disabled.json": ("dan", "sales/WhoAmI", "GET", 403),
    "error-400-expand-ref.json": ("ann", "sales/systemusers?$expand=systemuserroles_association/$ref", "GET", 400),
    "error-400-expand-options.json": ("ann", "sales/systemusers?$expand=businessunitid($top=1)", "GET", 400),
    "error-400-unknown-property.json": ("ann", "sales/systemusers?$select=Name", "GET", 400),
    "error-404-wrong-method.json": ("ann", "sales/WhoAmI", "POST", 404),
    "error-404-segment.json": ("ann", "sales/Account", "GET", 404),
    "error-404-record.json": ("ann", "sales/teams(00000000-0000-0000-0000-00000000dead)", "GET", 404),
}


@pytest.mark.parametrize(("name", "case"), ERRORS.items())
def test_errors_have_the_published_codes(tenant: Any, name: str, case: tuple[str, str, str, int]) -> None:
    """Status and code are the published ones, and the body has the same members."""
    who, target, method, status = case
    theirs = _published(name)
    assert tenant.refusal(who, target, method) == (status, theirs["error"]["code"])


def test_published_texts_are_kept(tenant: Any) -> None:
    """The texts that clients have come to rely on are word for word."""
    for name in ("error-403-not-member.json", "error-403-user-disabled.json", "error-404-segment.json"):
        who, target, _, _ = ERRORS[name]
        environment, resource = target.split("/")
        response = tenant.ask(who, f"env/{environment}/api/data/v9.2/{resource}")
        assert json.loads(response.body) == _published(name)


def test_annotated_errors_carry_help(tenant: Any) -> None:
    """Asked for all annotations, an error brings published ones."""
    theirs = _published("error-400-annotated.json")["error"]
    response = tenant.ask("ann", "env/sales/api/data/v9.2/teams?$skip=1", Prefer='odata.include-annotations="*"')
    ours = json.loads(response.body)["error"]
    assert {"code", "message"} < ours.keys() <= theirs.keys()


def test_instances_have_the_published_members(tenant: Any) -> None:
    """Discovery's rows hold the published columns, alone where they are selected, under the published headers."""
    theirs = _published("gds-instances-select.get.response.json")
    response = tenant.ask("ann", "discovery/api/discovery/v2.0/Instances?$select=ApiUrl,FriendlyName")
    ours = json.loads(response.body)
    assert ours["value"][0].keys() == theirs["value"][0].keys()
    assert ours["@odata.context"].partition("#")[2] == theirs["@odata.context"].partition("#")[2]
    assert response.headers == {"Content-Type": "application/json; odata.metadata=minimal", "odata-version": "4.0"}
    everything = json.loads(tenant.ask("ann", "discovery/api/discovery/v2.0/Instances").body)
    assert _differences(_published("gds-instances.get.response.json"), everything) == []


def test_challenges_are_made_like_the_published_one(tenant: Any) -> None:
    """A request without a token is told the authority and the resource, both unquoted."""
    theirs = _published("error-401-probe.headers.json")["WWW-Authenticate"]
    response = tenant.ask("ann", "env/sales/api/data/v9.2/WhoAmI", Authorization="none")
    form = re.compile(r"Bearer authorization_uri=https://\S+/authorize, resource_id=https://\S+")
    assert form.fullmatch(theirs)
    assert form.fullmatch(response.headers["WWW-Authenticate"])


# Parts of an environment that say nothing about users, databases or states.
UNRELATED = re.compile(
    r"/(parentEnvironmentGroup|usedBy|billingPolicy|clientUris|runtimeEndpoints|notificationMetadata|m365Enabled|"
    r"retentionDetails|cluster|lifecycleOperationsEnforcement|description|capacity|addons|"
    r"createdBy/\w+) is missing"
)


def test_environments_have_the_published_members(tenant: Any) -> None:
    """The admin list's entries have the published members that the contract describes."""
    ours = json.loads(tenant.ask("ann", f"{ADMIN}/scopes/admin/environments?api-version=2023-06-01").body)
    found = _differences(_published("bap-environments-admin.get.response.json"), ours)
    single = _differences(_published("bap-environment-security-group.get.response.json"), ours["value"][1])
    assert [difference for difference in found + single if not UNRELATED.search(difference)] == []


def test_admin_errors_have_the_published_form(tenant: Any) -> None:
    """An unknown environment and a missing version answer the published codes in the published shapes."""
    missing = tenant.ask("ann", f"{ADMIN}/scopes/admin/environments/nowhere?api-version=2023-06-01")
    theirs = _published("bap-error-404.json")["error"]
    assert json.loads(missing.body)["error"]["code"] == theirs["code"]
    flat = tenant.ask("ann", "admin/usermanagement/environments/nowhere/user/applyAdminRole", "POST")
    assert json.loads(flat.body).keys() == _published("powerplatform-error-400-api-version.json").keys()
    assert json.loads(flat.body)["code"] == _published("powerplatform-error-400-api-version.json")["code"]


@pytest.mark.parametrize(
    ("who", "environment", "name"),
    [
        ("ann", "Sales", "apply-admin-role.post.response.json"),
        ("eve", "Closed", "apply-admin-role-not-in-group.post.response.json"),
    ],
)
def test_elevation_answers_as_published(tenant: Any, who: str, environment: str, name: str) -> None:
    """Success and failure of the self-elevation have the published members and code."""
    tenant.directory.assign_role("Dynamics 365 Administrator", "eve@contoso.example")
    listed = json.loads(tenant.ask("ann", f"{ADMIN}/scopes/admin/environments?api-version=2023-06-01").body)["value"]
    (found,) = [row["name"] for row in listed if row["properties"]["displayName"] == environment]
    target = f"admin/usermanagement/environments/{found}/user/applyAdminRole?api-version=2022-03-01-preview"
    ours, theirs = json.loads(tenant.ask(who, target, "POST").body), _published(name)
    assert [entry["Code"] for entry in ours["errors"]] == [entry["Code"] for entry in theirs["errors"]]
    assert ours["information"][0].keys() == theirs["information"][0].keys()
    steps = [json.loads(answer["information"][0]["Description"]) for answer in (ours, theirs)]
    assert [step.split(" ")[0] for step in steps[0]] == [step.split(" ")[0] for step in steps[1]]


@pytest.mark.parametrize("name", ["batch-continue-on-error.post.response.txt", "batch-first-failure.post.response.txt"])
def test_batches_are_framed_as_published(tenant: Any, name: str) -> None:
    """The frame around the parts and the headers of a failed part are the published ones."""
    theirs = (PUBLISHED / name).read_text(encoding="utf-8")
    head = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary"
    body = f"--b\r\n{head}\r\n\r\nGET /api/data/v9.2/teams?$select=x HTTP/1.1\r\n\r\n\r\n--b--\r\n".encode()
    headers = {"Content_Type": "multipart/mixed; boundary=b"}
    if "continue" in name:
        headers["Prefer"] = "odata.continue-on-error"
    response = tenant.ask("ann", "env/sales/api/data/v9.2/$batch", "POST", body, **headers)
    assert response.status == int(theirs.split()[1])
    ours = response.body.decode().replace("\r\n", "\n")
    frame = re.compile(
        r"--batchresponse_[0-9a-f-]{36}\nContent-Type: application/http\nContent-Transfer-Encoding: binary\n\n"
        r"HTTP/1\.1 (?:400 Bad Request)\n(?P<headers>(?:[\w-]+: .*\n)+)\n\{"
    )
    found = [frame.search(text) for text in (theirs, ours)]
    published, made = ({line.split(":")[0] for line in match["headers"].splitlines()} for match in found if match)
    assert published <= made
