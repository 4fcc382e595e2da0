import type { Campaign } from "./campaigns.js";
import type { Contact } from "./contacts.js";
import type { ListParams, PageParams, Timestamp } from "./common.js";

export type ContactEventType = "contact.created" | "contact.updated" | "contact.deleted";
export type CampaignEventType = "campaign.started" | "campaign.paused" | "campaign.completed";
export type EmailEventType =
  | "email.sent"
  | "email.delivered"
  | "email.opened"
  | "email.clicked"
  | "email.replied"
  | "email.bounced"
  | "email.unsubscribed";
export type WebhookEventType = ContactEventType | CampaignEventType | EmailEventType;

export interface Webhook {
  id: string;
  url: string;
  events: WebhookEventType[];
  status: "active" | "disabled" | "failed";
  createdAt: Timestamp;
}

/** The only answers that hold the secret: keep it. */
export interface WebhookWithSecret extends Webhook {
  secret: string;
}

export interface WebhookUpdate {
  url?: string | undefined;
  events?: readonly WebhookEventType[] | undefined;
  status?: "active" | "disabled" | undefined;
}

export interface WebhookCreate {
  /** https, and not a private address. */
  url: string;
  events: readonly WebhookEventType[];
  /** Made for you unless given. */
  secret?: string | undefined;
}

/** One attempt to deliver an event. */
export interface WebhookLog {
  id: string;
  eventId: string;
  eventType: WebhookEventType | "webhook.test";
  /** Pending: it was asked for, and is still to be made. */
  status: "pending" | "delivered" | "failed";
  statusCode: number | null;
  /** Milliseconds. */
  responseTime: number | null;
  timestamp: Timestamp;
  attempt: number;
  error: string | null;
}

export interface WebhookLogParams extends PageParams {
  status?: WebhookLog["status"] | undefined;
  eventId?: string | undefined;
  eventType?: WebhookLog["eventType"] | undefined;
}

export interface WebhookListParams extends ListParams {
  status?: Webhook["status"] | undefined;
}

/** Everything may be left out. */
export interface SecretRotation {
  /** Made for you unless given. */
  secret?: string | undefined;
  /** How long the old secret stays valid beside the new one: 24 unless given. */
  overlapHours?: number | undefined;
}

/** Which past events to send again. */
export interface WebhookReplay {
  from: Timestamp;
  /** Now unless given. */
  to?: Timestamp | undefined;
  /** The webhook's own unless given. */
  events?: readonly WebhookEventType[] | undefined;
}

export interface EmailEventData {
  campaignId: string;
  campaignName: string;
  contactId: string;
  contactEmail: string;
  emailNodeId: string;
  emailSubject: string;
}

export interface OpenedData extends EmailEventData {
  openCount: number;
  firstOpen: boolean;
  /** Null unless the workspace keeps them; so is `ip`. */
  userAgent: string | null;
  ip: string | null;
}

export interface ClickedData extends EmailEventData {
  linkUrl: string;
  clickCount: number;
  userAgent?: string | null;
  ip?: string | null;
}

export interface RepliedData extends EmailEventData {
  replySubject: string;
  replyPreview: string;
}

export interface BouncedData extends EmailEventData {
  bounceType: "hard" | "soft";
  bounceReason: string;
}

interface EventOf<Type extends WebhookEventType | "webhook.test", Data> {
  /** The same on every attempt. */
  id: string;
  type: Type;
  timestamp: Timestamp;
  data: Data;
}

/** What a webhook is called with. Narrow it by `type`. */
export type WebhookEvent =
  | EventOf<ContactEventType, { contact: Contact }>
  | EventOf<CampaignEventType, { campaign: Campaign }>
  | EventOf<"email.sent" | "email.delivered" | "email.unsubscribed", EmailEventData>
  | EventOf<"email.opened", OpenedData>
  | EventOf<"email.clicked", ClickedData>
  | EventOf<"email.replied", RepliedData>
  | EventOf<"email.bounced", BouncedData>
  | EventOf<"webhook.test", { webhookId: string; message: string }>;
