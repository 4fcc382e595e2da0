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

/** Steps in the order in which they are listed: number them, and call each e-mail by its own number. */
export function names(workflow, order, fields) {
  const found = new Map();
  const emails = emailNumbers(workflow);
  for (const id of order) {
    found.set(id, { number: found.size + 1, ...nameOf(find(workflow, id), emails.get(id), fields) });
  }
  return found;
}

/* As the statistics number them: as they follow one another from the start, and of several that could be next the
   first of the workflow's nodes; then what a loop holds, then what nothing leads to. */
function emailNumbers(workflow) {
  const after = following(workflow);
  const ids = workflow.nodes.map((node) => node.id);
  const starts = workflow.nodes.filter((node) => kindOf(node) === "start");
  const inside = new Set(starts.flatMap((node) => [...reachable(after, node.id)]));
  const before = new Map([...inside].map((id) => [id, 0]));
  const count = (id, by) => after.get(id).forEach((next) => before.set(next, before.get(next) + by));
  inside.forEach((id) => count(id, 1));
  const order = new Set();
  const free = (id) => before.get(id) === 0 && !order.has(id);
  for (let id = ids.find(free); id !== undefined; id = ids.find(free)) {
    order.add(id);
    count(id, -1);
  }
  ids.filter((id) => inside.has(id)).forEach((id) => order.add(id));
  ids.forEach((id) => order.add(id));
  const emails = [...order].filter((id) => kindOf(find(workflow, id)) === "email");
  return new Map(emails.map((id, place) => [id, place + 1]));
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
