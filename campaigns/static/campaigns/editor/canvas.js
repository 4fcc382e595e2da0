/* The picture: a list of buttons laid out as a graph, and lines behind them that only eyes need. */

import { button, h, icon, t } from "./dom.js";
import { dragging } from "./dragging.js";
import { HEIGHT, WIDTH, layout } from "./layout.js";
import { KINDS, exits, find, kindOf, target } from "./workflow.js";

const SVG = "http://www.w3.org/2000/svg";
const LEAST = 0.3;
const STEP = 1.25;

export class Canvas {
  constructor(box, editor) {
    Object.assign(this, { box, editor, zoom: 1, shown: new Map(), drawn: null });
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("aria-hidden", "true");
    this.list = h("ol.flz-ed-graph-nodes", { "aria-label": t("graph") });
    this.extras = h("div");
    this.inner = h("div.flz-ed-graph-inner", {}, this.svg, this.extras, this.list);
    this.sizer = h("div.flz-ed-graph-sizer", {}, this.inner);
    box.append(this.sizer);
    this.list.addEventListener("keydown", (event) => this.pressed(event));
    box.addEventListener(
      "wheel",
      (event) => {
        if (event.ctrlKey) {
          event.preventDefault();
          this.scale(this.zoom * (event.deltaY < 0 ? 1.1 : 1 / 1.1));
        }
      },
      { passive: false },
    );
    dragging(this);
  }

  draw() {
    const { store } = this.editor;
    const plan = this.editor.outline();
    const had = this.list.contains(document.activeElement) ? document.activeElement.dataset.node : null;
    if (this.plan !== plan) {
      this.plan = plan;
      this.drawn = layout(store.workflow, plan);
      this.lines();
      this.scale(this.zoom);
    }
    this.nodes(plan.order);
    if (had && document.activeElement?.dataset?.node !== had) {
      this.shown.get(had)?.button.focus({ preventScroll: true });
    }
  }

  nodes(order) {
    for (const [id, { item }] of this.shown) {
      if (!this.drawn.nodes.has(id)) {
        item.remove();
        this.shown.delete(id);
      }
    }
    let place = this.list.firstElementChild;
    for (const id of order) {
      const made = this.shown.get(id) ?? this.node(id);
      this.fill(made, find(this.editor.store.workflow, id));
      if (made.item === place) {
        place = place.nextElementSibling;
      } else {
        this.list.insertBefore(made.item, place);
      }
    }
  }

  /** One step anew: what it is called has changed. */
  retell(id) {
    const made = this.shown.get(id);
    if (made) {
      this.fill(made, find(this.editor.store.workflow, id));
    }
  }

  node(id) {
    const made = {
      item: h("li"),
      button: button("flz-ed-node", [], (event) => this.clicked(event, id), { "data-node": id }),
    };
    made.item.append(made.button);
    this.shown.set(id, made);
    return made;
  }

  clicked(event, id) {
    this.editor.store.choose(id);
    /* Enter and Space make a click without a pointer. */
    if (event.detail === 0) {
      this.editor.open(id);
    }
  }

  fill(made, node) {
    const { store } = this.editor;
    const name = this.editor.names().get(node.id);
    const at = this.drawn.nodes.get(node.id);
    const counts = this.editor.held.counts[node.id] ?? {};
    const problems = this.editor.problemsOf(node.id);
    made.item.style.transform = `translate(${at.x}px, ${at.y}px)`;
    const chosen = store.chosen === node.id;
    made.button.tabIndex = chosen || (!store.chosen && name.number === 1) ? 0 : -1;
    const facts = [counts.here, counts.sent].filter(Boolean).join(" · ");
    const trouble = problems.length ? t("problemCount", { count: problems.length }) : "";
    const label = [`${name.number}. ${name.kind}: ${name.title}`, facts, trouble].filter(Boolean).join(". ");
    const bad = problems.some((each) => each.severity === "error");
    const state = [label, chosen, bad, problems.length].join("|");
    if (made.state === state && made.kind === node.type) {
      return;
    }
    Object.assign(made, { state, kind: node.type });
    made.button.className = `flz-ed-node flz-ed-kind-${kindOf(node)}`;
    made.button.setAttribute("aria-label", label);
    chosen ? made.button.setAttribute("aria-current", "true") : made.button.removeAttribute("aria-current");
    made.button.title = trouble ? problems.map((each) => each.message).join("\n") : "";
    made.button.replaceChildren(
      h("span.flz-ed-node-icon", {}, icon(KINDS[kindOf(node)])),
      h(
        "span.flz-ed-node-text",
        {},
        h("small", {}, name.kind),
        h("span", {}, name.title),
        facts ? h("em", {}, facts) : "",
      ),
      trouble
        ? h(`span.flz-ed-node-badge${bad ? "" : ".flz-ed-node-warned"}`, {}, icon(bad ? "error" : "warning"))
        : "",
    );
  }

