"""The columns of ``systemusers`` and what they hold for an ordinary user."""

from __future__ import annotations

from typing import Any

__all__ = ["USER_DEFAULTS"]

_EMPTY = (
    "_createdby_value _createdonbehalfby_value _mobileofflineprofileid_value _modifiedby_value "
    "_modifiedonbehalfby_value _parentsystemuserid_value _positionid_value _territoryid_value "
    "_transactioncurrencyid_value address1_city address1_composite address1_country address1_county "
    "address1_fax address1_latitude address1_line1 address1_line2 address1_line3 address1_longitude "
    "address1_name address1_postalcode address1_postofficebox address1_stateorprovince "
    "address1_telephone1 address1_telephone2 address1_telephone3 address1_upszone address1_utcoffset "
    "address2_city address2_composite address2_country address2_county address2_fax "
    "address2_latitude address2_line1 address2_line2 address2_line3 address2_longitude address2_name "
    "address2_postalcode address2_postofficebox address2_stateorprovince address2_telephone1 "
    "address2_telephone2 address2_telephone3 address2_upszone address2_utcoffset applicationid "
    "applicationiduri azuredeletedon disabledreason employeeid entityimage entityimage_timestamp "
    "entityimage_url entityimageid exchangerate governmentid homephone importsequencenumber jobtitle "
    "middlename mobilealertemail mobilephone nickname overriddencreatedon passporthi passportlo "
    "personalemailaddress photourl processid salutation sharepointemailaddress skills stageid "
    "timezoneruleversionnumber title traversedpath userpuid utcconversiontimezonecode "
    "yammeremailaddress yammeruserid yomifirstname yomilastname yomimiddlename "
).split()

USER_DEFAULTS: dict[str, Any] = dict.fromkeys(_EMPTY) | {
    "systemuserid": None,
    "ownerid": None,
    "azureactivedirectoryobjectid": None,
    "domainname": None,
    "internalemailaddress": None,
    "windowsliveid": None,
    "fullname": None,
    "yomifullname": None,
    "firstname": None,
    "lastname": None,
    "organizationid": None,
    "_businessunitid_value": None,
    "_calendarid_value": None,
    "_defaultmailbox_value": None,
    "_queueid_value": None,
    "address1_addressid": None,
    "address2_addressid": None,
    "createdon": None,
    "modifiedon": None,
    "accessmode": 0,
    "azurestate": 0,
    "caltype": 7,
    "deletedstate": 0,
    "invitestatuscode": 4,
    "isdisabled": False,
    "islicensed": True,
    "setupuser": False,
    "userlicensetype": 38,
    "identityid": 0,
    "versionnumber": 0,
    "address1_addresstypecode": 1,
    "address1_shippingmethodcode": 1,
    "address2_addresstypecode": 1,
    "address2_shippingmethodcode": 1,
    "defaultfilterspopulated": False,
    "defaultodbfoldername": "Dynamics365",
    "displayinserviceviews": False,
    "emailrouteraccessapproval": 2,
    "incomingemaildeliverymethod": 2,
    "isallowedbyipfirewall": False,
    "isemailaddressapprovedbyo365admin": False,
    "isintegrationuser": False,
    "issyncwithdirectory": True,
    "outgoingemaildeliverymethod": 2,
    "preferredaddresscode": 1,
    "preferredemailcode": 1,
    "preferredphonecode": 1,
    "systemmanagedusertype": 0,
}
