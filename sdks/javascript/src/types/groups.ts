import type { ListParams, Timestamp } from "./common.js";

export type GroupType = "static" | "dynamic";

export interface Group {
  id: string;
  name: string;
  description: string | null;
  type: GroupType;
  color: string | null;
  contactCount: number;
  createdAt: Timestamp;
  updatedAt: Timestamp;
}

export interface GroupUpdate {
  /** Unique in the workspace. */
  name?: string | undefined;
  description?: string | null | undefined;
  type?: GroupType | undefined;
  /** Such as `#3b82f6`. */
  color?: string | null | undefined;
}

export interface GroupCreate extends GroupUpdate {
  name: string;
}

export interface GroupListParams extends ListParams<"createdAt" | "updatedAt" | "name" | "type"> {
  /** Part of the name. */
  name?: string | undefined;
  type?: GroupType | undefined;
}
