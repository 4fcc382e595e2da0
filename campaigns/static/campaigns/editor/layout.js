/* Where each step stands in the picture, and which way the lines between them take. Always tidy: nothing is kept. */

import { layered } from "./outline.js";
import { find, following, kindOf, reachable, says } from "./workflow.js";

export const WIDTH = 212;
export const HEIGHT = 76;
const GAP = 60;
const COLUMN = WIDTH + 28;
const MARGIN = 28;
/* A branch that goes straight on needs room for its line only. */
const LANE = 0.5;
const ROUND = 10;
/* How near to a step's corner an answer may stand. */
const INSET = 34;

/** {nodes: id -> {x, y} of the top left corner, lines: [{from, to, when, port, path, x, y, isBack}], width, height}. */
export function layout(workflow, { roots }) {
  const layers = rows(workflow, roots);
  const nodes = new Map();
  const lanes = new Map();
  let left = 0;
  for (const root of roots) {
    const width = spread(root.items);
    place(root.items, left, width);
    left += width;
  }

  function place(items, from, width) {
    const middle = from + width / 2;
    for (const item of items) {
      nodes.set(item.id, { x: MARGIN + middle * COLUMN - WIDTH / 2, y: MARGIN + layers.get(item.id) * (HEIGHT + GAP) });
      const widths = (item.branches ?? []).map((branch) => spread(branch.items));
      let at = middle - widths.reduce((sum, each) => sum + each, 0) / 2;
      (item.branches ?? []).forEach((branch, index) => {
        if (!branch.items.length) {
          lanes.set(`${item.id} ${branch.when}`, MARGIN + (at + widths[index] / 2) * COLUMN);
        }
        place(branch.items, at, widths[index]);
        at += widths[index];
      });
    }
  }

  const lowest = Math.max(0, ...[...nodes.values()].map((node) => node.y));
  const width = 2 * MARGIN + left * COLUMN;
  return { nodes, lines: lines(workflow, nodes, lanes, width), width, height: lowest + HEIGHT + GAP + MARGIN };
}

/* Where two branches meet again is below all of both, also below what ends in them. */
function rows(workflow, roots) {
  const after = following(workflow);
  const below = new Map([...after].map(([id, ids]) => [id, [...ids]]));
  const inside = (items) =>
    items.flatMap((item) => [item.id, ...(item.branches ?? []).flatMap((branch) => inside(branch.items))]);
  const add = (items) => {
    for (const { branches } of items) {
      for (const { items: steps, meet } of branches ?? []) {
        const later = meet === undefined ? null : reachable(after, meet);
        inside(later ? steps : [])
          .filter((id) => !later.has(id))
          .forEach((id) => below.get(id).push(meet));
        add(steps);
      }
    }
  };
  roots.forEach((root) => add(root.items));
  return layered(below);
}

function spread(items) {
  const wide = items.map((item) => (item.branches ?? []).reduce((sum, branch) => sum + spread(branch.items), 0));
  return items.length ? Math.max(1, ...wide) : LANE;
}

function lines(workflow, nodes, lanes, width) {
  const found = [];
  const taken = new Set();
  for (const edge of workflow.edges) {
    const [source, end] = [nodes.get(edge.from), nodes.get(edge.to)];
    taken.add(`${edge.from} ${says(edge)}`);
    if (source && end) {
      found.push({
        from: edge.from,
        to: edge.to,
        when: says(edge),
        ...route(workflow, edge, source, end, lanes, width),
      });
    }
  }
  for (const node of workflow.nodes) {
    for (const when of { condition: ["yes", "no"], start: [""], email: [""], delay: [""] }[kindOf(node)] ?? []) {
      if (!taken.has(`${node.id} ${when}`)) {
        found.push({ from: node.id, to: null, when, ...stub(node, when, nodes.get(node.id), lanes) });
      }
    }
  }
  return found;
}

/* Where a line leaves a step: below its middle; an answer right above the way that it takes, where that fits. */
function port(node, when, at, lane) {
  const middle = at.x + WIDTH / 2;
  const x = kindOf(node) === "condition" ? Math.max(at.x + INSET, Math.min(at.x + WIDTH - INSET, lane)) : middle;
  return { when, from: node.id, x, y: at.y + HEIGHT };
}

function stub(node, when, at, lanes) {
  const lane = lanes.get(`${node.id} ${when}`) ?? at.x + WIDTH / 2;
  const begin = port(node, when, at, lane);
  const y = begin.y + GAP / 2;
  return {
    port: begin,
    path: bent([begin, { x: begin.x, y }, { x: lane, y }, { x: lane, y: y + GAP / 4 }]),
    x: lane,
    y,
    isOpen: true,
  };
}

function route(workflow, edge, source, end, lanes, width) {
  const node = find(workflow, edge.from);
  const stop = { x: end.x + WIDTH / 2, y: end.y };
  const ahead = kindOf(node) === "condition" ? stop.x : source.x + WIDTH / 2;
  const lane = lanes.get(`${edge.from} ${says(edge)}`) ?? ahead;
  const begin = port(node, says(edge), source, lane);
  const [out, into] = [begin.y + GAP / 2, stop.y - GAP / 2];
  if (end.y <= source.y) {
    const side = width - MARGIN / 2;
    const points = [
      begin,
      { x: begin.x, y: out },
      { x: side, y: out },
      { x: side, y: into },
      { x: stop.x, y: into },
      stop,
    ];
    return { port: begin, path: bent(points), x: begin.x, y: out, isBack: true };
  }
  const points = [
    begin,
    { x: begin.x, y: out },
    { x: lane, y: out },
    { x: lane, y: into },
    { x: stop.x, y: into },
    stop,
  ];
  return { port: begin, path: bent(points), x: lane, y: out };
}

/* A line through the points, its corners rounded. */
function bent(points) {
  const kept = points.filter(
    (point, index) => !index || point.x !== points[index - 1].x || point.y !== points[index - 1].y,
  );
  let path = `M${kept[0].x} ${kept[0].y}`;
  for (let index = 1; index < kept.length - 1; index += 1) {
    const [before, corner, next] = kept.slice(index - 1, index + 2);
    const [come, go] = [toward(corner, before), toward(corner, next)];
    path += `L${come.x} ${come.y}Q${corner.x} ${corner.y} ${go.x} ${go.y}`;
  }
  const last = kept[kept.length - 1];
  return `${path}L${last.x} ${last.y}`;
}

function toward(corner, other) {
  const distance = Math.hypot(other.x - corner.x, other.y - corner.y);
  const step = Math.min(ROUND, distance / 2) / (distance || 1);
  return { x: corner.x + (other.x - corner.x) * step, y: corner.y + (other.y - corner.y) * step };
}
