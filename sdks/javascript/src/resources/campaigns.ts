import type { RequestOptions } from "../options.js";
import type { ListRequest } from "../paging.js";
import type {
  Activity,
  ActivityParams,
  Campaign,
  CampaignAudience,
  CampaignContact,
  CampaignContactListParams,
  CampaignCreate,
  CampaignListParams,
  CampaignStats,
  CampaignUpdate,
  EmailStats,
  TimelineParams,
  TimelinePoint,
} from "../types/campaigns.js";
import type { AddResult, JsonValue, RemoveResult } from "../types/common.js";
import { type ListOf, type ListOptions, named, path, Resource } from "./resource.js";

export class Campaigns extends Resource {
  list(params?: CampaignListParams, options?: ListOptions): ListRequest<Campaign> {
    return this.pages("/campaigns", params, options);
  }

  async get(id: string, options?: RequestOptions): Promise<Campaign> {
    return this.send("GET", path`/campaigns/${id}`, options);
  }

  /** A draft: its workflow may be unfinished until it starts. */
  async create(campaign: CampaignCreate, options?: RequestOptions): Promise<Campaign> {
    return this.send("POST", "/campaigns", options, campaign);
  }

  /** Only in draft or paused; a ConflictError otherwise. */
  async update(id: string, changes: CampaignUpdate, options?: RequestOptions): Promise<Campaign> {
    return this.send("PUT", path`/campaigns/${id}`, options, changes);
  }

  /** From draft to active. A workflow that can't start is a ValidationError, its `details` by node id. */
  async start(id: string, options?: RequestOptions): Promise<Campaign> {
    return this.send("POST", path`/campaigns/${id}/start`, options);
  }

  async pause(id: string, options?: RequestOptions): Promise<Campaign> {
    return this.send("POST", path`/campaigns/${id}/pause`, options);
  }

  async resume(id: string, options?: RequestOptions): Promise<Campaign> {
    return this.send("POST", path`/campaigns/${id}/resume`, options);
  }

  async archive(id: string, options?: RequestOptions): Promise<Campaign> {
    return this.send("POST", path`/campaigns/${id}/archive`, options);
  }

  /** Adds by contact ids, groups or filters. Skipped are those already in it or not mailable. */
  async addContacts(id: string, audience: CampaignAudience, options?: RequestOptions): Promise<AddResult> {
    return this.send("POST", path`/campaigns/${id}/contacts`, options, audience);
  }

  async removeContacts(id: string, contactIds: ListOf<"contactIds">, options?: RequestOptions): Promise<RemoveResult> {
    return this.send("DELETE", path`/campaigns/${id}/contacts`, options, named("contactIds", contactIds));
  }

  listContacts(id: string, params?: CampaignContactListParams, options?: ListOptions): ListRequest<CampaignContact> {
    return this.pages(path`/campaigns/${id}/contacts`, params, options);
  }

  async getStats(id: string, options?: RequestOptions): Promise<CampaignStats> {
    return this.send("GET", path`/campaigns/${id}/stats`, options);
  }

  /** By e-mail of the workflow, and by A/B variant. */
  async getEmailStats(id: string, options?: RequestOptions): Promise<EmailStats[]> {
    return this.send("GET", path`/campaigns/${id}/stats/emails`, options);
  }

  async getTimeline(id: string, params: TimelineParams = {}, options?: RequestOptions): Promise<TimelinePoint[]> {
    return this.fetch(path`/campaigns/${id}/stats/timeline`, params, options);
  }

  getActivity(id: string, params?: ActivityParams, options?: ListOptions): ListRequest<Activity> {
    return this.pages(path`/campaigns/${id}/activity`, params, options);
  }

  /** Why nothing is being sent: every gate, for the campaign or for one contact in it. */
  async why(
    id: string,
    params: { contactId?: string | undefined } = {},
    options?: RequestOptions,
  ): Promise<Record<string, JsonValue>> {
    return this.fetch(path`/campaigns/${id}/why`, params, options);
  }
}
