"""The short way to an operation: reads of no more than numbers in the path, called without the router.

Finding the route, solving its dependencies and opening three exit stacks cost more than reading a work. So a path that
plainly fits such an operation goes to it directly; whatever does not fit (another method, a bad id, no such path) goes
to the framework, which says what is wrong. Both ways call the same function with the same values.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, get_type_hints

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

MOST_DIGITS = 19
Shape = tuple[str | None, ...]
"""The parts of a path, ``None`` where a number stands."""


@dataclass(frozen=True, slots=True)
class _Operation:
    route: APIRoute
    call: Callable[..., Awaitable[Response]]
    request_name: str
    numbers: tuple[tuple[int, str, int, int], ...]
    """Where a number stands in the path, the parameter it is, and its range."""

    def values(self, parts: Sequence[str]) -> dict[str, int] | None:
        """The numbers by name; ``None`` where one is out of its range."""
        found = {}
        for place, name, low, high in self.numbers:
            number = int(parts[place])
            if not low <= number <= high:
                return None
            found[name] = number
        return found


class Direct:
    """ASGI: asks an operation directly, or passes the request on."""

    def __init__(self, app: ASGIApp, api: FastAPI, routers: Sequence[APIRouter], prefix: str) -> None:
        self._app = app
        self._api = api
        self._operations: dict[Shape, _Operation] = {}
        for router in routers:
            for route in router.routes:
                found = _operation_of(prefix, route) if isinstance(route, APIRoute) else None
                if found is not None:
                    self._operations.setdefault(*found)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] == "http" and scope["method"] == "GET" and not scope.get("root_path"):
            parts = scope["path"].split("/")
            operation = self._operations.get(tuple([None if _is_number(part) else part for part in parts]))
            values = operation.values(parts) if operation is not None else None
            if operation is not None and values is not None:
                await self._answer(operation, values, scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _answer(
        self, operation: _Operation, values: dict[str, int], scope: Scope, receive: Receive, send: Send
    ) -> None:
        scope["route"], scope["endpoint"], scope["path_params"] = operation.route, operation.call, values
        request = Request(scope, receive, send)
        try:
            response = await operation.call(**{operation.request_name: request}, **values)
        except Exception as error:
            handler = self._handler(error)
            if handler is None:
                raise
            response = await handler(request, error)
        await response(scope, receive, send)

    def _handler(self, error: Exception) -> Any:
        """What the app does with such an error; ``None`` for one that is expected nowhere."""
        handlers = self._api.exception_handlers
        return next(
            (handlers[kind] for kind in type(error).__mro__ if kind in handlers and kind is not Exception), None
        )


def _is_number(part: str) -> bool:
    return part.isdigit() and part.isascii() and len(part) <= MOST_DIGITS


def _operation_of(prefix: str, route: APIRoute) -> tuple[Shape, _Operation] | None:
    """The operation with the shape of its paths, where it takes the request and numbers in the path, and no more."""
    needs = route.dependant
    others = (needs.query_params, needs.header_params, needs.cookie_params, needs.body_params, needs.dependencies)
    ranges = {param.name: _range(param.field_info) for param in needs.path_params}
    if "GET" not in (route.methods or ()) or any(others) or not needs.request_param_name:
        return None
    if not inspect.iscoroutinefunction(route.endpoint) or get_type_hints(route.endpoint).get("return") is not Response:
        return None
    parts = f"{prefix}{route.path}".split("/")
    names = {place: part[1:-1] for place, part in enumerate(parts) if part.startswith("{")}
    numbers = [(place, name, *bounds) for place, name in names.items() if (bounds := ranges.get(name)) is not None]
    if not len(numbers) == len(names) == len(ranges):
        return None
    shape = tuple([None if place in names else part for place, part in enumerate(parts)])
    return shape, _Operation(route, route.endpoint, needs.request_param_name, tuple(numbers))


def _range(field: Any) -> tuple[int, int] | None:
    """The least and the largest of a parameter that is a whole number within bounds."""
    low = next((one.ge for one in field.metadata if hasattr(one, "ge")), None)
    high = next((one.le for one in field.metadata if hasattr(one, "le")), None)
    if field.annotation is not int or not isinstance(low, int) or not isinstance(high, int):
        return None
    return low, high
