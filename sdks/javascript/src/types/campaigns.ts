import type { ContactFilters } from "./contacts.js";
import type { JsonValue, ListParams, PageParams, Timestamp } from "./common.js";

export type CampaignStatus = "draft" | "active" | "paused" | "completed" | "archived";
export type Weekday = "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday";

/** When and how fast a campaign sends. */
export interface CampaignSettings {
  sendDays: Weekday[];
  /** 0 to 24, before `sendHoursEnd`. */
  sendHoursStart: number;
  sendHoursEnd: number;
  /** IANA, such as `Europe/Paris`. */
  timezone: string;
  maxEmailsPerHour: number;
}

export interface EmailVariant {
  subject: string;
  body: string;
}

export interface EmailData extends EmailVariant {
  trackOpens?: boolean;
  trackClicks?: boolean;
  variantB?: EmailVariant | null;
}

export interface DelayData {
  days?: number;
  hours?: number;
  businessDays?: boolean;
}

export interface ConditionData {
  criterion: "opened" | "clicked" | "replied" | "field";
  /** The e-mail that was opened, clicked or replied to. */
  nodeId?: string;
  url?: string;
  field?: string;
  /** The server reads other spellings, such as `not` or `is empty`, as one of these. */
  operator?: "equals" | "not_equals" | "contains" | "is_empty" | "greater" | "less" | (string & {});
  value?: JsonValue;
}

export type WorkflowNode =
  | { id: string; type: "start" | "end"; data?: Record<string, JsonValue> }
  | { id: string; type: "email"; data: EmailData }
  | { id: string; type: "delay"; data: DelayData }
  | { id: string; type: "condition"; data: ConditionData };

export interface WorkflowEdge {
  from: string;
  to: string;
  /** After a condition. */
  when?: "yes" | "no";
}

export interface Workflow {
  nodes: WorkflowNode[];
  edges: WorkflowEdge[];
}

/** Unique contacts. Rates are percent with one decimal: bounces over sent, the others over delivered. */
export interface CampaignStats {
  totalContacts: number;
  sent: number;
  delivered: number;
  opened: number;
  openRate: number;
  clicked: number;
  clickRate: number;
  replied: number;
  replyRate: number;
  bounced: number;
  bounceRate: number;
  unsubscribed: number;
  unsubscribeRate: number;
}

export interface Campaign {
  id: string;
  name: string;
  description: string | null;
  status: CampaignStatus;
  emailAccountId: string;
  /** They take turns with it; a conversation keeps the one that it began with. */
  moreEmailAccountIds: string[];
  settings: CampaignSettings;
  workflow: Workflow;
  stats: CampaignStats;
  createdAt: Timestamp;
  startedAt: Timestamp | null;
  updatedAt: Timestamp;
}

/** Only in draft or paused. Settings merge key by key. */
export interface CampaignUpdate {
  name?: string | undefined;
  description?: string | null | undefined;
  emailAccountId?: string | undefined;
  moreEmailAccountIds?: readonly string[] | undefined;
  settings?: Partial<CampaignSettings> | undefined;
  workflow?: Workflow | undefined;
}

export interface CampaignCreate extends CampaignUpdate {
  name: string;
  emailAccountId: string;
}

export interface CampaignListParams extends ListParams {
  status?: CampaignStatus | undefined;
  updatedSince?: Timestamp | undefined;
}

/** Who to add: one of the four. */
export type CampaignAudience =
  | { contactIds: readonly string[] }
  | { groupIds: readonly string[] }
  | { groupId: string }
  /** At least one filter: everybody is `{ status: "active" }`. */
  | { filters: ContactFilters };

export type EnrolmentStatus =
  | "pending"
  | "in_progress"
  | "completed"
  | "replied"
  | "bounced"
  | "unsubscribed"
  | "failed";

/** A contact in a campaign. */
export interface CampaignContact {
  id: string;
  email: string | null;
  status: EnrolmentStatus;
}

export interface CampaignContactListParams extends ListParams {
  status?: EnrolmentStatus | undefined;
}

export interface EmailCounts {
  sent: number;
  opened: number;
  openRate: number;
  clicked: number;
  clickRate: number;
  replied: number;
  replyRate: number;
}

/** One e-mail of the workflow; rates over sent. */
export interface EmailStats extends EmailCounts {
  nodeId: string;
  emailNumber: number;
  subject: string;
  /** Of an A/B test, by variant. */
  variants?: (EmailCounts & { variant: string; subject: string })[];
}

/** A date, or a time without an offset, is of the campaign's zone. */
export interface TimelineParams {
  from?: Timestamp | undefined;
  to?: Timestamp | undefined;
  interval?: "hour" | "day" | "week" | undefined;
}

/** One interval, in the campaign's zone; there are no gaps. */
export interface TimelinePoint {
  date: string;
  sent: number;
  opened: number;
  clicked: number;
  replied: number;
}

/** A date, or a time without an offset, is of the campaign's zone. */
export interface ActivityParams extends PageParams {
  type?: string | undefined;
  contactId?: string | undefined;
  from?: Timestamp | undefined;
  to?: Timestamp | undefined;
}

export interface Activity {
  id: string;
  type: string;
  contactId: string;
  contactEmail: string | null;
  emailNodeId: string | null;
  timestamp: Timestamp;
  metadata: Record<string, JsonValue>;
}
