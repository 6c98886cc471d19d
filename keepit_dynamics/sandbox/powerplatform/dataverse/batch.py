"""Run the requests of a ``$batch`` in order, and answer them in the same order."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from keepit_dynamics.sandbox.powerplatform.dataverse import multipart
from keepit_dynamics.sandbox.powerplatform.dataverse.preferences import preferences_of
from keepit_dynamics.sandbox.powerplatform.odata.model import bad_query
from keepit_dynamics.sandbox.powerplatform.refusal import Refused
from keepit_dynamics.sandbox.wire import Request, Response

__all__ = ["Batch"]

_MAX_PARTS = 1000
_MAX_ADDRESS = 65536


@attrs.frozen
class Batch:
    """How to run one batch of the service at ``address``.

    ``run`` answers a single request, ``all_or_none`` undoes writes unless all of them succeed, and
    ``new_id`` makes boundaries.
    """

    run: Callable[[Request], Response]
    all_or_none: Callable[[Callable[[], Response | None]], Response | None]
    new_id: Callable[[], str]
    address: str

    def answer(self, request: Request) -> Response:
        """Run all parts; without continue-on-error the first failure ends the batch and gives its status."""
        parts = multipart.split(request.body, multipart.boundary_of(request.header("content-type")))
        if len(parts) > _MAX_PARTS:
            raise Refused(400, "0x80048d19", f"A batch holds at most {_MAX_PARTS} requests.")
        go_on = preferences_of(request).continue_on_error
        status, answered = 200, []
        for part in parts:
            part_status, content = self._part(part)
            answered.append(content)
            if part_status >= 400 and not go_on:
                status = part_status
                break
        return self._joined(answered, "batchresponse", status)

    def _joined(self, parts: list[bytes], kind: str, status: int = 200) -> Response:
        boundary = f"{kind}_{self.new_id()}"
        headers = {"Content-Type": f"multipart/mixed; boundary={boundary}", "OData-Version": "4.0"}
        return Response(status, headers, multipart.join(parts, boundary))

    def _part(self, part: multipart.Part) -> tuple[int, bytes]:
        if part.headers.get("content-type", "").startswith("multipart/mixed"):
            return self._change_set(part)
        response = self.run(self._request(part))
        return response.status, multipart.wrap(response)

    def _change_set(self, part: multipart.Part) -> tuple[int, bytes]:
        """Writes that all last or none; a failure stands for the whole set."""
        inner = multipart.split(part.content + b"\r\n", multipart.boundary_of(part.headers["content-type"]))
        answered: list[bytes] = []

        def run_all() -> Response | None:
            for piece in inner:
                request = self._request(piece)
                if request.method == "GET":
                    raise bad_query("A change set cannot hold GET requests.")
                response = self.run(request)
                if response.status >= 400:
                    return response
                answered.append(multipart.wrap(response, piece.headers.get("content-id")))
            return None

        failure = self.all_or_none(run_all)
        if failure is not None:
            return failure.status, multipart.wrap(failure)
        whole = self._joined(answered, "changesetresponse")
        return 200, f"Content-Type: {whole.headers['Content-Type']}\r\n\r\n".encode() + whole.body.removesuffix(b"\r\n")

    def _request(self, part: multipart.Part) -> Request:
        request = multipart.parse_http(part, self.address)
        if len(request.path) + len(request.query) > _MAX_ADDRESS:
            raise bad_query("The address of a part is too long.")
        if request.path.endswith("/$batch"):
            raise bad_query("A batch cannot hold a batch.")
        return request
