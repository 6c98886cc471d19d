"""The built-in Dataverse security roles: their templates and their names in an environment's language."""

from __future__ import annotations

import unicodedata

__all__ = ["BUILT_IN_ROLES", "SYSTEM_ADMINISTRATOR", "display_name", "template_of"]

ENGLISH = 1033

SYSTEM_ADMINISTRATOR = "627090ff-40a3-4053-8790-584edc5be201"
SYSTEM_CUSTOMIZER = "119f245c-3cc8-4b62-b31c-d1a046ced15d"
SUPPORT_USER = "2d101bb3-5ced-4122-83f1-94d5efde4e3b"
BASIC_USER = "236750cd-45ae-4939-ab12-b24b920ced93"
DELEGATE = "d892cc0b-28c7-4e88-bd92-72f2c366baed"

BUILT_IN_ROLES = (SYSTEM_ADMINISTRATOR, SYSTEM_CUSTOMIZER, SUPPORT_USER, BASIC_USER, DELEGATE)

# Template to locale id to name. A language that is missing here shows the English name.
_NAMES: dict[str, dict[int, str]] = {
    SYSTEM_ADMINISTRATOR: {
        1033: "System Administrator",
        1028: "系統管理員",
        1029: "Správce systému",
        1030: "Systemadministrator",
        1031: "Systemadministrator",
        1035: "Järjestelmänvalvoja",
        1036: "Administrateur système",
        1038: "Rendszergazda",
        1040: "Amministratore di sistema",
        1041: "システム管理者",
        1042: "시스템 관리자",
        1043: "Systeembeheerder",
        1044: "Systemansvarlig",
        1045: "Administrator systemu",
        1046: "Administrador do Sistema",
        1049: "Системный администратор",
        1053: "Systemadministratör",
        1055: "Sistem Yöneticisi",
        2052: "系统管理员",
        2070: "Administrador de Sistema",
        3082: "Administrador del sistema",
    },
    SYSTEM_CUSTOMIZER: {
        1033: "System Customizer",
        1030: "Systemtilpasser",
        1031: "Systemanpasser",
        1036: "Personnalisateur de système",
        1041: "システム カスタマイザー",
        1043: "Systeemaanpasser",
        1046: "Personalizador do Sistema",
        1053: "Systemanpassare",
        3082: "Personalizador del sistema",
    },
    SUPPORT_USER: {
        1033: "Support User",
        1030: "Supportbruger",
        1031: "Supportbenutzer",
        1036: "Utilisateur du support technique",
        1041: "サポート ユーザー",
        3082: "Usuario de soporte técnico",
    },
    BASIC_USER: {
        1033: "Basic User",
        1030: "Basisbruger",
        1031: "Basisbenutzer",
        1036: "Utilisateur de base",
        1041: "基本ユーザー",
        3082: "Usuario básico",
    },
    DELEGATE: {
        1033: "Delegate",
        1030: "Stedfortræder",
        1031: "Stellvertreter",
        1036: "Délégué",
        1041: "代理人",
        3082: "Delegado",
    },
}


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


_TEMPLATES = {_folded(name): template for template, names in _NAMES.items() for name in names.values()}


def template_of(name: str) -> str | None:
    """The template of a built-in role's name in any language, compared as a whole; None for a custom role."""
    return _TEMPLATES.get(_folded(name))


def display_name(template: str, language: int) -> str:
    """A built-in role's name in a language."""
    names = _NAMES[template]
    return names.get(language, names[ENGLISH])
