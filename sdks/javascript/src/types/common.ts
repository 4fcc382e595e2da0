/** Anything JSON can hold. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** An ISO 8601 time in UTC: `2025-01-15T10:30:00Z`. */
export type Timestamp = string;

export interface PageMeta {
  page: number;
  perPage: number;
  total: number;
  totalPages: number;
  /** Leads to the next page; null at the end. */
  nextCursor: string | null;
}

/** Which page. With none of the three, awaiting a list gives everything. */
export interface PageParams {
  /** From 1. */
  page?: number | undefined;
  /** 1 to 100. */
  perPage?: number | undefined;
  /** A `meta.nextCursor`. */
  cursor?: string | undefined;
}

export type SortOrder = "asc" | "desc";

export interface ListParams<Sort extends string = string> extends PageParams {
  sort?: Sort | undefined;
  order?: SortOrder | undefined;
}

export interface Reference {
  id: string;
  name: string;
}

export interface Deleted {
  id: string;
  deleted: boolean;
}

/** One of many that could not be handled. */
export interface MembershipError {
  contactId: string;
  code: string;
  message: string;
}

export interface AddResult {
  added: number;
  skipped: number;
  errors: MembershipError[];
}

export interface RemoveResult {
  removed: number;
  skipped: number;
  errors: MembershipError[];
}
