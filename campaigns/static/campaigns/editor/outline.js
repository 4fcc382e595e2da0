/* A workflow as a person reads it: steps in order, and after a question its two branches, until they meet again. */

import { exits, find, following, kindOf, reachable, target } from "./workflow.js";

/**
 * `roots`: lists of items, what begins at the start first, then what nothing leads to. An item is
 * {id, branches?: [{when, items, next, meet}]}; `next` is the step that a branch goes on to, beyond its items, and
 * `meet` the one at which both branches meet again.
 * `order`: all ids as listed.
 */
export function outline(workflow) {
  const after = following(workflow);
  const layers = layered(after);
  const reach = new Map();
  const seen = new Set();
  const order = [];
  const from = (id) => reach.get(id) ?? reach.set(id, reachable(after, id)).get(id);

  /* The first step that both ways pass. */
  function meeting(one, other) {
    const both = [...from(one)].filter((id) => from(other).has(id) && !seen.has(id));
    return both.sort((a, b) => layers.get(a) - layers.get(b))[0];
  }

  function walk(begin, stop) {
    const items = [];
    let id = begin;
    while (id !== undefined && id !== stop && after.has(id) && !seen.has(id)) {
      seen.add(id);
      order.push(id);
      const item = { id };
      items.push(item);
      const node = find(workflow, id);
      if (kindOf(node) !== "condition") {
        id = exits(node).length ? target(workflow, id, "") : undefined;
        continue;
      }
      const [yes, no] = ["yes", "no"].map((when) => target(workflow, item.id, when));
      let meet = meeting(yes, no);
      if (stop !== undefined && (meet === undefined || from(stop).has(meet))) {
        meet = stop;
      }
      item.branches = [
        ["yes", yes],
        ["no", no],
      ].map(([when, first]) => ({ when, meet, ...walk(first, meet) }));
      id = meet !== undefined && item.branches.some((branch) => branch.next === meet) ? meet : undefined;
    }
    return { items, next: id };
  }

  const roots = [];
  const entered = new Set([...after.values()].flat());
  const starts = workflow.nodes.filter((node) => kindOf(node) === "start");
  const loose = workflow.nodes.filter((node) => !entered.has(node.id));
  for (const node of [...starts, ...loose, ...workflow.nodes]) {
    if (!seen.has(node.id)) {
      roots.push(walk(node.id));
    }
  }
  return { roots, order };
}

/** Id -> how many steps come before it on the longest way; an edge back counts for nothing. */
export function layered(after) {
  const layers = new Map();
  const open = new Set();
  const sorted = [];
  const visit = (id) => {
    if (layers.has(id) || open.has(id)) {
      return;
    }
    open.add(id);
    after.get(id).forEach(visit);
    open.delete(id);
    layers.set(id, 0);
    sorted.unshift(id);
  };
  [...after.keys()].forEach(visit);
  const place = new Map(sorted.map((id, index) => [id, index]));
  for (const id of sorted) {
    for (const next of after.get(id).filter((each) => place.get(each) > place.get(id))) {
      layers.set(next, Math.max(layers.get(next), layers.get(id) + 1));
    }
  }
  return layers;
}
