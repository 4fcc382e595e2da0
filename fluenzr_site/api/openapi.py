"""The description of the API, made from the views: ``described`` says of each what the envelope carries."""

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers

F = TypeVar("F", bound=Callable[..., Any])

ERRORS: Final = {
    400: "A value is missing or wrong; details names each field",
    401: "Invalid or missing API key",
    403: "The key, the plan or a limit doesn't allow it",
    404: "There is no such thing in this workspace",
    409: "It collides with what is there",
    413: "The body is over 5 MB",
    415: "The body is not application/json",
    429: "Too many requests; see Retry-After",
    500: "Something went wrong on our side",
}
_ALWAYS: Final = (401, 403, 429, 500)


class ErrorBody(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    details = serializers.DictField()


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


def query(name: str, description: str, type_: type = str) -> OpenApiParameter:
    return OpenApiParameter(name, type_, OpenApiParameter.QUERY, description=description)


LIST_PARAMETERS: Final = [
    query("page", "Page number, from 1", int),
    query("perPage", "Rows a page, 1 to 100 (20 unless said)", int),
    query("sort", "The field to sort by; newest first without it"),
    query("order", "asc or desc; asc with sort alone"),
    query("cursor", "meta.nextCursor of the page before, for deep paging at constant cost"),
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


class Schema(AutoSchema):
    """Names operations by what they do: ``listContacts``, not by their path."""

    def get_description(self) -> str:  # type: ignore[override]  # as AutoSchema has it
        """What the method's own docstring says; a base class's is for us."""
        return inspect.cleandoc(getattr(self.view, self.method.lower()).__doc__ or "")

    def get_operation_id(self) -> str:
        summary = self.get_summary() or self.method
        plain = "".join(c if c.isalnum() else " " for c in summary.replace("'s", ""))
        words = [word for word in plain.split() if word not in ("a", "an", "the")]
        return words[0].lower() + "".join(word.capitalize() for word in words[1:])

    def get_tags(self) -> list[str]:
        return [self.path.strip("/").split("/")[1]]


def described(
    summary: str,
    *,
    answer: type[serializers.Serializer[Any]],
    body: type[serializers.Serializer[Any]] | None = None,
    many: bool = False,
    status: int = 200,
    errors: Iterable[int] = (),
    parameters: Sequence[OpenApiParameter] = (),
) -> Callable[[F], F]:
    """Describe a view's method: what it takes, what ``data`` of its answer is, which errors it knows."""
    codes = {*errors, *_ALWAYS, *((400,) if parameters else ()), *((413, 415) if body else ())}
    failures = {code: OpenApiResponse(ErrorAnswer, ERRORS[code]) for code in sorted(codes)}
    decorate: Callable[[F], F] = extend_schema(
        summary=summary,
        request={"application/json": body} if body else None,
        responses={status: _envelope(answer, many), **failures},
        parameters=list(parameters),
    )
    return decorate


@functools.cache
def _envelope(answer: type[serializers.Serializer[Any]], many: bool) -> Any:
    fields: dict[str, Any] = {"success": serializers.BooleanField(), "data": answer(many=many)}
    if many:
        fields["meta"] = ListMeta()
    return inline_serializer(f"{answer.__name__}{'List' if many else ''}Answer", fields)
