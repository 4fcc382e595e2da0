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
  status: string;
}

export interface Location {
  id: string;
  title: string;
}
