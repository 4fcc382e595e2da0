/* Changing a workflow: each function gives a new one, and leaves what it was given as it is. */

import { outline } from "./outline.js";
import { exits, find, following, kindOf, reachable, says, target } from "./workflow.js";

const NEW = {
  email: () => ({ subject: "", body: "", trackOpens: true, trackClicks: true }),
  delay: () => ({ days: 3, businessDays: true }),
  condition: () => ({ criterion: "opened" }),
  end: () => ({}),
};

function edge(from, to, when) {
  return when ? { from, to, when } : { from, to };
}

function freshId(workflow, kind) {
  const taken = new Set(workflow.nodes.map((node) => node.id));
  let number = 1;
  while (taken.has(`${kind}-${number}`)) {
    number += 1;
  }
  return `${kind}-${number}`;
}

/* Of e-mails that no way puts before one another, the order of the nodes decides which is first: it is as listed. */
function inOrder(workflow) {
  const { order } = outline(workflow);
  return { ...workflow, nodes: order.map((id) => find(workflow, id)) };
}

/** A new step between a step's exit and what followed there. A question's two answers go on to that together. */
export function insert(workflow, from, when, kind, data) {
  const id = freshId(workflow, kind);
  const node = { id, type: kind, data: data ?? NEW[kind]() };
  const next = target(workflow, from, when);
  const edges = workflow.edges.filter((each) => each.from !== from || says(each) !== when);
  edges.push(edge(from, id, when));
  if (next !== undefined) {
    edges.push(...exits(node).map((exit) => edge(id, next, exit)));
  }
  return { workflow: inOrder({ ...workflow, nodes: [...workflow.nodes, node], edges }), id };
}

/** Let an exit go on to a step; to nothing where `to` is empty. */
export function connect(workflow, from, when, to) {
  const edges = workflow.edges.filter((each) => each.from !== from || says(each) !== when);
  if (to) {
    edges.push(edge(from, to, when));
  }
  return inOrder({ ...workflow, edges });
}

/** A copy right after the step; of a question after its "no". */
export function duplicate(workflow, id) {
  const node = find(workflow, id);
  return insert(workflow, id, exits(node).at(-1), kindOf(node), structuredClone(node.data ?? {}));
}

export function setData(workflow, id, values) {
  const nodes = workflow.nodes.map((node) =>
    node.id === id ? { ...node, data: without({ ...node.data, ...values }) } : node,
  );
  return { ...workflow, nodes };
}

/* What is undefined is taken out; the API reads null and nothing alike. */
function without(data) {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
}

/** What goes with a question when one of its branches is kept: the steps that only the other one led to. */
export function lost(workflow, id, kept) {
  const bare = { ...workflow, edges: joined(workflow, id, target(workflow, id, kept)) };
  const before = reachable(following(workflow), startOf(workflow));
  const after = reachable(following(bare), startOf(workflow));
  return workflow.nodes
    .filter((node) => node.id !== id && before.has(node.id) && !after.has(node.id))
    .map((node) => node.id);
}

/** Without the step: what came before it goes on to what followed; after a question, to what followed `kept`. */
export function remove(workflow, id, kept = "") {
  const gone = new Set([id, ...(kept ? lost(workflow, id, kept) : [])]);
  const edges = joined(workflow, id, target(workflow, id, kept)).filter((each) => !gone.has(each.from));
  const nodes = workflow.nodes.filter((node) => !gone.has(node.id)).map((node) => forget(node, gone));
  return inOrder({ ...workflow, nodes, edges });
}

/* A question about an e-mail that is gone asks about the nearest one. */
function forget(node, gone) {
  return gone.has(node.data?.nodeId) ? { ...node, data: without({ ...node.data, nodeId: undefined }) } : node;
}

function joined(workflow, id, next) {
  return workflow.edges
    .filter((each) => each.from !== id)
    .flatMap((each) => (each.to !== id ? [each] : next === undefined || next === id ? [] : [{ ...each, to: next }]));
}

const startOf = (workflow) => workflow.nodes.find((node) => kindOf(node) === "start")?.id;

/** The step that this one may change places with: the one before (-1) or after (1) it on a straight way. */
export function neighbour(workflow, id, way) {
  if (way > 0) {
    const next = target(workflow, id, "");
    return straight(workflow, id) && straight(workflow, next) && single(workflow, next) ? next : undefined;
  }
  const [into, ...more] = workflow.edges.filter((each) => each.to === id);
  return into && !more.length && straight(workflow, id) && straight(workflow, into.from) ? into.from : undefined;
}

function straight(workflow, id) {
  const node = id === undefined ? undefined : find(workflow, id);
  return node !== undefined && ["email", "delay"].includes(kindOf(node));
}

const single = (workflow, id) => workflow.edges.filter((each) => each.to === id).length === 1;

/** Let two steps that follow one another change places; `first` comes before `second`. */
export function swap(workflow, first, second) {
  const next = target(workflow, second, "");
  const edges = workflow.edges
    .filter((each) => each.from !== first && each.from !== second)
    .map((each) => (each.to === first ? { ...each, to: second } : each));
  edges.push(edge(second, first, ""), ...(next === undefined ? [] : [edge(first, next, "")]));
  return inOrder({ ...workflow, edges });
}
