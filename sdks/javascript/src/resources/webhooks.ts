import type { RequestOptions } from "../options.js";
import type { ListRequest } from "../paging.js";
import type { Deleted } from "../types/common.js";
import type {
  SecretRotation,
  Webhook,
  WebhookCreate,
  WebhookListParams,
  WebhookLog,
  WebhookLogParams,
  WebhookReplay,
  WebhookUpdate,
  WebhookWithSecret,
} from "../types/webhooks.js";
import { type ListOptions, path, Resource } from "./resource.js";

export class Webhooks extends Resource {
  list(params?: WebhookListParams, options?: ListOptions): ListRequest<Webhook> {
    return this.pages("/webhooks", params, options);
  }

  async get(id: string, options?: RequestOptions): Promise<Webhook> {
    return this.send("GET", path`/webhooks/${id}`, options);
  }

  /** The answer holds the secret, this once. */
  async create(webhook: WebhookCreate, options?: RequestOptions): Promise<WebhookWithSecret> {
    return this.send("POST", "/webhooks", options, webhook);
  }

  async update(id: string, changes: WebhookUpdate, options?: RequestOptions): Promise<Webhook> {
    return this.send("PUT", path`/webhooks/${id}`, options, changes);
  }

  async delete(id: string, options?: RequestOptions): Promise<Deleted> {
    return this.send("DELETE", path`/webhooks/${id}`, options);
  }

  /** Sends a test event now, and tells how it went. */
  async test(id: string, options?: RequestOptions): Promise<WebhookLog> {
    return this.send("POST", path`/webhooks/${id}/test`, options);
  }

  logs(id: string, params?: WebhookLogParams, options?: ListOptions): ListRequest<WebhookLog> {
    return this.pages(path`/webhooks/${id}/logs`, params, options);
  }

  /** Delivers the event of one log entry again. */
  async retry(id: string, logId: string, options?: RequestOptions): Promise<WebhookLog> {
    return this.send("POST", path`/webhooks/${id}/logs/${logId}/retry`, options);
  }

  /** Makes a new secret, valid beside the old one for a day unless you say; the answer holds it, this once. */
  async rotateSecret(id: string, how: SecretRotation = {}, options?: RequestOptions): Promise<WebhookWithSecret> {
    return this.send("POST", path`/webhooks/${id}/rotate-secret`, options, how);
  }

  /** Sends past events again. */
  async replay(id: string, which: WebhookReplay, options?: RequestOptions): Promise<{ queued: number }> {
    return this.send("POST", path`/webhooks/${id}/replay`, options, which);
  }
}
