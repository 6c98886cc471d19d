"""The ways a person signs in to Microsoft, each a frozen value."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Callable

import attrs

__all__ = ["Browser", "DeviceCode", "DeviceCodePrompt", "SignIn", "default_way", "print_prompt"]


@attrs.frozen
class DeviceCodePrompt:
    """What a person has to do for a device code.

    Attributes:
        code: The code to type in.
        address: Where to type it in.
        message: Both, in the directory's own sentence.
        expires_in: Seconds until the code is worth nothing.
    """

    code: str
    address: str
    message: str
    expires_in: int


def print_prompt(prompt: DeviceCodePrompt) -> None:
    """Print the prompt to standard error, where it does not mix with results."""
    print(prompt.message, file=sys.stderr, flush=True)  # noqa: T201  # a person has to read it


@attrs.frozen(kw_only=True)
class Browser:
    """Sign in in the browser of this machine (authorization code with PKCE).

    Attributes:
        timeout: Seconds the person has.
        port: Loopback port that the answer comes back to; None takes a free one.
        open_address: Called with the address where no browser can be opened.
    """

    timeout: float = 300.0
    port: int | None = None
    open_address: Callable[[str], None] | None = None


@attrs.frozen(kw_only=True)
class DeviceCode:
    """Sign in on any device with a code; for machines without a browser.

    Attributes:
        prompt: Shows the person the code and the address; must return at once.
    """

    prompt: Callable[[DeviceCodePrompt], None] = print_prompt


SignIn = Browser | DeviceCode


def default_way() -> SignIn:
    """The browser where there is one here, otherwise a device code."""
    if sys.platform not in {"win32", "darwin"} and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return DeviceCode()
    try:
        webbrowser.get()
    except webbrowser.Error:
        return DeviceCode()
    return Browser()
