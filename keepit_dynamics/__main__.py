"""The command line's door: ``python -m keepit_dynamics`` and ``keepit-dynamics``."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    try:
        from keepit_dynamics.cli.main import run  # noqa: PLC0415  # an extra; the package works without it
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "keepit_dynamics":
            raise
        text = f"The command line needs {error.name}. Install it: pip install 'keepit-dynamics[cli]'\n"
        sys.stderr.write(text)
        return 3
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
