"""What a view's method says of itself for the description: ``described``, and the shapes that all share."""

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers

F = TypeVar("F", bound=Callable[..., Any])

_ALWAYS: Final = (400, 401, 403, 429, 500)


class ErrorBody(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField(help_text="One English sentence for a log")
    details = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="Each bad field by its dotted path, such as contacts.3.email, with what is wrong with it",
    )


class ErrorAnswer(serializers.Serializer[Any]):
    """What every error looks like."""

    success = serializers.BooleanField(default=False)
    error = ErrorBody()


class ListMeta(serializers.Serializer[Any]):
    page = serializers.IntegerField()
    perPage = serializers.IntegerField()
    total = serializers.IntegerField()
    totalPages = serializers.IntegerField()
    nextCursor = serializers.CharField(allow_null=True)


@dataclass(frozen=True, slots=True)
class Example:
    """A call that works and what it answers, in the world of the documents: each is executed by a test.

    ``path`` and ``query``: parameters by name. ``answer``: the body, the envelope included.
    """

    answer: Any
    body: Any = None
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


JsonSchema = Mapping[str, Any]
# No database holds a NUL.
NO_NUL: Final = r"^[^\u0000]*$"
_TEXT: Final[JsonSchema] = {"type": "string", "pattern": NO_NUL}


def query(name: str, description: str, schema: JsonSchema = _TEXT) -> OpenApiParameter:
    """A query parameter; ``schema``: what it takes, plain text unless said."""
    return OpenApiParameter(name, dict(schema), OpenApiParameter.QUERY, description=description)


def or_blank(schema: JsonSchema) -> JsonSchema:
    """A filter's shape; a blank filter, as forms send it, asks for nothing."""
    if "enum" in schema:
        return {**schema, "enum": [*schema["enum"], ""]}
    return {"anyOf": [schema, {"type": "string", "maxLength": 0}]}


def listing(sorts: Iterable[str]) -> list[OpenApiParameter]:
    """The parameters of a list that can be sorted by these fields."""
    return [
        query("page", "Page number, from 1", {"type": "integer", "minimum": 1, "maximum": 10**12, "default": 1}),
        query("perPage", "Rows a page", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}),
        query("sort", "The field to sort by; newest first without it", {"type": "string", "enum": list(sorts)}),
        query("order", "asc with sort alone", {"type": "string", "enum": ["asc", "desc"]}),
        query(
            "cursor",
            "meta.nextCursor of the page before, with the same filters and sort: deep paging at constant cost",
            {"type": "string", "format": "cursor"},
        ),
    ]


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the description speaks of the key."""

    target_class = "fluenzr_site.api.authentication.BearerKey"
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "flz_sk_…",
            "description": "A workspace's API key: `Authorization: Bearer flz_sk_…`",
        }


class HeaderScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The same key, as the messaging API shows it."""

    target_class = "fluenzr_site.api.authentication.HeaderKey"
    name = "messagingKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "x-api-key",
            "description": "The same key in another header, which chooses the messaging API: `x-api-key: flz_sk_…`",
        }


class Schema(AutoSchema):
    """Names operations by what they do: ``listContacts``, not by their path."""

    def get_description(self) -> str:  # type: ignore[override]  # as AutoSchema has it
        """What the method's own docstring says; a base class's is for us."""
        return inspect.cleandoc(getattr(self.view, self.method.lower()).__doc__ or "")

    def get_operation_id(self) -> str:
        summary = self.get_summary() or self.method
        plain = "".join(c if c.isalnum() else " " for c in summary.replace("'s", "").replace("-", ""))
        words = [word for word in plain.split() if word not in ("a", "an", "the")]
        return words[0].lower() + "".join(word.capitalize() for word in words[1:])

    def _get_request_body(self, direction: Any = "request") -> Any:
        """Bodies on DELETE are read, so they are described too."""
        method = self.method
        self.method = "POST" if method == "DELETE" else method
        try:
            return super()._get_request_body(direction)  # type: ignore[no-untyped-call]
        finally:
            self.method = method

    def get_tags(self) -> list[str]:
        return [getattr(self.view, "section", "") or self.path.strip("/").split("/")[1]]


def described(
    summary: str,
    *,
    answer: type[serializers.Serializer[Any]],
    body: type[serializers.Serializer[Any]] | None = None,
    many: bool = False,
    bare: bool = False,
    status: int = 200,
    errors: Iterable[int] = (),
    parameters: Sequence[OpenApiParameter] = (),
) -> Callable[[F], F]:
    """Describe a view's method: what it takes, what ``data`` of its answer is, which errors it knows.

    ``bare``: the answer has no envelope. A POST knows what its Idempotency-Key may bring by itself.
    """
    codes = {*errors, *_ALWAYS, *((413, 415) if body else ())}
    failures = {code: OpenApiResponse(ErrorAnswer) for code in sorted(codes)}
    success = answer(many=many) if bare else _envelope(answer, many)
    decorate: Callable[[F], F] = extend_schema(
        summary=summary,
        request={"application/json": body} if body else None,
        responses={status: success, **failures},
        parameters=list(parameters),
    )
    return decorate


@functools.cache
def _envelope(answer: type[serializers.Serializer[Any]], many: bool) -> Any:
    fields: dict[str, Any] = {"success": serializers.BooleanField(), "data": answer(many=many)}
    if many:
        fields["meta"] = ListMeta()
    return inline_serializer(f"{answer.__name__}{'List' if many else ''}Answer", fields)
