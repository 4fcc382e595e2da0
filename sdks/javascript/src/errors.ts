/** Base of every error this package throws on purpose. */
export class FluenzrError extends Error {
  override name = "FluenzrError";
}

/** No answer came: the connection failed or the attempt timed out, and the retries are used up. */
export class ConnectionError extends FluenzrError {
  override name = "ConnectionError";
}

/** A webhook call that must not be trusted: wrong or missing signature, or a stale timestamp. */
export class InvalidSignatureError extends FluenzrError {
  override name = "InvalidSignatureError";
}

export interface ApiErrorInit {
  status: number;
  code: string;
  message: string;
  details?: Record<string, unknown> | undefined;
  requestId?: string | null | undefined;
  retryAfter?: number | null | undefined;
}

/** The server refused the request, or answered with something that is not the API's JSON. */
export class ApiError extends FluenzrError {
  override name = "ApiError";
  /** The HTTP status. */
  readonly status: number;
  /** Such as `VALIDATION_ERROR`; `INVALID_RESPONSE` where the answer was not the API's. */
  readonly code: string;
  /** The messages by field, a dotted path for nested ones: `contacts.3.email`. */
  readonly details: Record<string, unknown>;
  /** What the server's log knows the request by. */
  readonly requestId: string | null;
  /** Seconds that the server asked to wait, if it did. */
  readonly retryAfter: number | null;

  constructor(init: ApiErrorInit) {
    super(init.message);
    this.status = init.status;
    this.code = init.code;
    this.details = init.details ?? {};
    this.requestId = init.requestId ?? null;
    this.retryAfter = init.retryAfter ?? null;
  }
}

/** 400: `details` names each bad field. */
export class ValidationError extends ApiError {
  override name = "ValidationError";
}

/** 401: the key is missing, wrong or revoked. */
export class AuthenticationError extends ApiError {
  override name = "AuthenticationError";
}

/** 403: the plan, a limit of it, or a read-only key forbids this. */
export class PermissionDeniedError extends ApiError {
  override name = "PermissionDeniedError";
}

/** 404: no such thing in this workspace. */
export class NotFoundError extends ApiError {
  override name = "NotFoundError";
}

/** 409: taken already, or not possible in the present state. */
export class ConflictError extends ApiError {
  override name = "ConflictError";
}

/** 429: still over the limit after all retries; `retryAfter` says how long to wait. */
export class RateLimitError extends ApiError {
  override name = "RateLimitError";
}

/** 5xx: the server failed; give `requestId` to whoever runs it. */
export class ServerError extends ApiError {
  override name = "ServerError";
}

const BY_STATUS: Readonly<Record<number, typeof ApiError>> = {
  400: ValidationError,
  401: AuthenticationError,
  403: PermissionDeniedError,
  404: NotFoundError,
  409: ConflictError,
  429: RateLimitError,
};

/** The error of the class that its status calls for. */
export function apiError(init: ApiErrorInit): ApiError {
  const ErrorClass = BY_STATUS[init.status] ?? (init.status >= 500 ? ServerError : ApiError);
  return new ErrorClass(init);
}
