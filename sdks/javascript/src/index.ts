export { FluenzrClient } from "./client.js";
export {
  ApiError,
  AuthenticationError,
  ConflictError,
  ConnectionError,
  FluenzrError,
  InvalidSignatureError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  ServerError,
  ValidationError,
} from "./errors.js";
export type { ClientOptions, RequestOptions } from "./options.js";
export { ListRequest, MAX_AWAITED_ITEMS, Page } from "./paging.js";
export type { Campaigns } from "./resources/campaigns.js";
export type { Contacts } from "./resources/contacts.js";
export type { Groups } from "./resources/groups.js";
export type { ReadOnlyList } from "./resources/lists.js";
export type { ListOf, ListOptions } from "./resources/resource.js";
export type { Webhooks } from "./resources/webhooks.js";
export type { Sleep } from "./retry.js";
export type * from "./types/campaigns.js";
export type * from "./types/common.js";
export type * from "./types/contacts.js";
export type * from "./types/groups.js";
export type * from "./types/lists.js";
export type * from "./types/webhooks.js";
export { verifyWebhook, type VerifyOptions, type WebhookHeaders } from "./webhook-signature.js";
