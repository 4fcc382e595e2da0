import type { Timestamp } from "./common.js";

export interface Tag {
  id: string;
  name: string;
}

export interface PipelineStage {
  id: string;
  name: string;
  color: string | null;
  position: number;
  kind: "open" | "won" | "lost";
}

export interface CustomField {
  id: string;
  key: string;
  label: string;
  type: "text" | "number" | "date" | "dropdown" | "checkbox" | "url";
  required: boolean;
  default: string | null;
  /** Of a dropdown. */
  options: string[];
}

/** What campaigns send from; `id` is their `emailAccountId`. */
export interface EmailAccount {
  id: string;
  email: string;
  name: string | null;
  /** Only a connected one sends; a failing one was refused by its server, a paused one was paused by a person. */
  status: "connected" | "failing" | "paused";
  /** E-mails, on the calendar day in the workspace's zone. */
  sentToday: number;
  dailyLimit: number;
  /** Null once its server has taken an e-mail again. */
  lastError: string | null;
  createdAt: Timestamp;
}

export interface Location {
  id: string;
  title: string;
}
