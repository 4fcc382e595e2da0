/* Reading a workflow: {nodes: [{id, type, data}], edges: [{from, to, when?}]}. Nothing here changes it. */

import { t } from "./dom.js";

export const KINDS = {
  start: "play_arrow",
  email: "mail",
  delay: "schedule",
  condition: "call_split",
  end: "flag",
  unknown: "help",
};

export const kindOf = (node) => (node.type in KINDS ? node.type : "unknown");

/* A workflow never changes: what is looked up in it is looked up by the thousand. */
const indexes = new WeakMap();

function index(workflow) {
  if (!indexes.has(workflow)) {
    indexes.set(workflow, {
      nodes: new Map(workflow.nodes.map((node) => [node.id, node])),
      targets: new Map([...workflow.edges].reverse().map((edge) => [`${says(edge)} ${edge.from}`, edge.to])),
    });
  }
  return indexes.get(workflow);
}

export const find = (workflow, id) => index(workflow).nodes.get(id);

/** What an edge out of this node may say: yes or no after a condition, nothing after any other step. */
export function exits(node) {
  return { condition: ["yes", "no"], end: [], unknown: [] }[kindOf(node)] ?? [""];
}

export const says = (edge) => edge.when ?? "";

export function target(workflow, id, when) {
  return index(workflow).targets.get(`${when} ${id}`);
}

/** Node id -> the ids right after it, those that exist. */
export function following(workflow) {
  const ids = new Map(workflow.nodes.map((node) => [node.id, []]));
  for (const edge of workflow.edges) {
    if (ids.has(edge.to)) {
      ids.get(edge.from)?.push(edge.to);
    }
  }
  return ids;
}

export function reachable(after, origin) {
  const found = new Set();
  const waiting = [origin];
  while (waiting.length) {
    const id = waiting.pop();
    if (after.has(id) && !found.has(id)) {
      found.add(id);
      waiting.push(...after.get(id));
    }
  }
  return found;
}

/** The steps from which a way leads to this one, itself included. */
export function leading(workflow, id) {
  const before = new Map(workflow.nodes.map((node) => [node.id, []]));
  workflow.edges.forEach((edge) => before.get(edge.to)?.push(edge.from));
  return reachable(before, id);
}

export const hasText = (node) =>
  kindOf(node) === "email" &&
  [node.data, node.data?.variantB].some((each) => each?.subject?.trim() || each?.body?.trim());

/** Steps in the order in which they are listed: number them, and call the e-mails by it. */
export function names(workflow, order, fields) {
  const found = new Map();
  let emails = 0;
  for (const id of order) {
    const node = find(workflow, id);
    emails += kindOf(node) === "email";
    found.set(id, { number: found.size + 1, ...nameOf(node, emails, fields) });
  }
  return found;
}

/** `kind`: what it is, in a word. `title`: what it does. */
function nameOf(node, number, fields) {
  const data = node.data ?? {};
  switch (kindOf(node)) {
    case "email":
      return {
        kind: t(data.variantB ? "emailAB" : "email", { number }),
        title: data.subject?.trim() || t("noSubject"),
      };
    case "delay":
      return { kind: t("delay"), title: wait(data) };
    case "condition":
      return { kind: t("condition"), title: question(data, fields) };
    case "unknown":
      return { kind: t("unknown"), title: node.type ?? "" };
    default:
      return { kind: t(node.type), title: t(`${node.type}Title`) };
  }
}

function wait(data) {
  const count = data.days ?? data.hours;
  if (typeof count !== "number") {
    return t("waitUnclear");
  }
  const days = data.businessDays ? "waitBusinessDays" : "waitDays";
  return t(data.days === undefined || data.days === null ? "waitHours" : days, { count });
}

function question(data, fields) {
  if (data.criterion !== "field") {
    return t({ opened: "askOpened", clicked: "askClicked", replied: "askReplied" }[data.criterion] ?? "askUnclear");
  }
  const field = fields.find((each) => each.name === data.field)?.label ?? data.field;
  if (!field || !data.operator) {
    return t("askUnclear");
  }
  const value = data.operator === "is_empty" ? "" : `“${data.value ?? ""}”`;
  return `${field} ${t(`operator_${data.operator}`)} ${value}`.trim();
}