  lines() {
    const { lines, width, height } = this.drawn;
    const { readOnly } = this.editor.store;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.replaceChildren(
      ...lines.map((line) => {
        const path = document.createElementNS(SVG, "path");
        path.setAttribute("d", line.path);
        path.setAttribute(
          "class",
          line.isBack ? "flz-ed-line flz-ed-line-back" : line.isOpen ? "flz-ed-line flz-ed-line-open" : "flz-ed-line",
        );
        return path;
      }),
    );
    const extras = readOnly ? [] : lines.map((line) => this.plus(line));
    extras.push(...lines.map((line) => this.port(line.port)));
    this.extras.replaceChildren(...extras);
  }

  /* By keyboard, steps are added from the list, and with "a" on a step. */
  plus(line) {
    const made = button("flz-ed-plus", icon("add"), () => this.editor.actions.add(made, line.from, line.when), {
      tabindex: "-1",
      "aria-hidden": "true",
      title: t("addHere"),
    });
    made.style.transform = `translate(${line.x}px, ${line.y}px) translate(-50%, -50%)`;
    return made;
  }

  port({ from, when, x, y }) {
    const made = h(
      `span.flz-ed-port${when ? `.flz-ed-port-${when}` : ""}`,
      {
        "data-from": from,
        "data-when": when,
        "aria-hidden": "true",
        title: this.editor.store.readOnly ? null : t("dragPort"),
      },
      when ? t(when) : "",
    );
    made.style.transform = `translate(${x}px, ${y}px) translate(-50%, -50%)`;
    return made;
  }

  pressed(event) {
    const id = event.target.dataset?.node;
    if (!id || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const to = this.beside(id, event.key);
    if (to) {
      event.preventDefault();
      this.editor.store.choose(to);
      this.focus(to);
    } else if (["Delete", "Backspace"].includes(event.key)) {
      event.preventDefault();
      this.editor.actions.remove(id);
    } else if (event.key === "a" && !this.editor.store.readOnly) {
      event.preventDefault();
      const when = exits(find(this.editor.store.workflow, id))[0];
      when === undefined || this.editor.actions.add(event.target, id, when);
    }
  }

  /* Where an arrow key leads: along the lines, and to the nearest step on either side. */
  beside(id, key) {
    const { workflow } = this.editor.store;
    const at = this.drawn.nodes.get(id);
    const all = [...this.drawn.nodes].filter(([other]) => other !== id);
    const nearest = (fits) =>
      all.filter(([, other]) => fits(other)).sort(([, a], [, b]) => this.apart(at, a) - this.apart(at, b))[0]?.[0];
    switch (key) {
      case "ArrowDown":
        return exits(find(workflow, id))
          .map((when) => target(workflow, id, when))
          .find((to) => this.drawn.nodes.has(to));
      case "ArrowUp":
        return workflow.edges.find((edge) => edge.to === id && this.drawn.nodes.has(edge.from))?.from;
      case "ArrowLeft":
        return nearest((other) => other.x < at.x - 1);
      case "ArrowRight":
        return nearest((other) => other.x > at.x + 1);
      case "Home":
        return this.editor.outline().order[0];
      default:
        return undefined;
    }
  }

  apart(one, other) {
    return Math.abs(one.x - other.x) + 3 * Math.abs(one.y - other.y);
  }

  focus(id) {
    this.shown.get(id)?.button.focus();
  }

  /** Bring a step into sight without moving the page. */
  reveal(id) {
    const at = this.drawn?.nodes.get(id);
    if (!at) {
      return;
    }
    const { box, zoom } = this;
    const [left, top, right, bottom] = [at.x, at.y, at.x + WIDTH, at.y + HEIGHT].map((each) => each * zoom);
    if (left < box.scrollLeft || right > box.scrollLeft + box.clientWidth) {
      box.scrollLeft = (left + right - box.clientWidth) / 2;
    }
    if (top < box.scrollTop || bottom > box.scrollTop + box.clientHeight) {
      box.scrollTop = (top + bottom - box.clientHeight) / 2;
    }
  }

  scale(zoom) {
    const { width, height } = this.drawn;
    this.zoom = Math.max(LEAST, Math.min(2, zoom));
    this.inner.style.width = `${width}px`;
    this.inner.style.height = `${height}px`;
    this.inner.style.transform = `scale(${this.zoom})`;
    this.inner.style.marginLeft = `${Math.max(0, (this.box.clientWidth - width * this.zoom) / 2)}px`;
    this.sizer.style.width = `${width * this.zoom}px`;
    this.sizer.style.height = `${height * this.zoom}px`;
    this.editor.zoomed(this.zoom);
  }

  larger() {
    this.scale(this.zoom * STEP);
  }

  smaller() {
    this.scale(this.zoom / STEP);
  }

  /** As much of it as can be read; `whole`: all of it, however small. */
  fit(whole) {
    const { width, height } = this.drawn;
    const wide = this.box.clientWidth / width;
    const high = this.box.clientHeight / height;
    this.scale(Math.min(1, whole ? Math.min(wide, high) : Math.max(wide, 0.7)));
    this.box.scrollLeft = Math.max(0, (width * this.zoom - this.box.clientWidth) / 2);
  }
}
