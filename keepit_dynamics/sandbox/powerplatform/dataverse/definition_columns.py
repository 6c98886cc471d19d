"""The properties of a table definition and what they hold for an ordinary table."""

from __future__ import annotations

from typing import Any

__all__ = ["DEFINITION_DEFAULTS", "MANAGED_PROPERTIES"]

_TRUE = [
    "CanTriggerWorkflow",
    "IsInteractionCentricEnabled",
    "IsActivityParty",
    "IsAvailableOffline",
    "IsAIRUpdated",
    "IsBusinessProcessEnabled",
    "SyncToExternalSearchIndex",
    "IsOptimisticConcurrencyEnabled",
    "IsImportable",
    "IsEnabledForCharts",
    "IsValidForAdvancedFind",
    "IsReadingPaneEnabled",
    "IsQuickCreateEnabled",
    "IsStateModelAware",
    "IsEnabledForExternalChannels",
    "HasNotes",
    "HasActivities",
    "HasFeedback",
    "HasEmailAddresses",
    "ChangeTrackingEnabled",
]

_FALSE = [
    "AutoRouteToOwnerQueue",
    "EntityHelpUrlEnabled",
    "IsDocumentManagementEnabled",
    "IsOneNoteIntegrationEnabled",
    "IsKnowledgeManagementEnabled",
    "IsSLAEnabled",
    "IsBPFEntity",
    "IsDocumentRecommendationsEnabled",
    "IsMSTeamsIntegrationEnabled",
    "AutoCreateAccessTeams",
    "IsRetrieveAuditEnabled",
    "IsRetrieveMultipleAuditEnabled",
    "IsArchivalEnabled",
    "IsRetentionEnabled",
    "IsChildEntity",
    "IsEnabledForTrace",
    "EnforceStateTransitions",
    "UsesBusinessDataLabelTable",
    "IsSolutionAware",
    "IsActivity",
    "IsIntersect",
    "IsLogicalEntity",
    "IsPrivate",
]

_EMPTY = [
    "EntityHelpUrl",
    "SettingOf",
    "DataSourceId",
    "IconLargeName",
    "IconMediumName",
    "IconSmallName",
    "IconVectorName",
    "RecurrenceBaseEntityLogicalName",
    "ExternalName",
    "ExternalCollectionName",
    "OwnerId",
    "OwningBusinessUnit",
    "HasChanged",
    "MobileOfflineFilters",
    "PrimaryImageAttribute",
    "EntityColor",
    "DataProviderId",
]

# Name to value, whether it can be changed, and the name of the managed property where it differs.
MANAGED_PROPERTIES: dict[str, tuple[bool, bool, str | None]] = {
    "IsAuditEnabled": (False, True, "canmodifyauditsettings"),
    "IsValidForQueue": (False, True, "canmodifyqueuesettings"),
    "IsConnectionsEnabled": (True, True, "canmodifyconnectionsettings"),
    "IsDuplicateDetectionEnabled": (True, True, "canmodifyduplicatedetectionsettings"),
    "IsMailMergeEnabled": (True, True, "canmodifymailmergesettings"),
    "IsVisibleInMobile": (True, True, "canmodifymobilevisibility"),
    "IsVisibleInMobileClient": (True, True, "canmodifymobileclientvisibility"),
    "IsReadOnlyInMobileClient": (False, True, "canmodifymobileclientreadonly"),
    "IsOfflineInMobileClient": (True, True, "canmodifymobileclientoffline"),
    "CanEnableSyncToExternalSearchIndex": (True, True, None),
    "CanModifyAdditionalSettings": (True, True, None),
    "CanChangeHierarchicalRelationship": (True, True, None),
    "CanChangeTrackingBeEnabled": (True, True, None),
    "IsCustomizable": (True, False, None),
    "IsRenameable": (True, False, None),
    "IsMappable": (True, False, None),
    "CanCreateAttributes": (True, False, None),
    "CanCreateForms": (True, False, None),
    "CanCreateViews": (True, False, None),
    "CanCreateCharts": (True, False, None),
    "CanBeRelatedEntityInRelationship": (True, False, None),
    "CanBePrimaryEntityInRelationship": (True, False, None),
    "CanBeInManyToMany": (True, False, None),
    "CanBeInCustomEntityAssociation": (True, False, None),
}

DEFINITION_DEFAULTS: dict[str, Any] = {
    **dict.fromkeys(_TRUE, True),
    **dict.fromkeys(_FALSE, False),
    **dict.fromkeys(_EMPTY),
    "ActivityTypeMask": 0,
    "DaysSinceRecordLastModified": 10,
    "OwnerIdType": 8,
    "IntroducedVersion": "5.0.0.0",
    "CreatedOn": "1900-01-01T00:00:00Z",
    "ModifiedOn": "1900-01-01T00:00:00Z",
    "OwnershipType": "UserOwned",
    "TableType": "Standard",
    "Privileges": [],
    "Settings": [],
} | {
    name: {"Value": value, "CanBeChanged": changeable, "ManagedPropertyLogicalName": managed or name.lower()}
    for name, (value, changeable, managed) in MANAGED_PROPERTIES.items()
}
