"""The sign-in pages: plain HTML that a person, a scripted browser and a screen reader can use alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from keepit_dynamics.sandbox.wire import Response

__all__ = ["account_page", "consent_page", "device_page", "message_page", "password_page", "post_page"]

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;background:#f2f2f2;color:#1b1b1b;display:grid;place-items:center;"
    "min-height:90vh;margin:0}main{background:#fff;padding:2.5rem;width:min(26rem,88vw);box-shadow:0 2px 8px #0003}"
    "h1{font-size:1.4rem;margin:0 0 1rem}label{display:block;margin:.8rem 0 .2rem}"
    "input[type=text],input[type=password]{width:100%;box-sizing:border-box;padding:.5rem;font:inherit}"
    "button{font:inherit;padding:.5rem 1.2rem;margin:1rem .5rem 0 0;"
    "border:1px solid #0067b8;background:#0067b8;color:#fff}"
    "button.other{background:#fff;color:#0067b8}ul{padding:0;list-style:none}li button{width:100%;text-align:left}"
    ".problem{color:#a80000}footer{margin-top:1.5rem;font-size:.8rem;color:#595959}"
)


def account_page(hidden: Mapping[str, str], accounts: Sequence[str], hint: str, problem: str = "") -> Response:
    """Which account? The known ones, or another by name."""
    known = "".join(
        f'<li><button class="other" name="username" value="{escape(upn)}">{escape(upn)}</button></li>'
        for upn in accounts
    )
    picker = _form(hidden, f"<ul>{known}</ul>") if known else ""
    field = (
        f'<label for="username">Email of your work or school account</label><input type="text" id="username" '
        f'name="username" value="{escape(hint)}" autocomplete="username" required><button>Next</button>'
    )
    return _page("Sign in", _problem(problem) + picker + _form(hidden, field))


def password_page(
    hidden: Mapping[str, str], username: str, problem: str = "", *, may_decline: bool = False
) -> Response:
    """The password of an account."""
    decline = '<button class="other" name="consent" value="cancel" formnovalidate>Cancel</button>'
    field = (
        f'<p>{escape(username)}</p><label for="password">Password</label><input type="password" id="password" '
        f'name="password" autocomplete="current-password" required><button>Sign in</button>{decline * may_decline}'
    )
    return _page("Enter password", _problem(problem) + _form(hidden, field))


def consent_page(hidden: Mapping[str, str], username: str, scopes: Sequence[str]) -> Response:
    """What the application asks for."""
    asked = "".join(f"<li>{escape(scope)}</li>" for scope in scopes)
    field = (
        f"<p>{escape(username)}</p><p>This application asks for:</p><ul>{asked}</ul>"
        '<button name="consent" value="accept">Accept</button>'
        '<button class="other" name="consent" value="cancel">Cancel</button>'
    )
    return _page("Permissions requested", _form(hidden, field))


def device_page(hidden: Mapping[str, str], problem: str = "") -> Response:
    """The code that another device shows."""
    field = (
        '<label for="user_code">Code</label><input type="text" id="user_code" name="user_code" '
        'autocomplete="one-time-code" required><button>Next</button>'
    )
    return _page("Enter the code shown on your device", _problem(problem) + _form(hidden, field))


def message_page(title: str, text: str, status: int = 200) -> Response:
    """A page that only says something."""
    return _page(title, f"<p>{escape(text)}</p>", status)


def post_page(address: str, fields: Mapping[str, str]) -> Response:
    """A page that posts itself to the application; with a button for browsers without scripts."""
    inputs = _hidden(fields)
    form = f'<form method="post" action="{escape(address)}">{inputs}<button>Continue</button></form>'
    return _page("Signing in", f"{form}<script>document.forms[0].submit()</script>")


def _form(hidden: Mapping[str, str], content: str) -> str:
    return f'<form method="post">{_hidden(hidden)}{content}</form>'


def _hidden(fields: Mapping[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields.items()
    )


def _problem(text: str) -> str:
    return f'<p class="problem" role="alert">{escape(text)}</p>' if text else ""


def _page(title: str, content: str, status: int = 200) -> Response:
    head = (
        f'<meta charset="utf-8"><title>{escape(title)}</title><meta name="viewport" content="width=device-width">'
        f'<link rel="icon" href="data:,"><style>{_STYLE}</style>'
    )
    main = f"<main><h1>{escape(title)}</h1>{content}<footer>Sandbox sign-in. Not Microsoft.</footer></main>"
    html = f'<!doctype html><html lang="en"><head>{head}</head><body>{main}</body></html>'
    return Response.of_text(html, status, "text/html", {"Cache-Control": "no-store"})
