import type { JsonValue, ListParams, PageParams, Reference, SortOrder, Timestamp } from "./common.js";

export type ContactStatus = "active" | "unsubscribed" | "bounced" | "replied" | "blocked";

export interface Contact {
  id: string;
  /** Null for a contact of the messaging API that has none. */
  email: string | null;
  firstName: string | null;
  lastName: string | null;
  company: string | null;
  jobTitle: string | null;
  phone: string | null;
  website: string | null;
  status: ContactStatus;
  groups: Reference[];
  tags: string[];
  customFields: Record<string, JsonValue>;
  pipelineStage: Reference | null;
  createdAt: Timestamp;
  updatedAt: Timestamp;
}

/** Only what is given changes; null clears. `groupIds` and `tags` replace, `customFields` merges key by key. */
export interface ContactUpdate {
  email?: string | undefined;
  firstName?: string | null | undefined;
  lastName?: string | null | undefined;
  company?: string | null | undefined;
  jobTitle?: string | null | undefined;
  phone?: string | null | undefined;
  website?: string | null | undefined;
  /** The engine sets the other statuses. */
  status?: "active" | "blocked" | undefined;
  groupIds?: readonly string[] | null | undefined;
  tags?: readonly string[] | null | undefined;
  /** Null removes a key. */
  customFields?: Readonly<Record<string, JsonValue>> | undefined;
  pipelineStageId?: string | null | undefined;
}

export interface ContactCreate extends ContactUpdate {
  /** Unique in the workspace, whatever its case. */
  email: string;
}

export type ContactSort =
  | "createdAt"
  | "updatedAt"
  | "email"
  | "firstName"
  | "lastName"
  | "company"
  | "jobTitle"
  | "status";

/** Filters combine with AND. */
export interface ContactListParams extends ListParams<ContactSort> {
  /** Part of the address. */
  email?: string | undefined;
  status?: ContactStatus | undefined;
  groupId?: string | undefined;
  tag?: string | undefined;
  stageId?: string | undefined;
  /** Part of the e-mail, a name, the company or the job title. */
  q?: string | undefined;
  updatedSince?: Timestamp | undefined;
  customFields?: Readonly<Record<string, string | number | boolean>> | undefined;
}

export interface ContactFilters {
  status?: ContactStatus | undefined;
  /** In any of these groups, by id. */
  groups?: readonly string[] | undefined;
  /** With any of these tags. */
  tags?: readonly string[] | undefined;
  /** All equal. */
  customFields?: Readonly<Record<string, string | number | boolean | null>> | undefined;
  pipelineStageId?: string | undefined;
  createdAfter?: Timestamp | undefined;
  createdBefore?: Timestamp | undefined;
}

export interface ContactSearch extends PageParams {
  /** Matches e-mail, names, company and job title. */
  query?: string | undefined;
  filters?: ContactFilters | undefined;
  sort?: { field: ContactSort; order?: SortOrder | undefined } | undefined;
}

export interface ContactBulk {
  /** 1 to 1000. */
  contacts: readonly ContactCreate[];
  /** For every contact created or updated. */
  groupIds?: readonly string[] | undefined;
  /** `skip` unless given. */
  onDuplicate?: "skip" | "update" | undefined;
}

export interface BulkError {
  /** Position in `contacts`, from 0. */
  index: number;
  email: string | null;
  code: string;
  message: string;
}

/** created + updated + skipped + errors = contacts sent. */
export interface BulkResult {
  created: number;
  updated: number;
  skipped: number;
  errors: BulkError[];
}
