/* What can be done with a step, from the list, the picture and the keyboard alike. */

import { t } from "./dom.js";
import * as edits from "./edits.js";
import { ask, openMenu } from "./popups.js";
import { KINDS, exits, find, hasText, kindOf, leading, target } from "./workflow.js";

/* The field that a new step is begun at. */
const FIRST = { email: "subject", delay: "delay", condition: "criterion" };

export class Actions {
  /** `editor`: has `names()`, `announce(text)` and `open(id)`, which shows a step and goes to it. */
  constructor(store, held, editor) {
    Object.assign(this, { store, held, editor });
  }

  name(id) {
    const found = this.editor.names().get(id);
    return found ? `${found.kind}: ${found.title}` : id;
  }

  /** The menu of what may come at an exit. */
  add(anchor, id, when) {
    const { workflow } = this.store;
    const full = workflow.nodes.length >= this.held.most ? t("full", { count: this.held.most }) : "";
    const plan = this.held.allowed.conditions ? "" : t("planConditions", { plan: this.held.plan });
    const open = target(workflow, id, when) === undefined;
    const kinds = ["email", "delay", "condition", ...(open ? ["end"] : [])];
    openMenu(
      anchor,
      t("addMenu"),
      kinds.map((kind) => ({
        text: t(`add_${kind}`),
        picture: KINDS[kind],
        off: full || (kind === "condition" ? plan : ""),
        run: () => this.insert(id, when, kind),
      })),
    );
  }

  insert(from, when, kind) {
    const made = edits.insert(this.store.workflow, from, when, kind);
    this.store.change(made.workflow, t("didAdd", { name: t(`add_${kind}`) }), { chosen: made.id });
    this.editor.announce(t("added", { name: t(`add_${kind}`) }));
    this.editor.open(made.id, { field: FIRST[kind] });
  }

  /** The menu of a step. */
  more(anchor, id) {
    const { workflow } = this.store;
    const node = find(workflow, id);
    const items = exits(node).map((when) => ({
      text: when ? t(`addAfter_${when}`) : t("addAfter"),
      picture: "add",
      run: () => this.add(anchor, id, when),
    }));
    if (["email", "delay"].includes(kindOf(node))) {
      const off = t("cantMove");
      items.push({
        text: t("moveUp"),
        picture: "arrow_upward",
        run: () => this.move(id, -1),
        off: edits.neighbour(workflow, id, -1) ? "" : off,
      });
      items.push({
        text: t("moveDown"),
        picture: "arrow_downward",
        run: () => this.move(id, 1),
        off: edits.neighbour(workflow, id, 1) ? "" : off,
      });
    }
    if (this.copies(node)) {
      items.push({ text: t("duplicate"), picture: "content_copy", run: () => this.duplicate(id) });
    }
    if (this.deletable(node)) {
      items.push({ text: t("delete"), picture: "delete", danger: true, run: () => this.remove(id) });
    }
    openMenu(anchor, t("moreMenu", { name: this.name(id) }), items);
  }

  copies(node) {
    return ["email", "delay", "condition"].includes(kindOf(node)) && this.store.workflow.nodes.length < this.held.most;
  }

  deletable(node) {
    return kindOf(node) !== "start" || this.store.workflow.nodes.filter((each) => kindOf(each) === "start").length > 1;
  }

  duplicate(id) {
    const made = edits.duplicate(this.store.workflow, id);
    this.store.change(made.workflow, t("didDuplicate"), { chosen: made.id });
    this.editor.announce(t("duplicated", { name: this.name(made.id) }));
  }

  move(id, way) {
    const other = edits.neighbour(this.store.workflow, id, way);
    if (other) {
      const [first, second] = way > 0 ? [id, other] : [other, id];
      this.store.change(edits.swap(this.store.workflow, first, second), t("didMove"), { chosen: id });
      this.editor.announce(t("moved", { name: this.name(id) }));
    }
  }

  connect(from, when, to) {
    if (!to || this.mayFollow(from, to)) {
      this.store.change(edits.connect(this.store.workflow, from, when, to), t("didConnect"));
      this.editor.announce(
        to
          ? t("connected", { name: this.name(from), to: this.name(to) })
          : t("disconnected", { name: this.name(from) }),
      );
    } else {
      this.editor.announce(t("wouldLoop"));
    }
  }

  /** Whether a step may go on to another: not to the start, and never back to itself. */
  mayFollow(from, to) {
    const { workflow } = this.store;
    return kindOf(find(workflow, to)) !== "start" && !leading(workflow, from).has(to);
  }

  /** Delete a step; asks where text goes with it, and which branch of a question stays. */
  async remove(id) {
    const { workflow } = this.store;
    const node = find(workflow, id);
    if (this.store.readOnly || !this.deletable(node)) {
      return;
    }
    const name = this.name(id);
    let kept = exits(node)[0] ?? "";
    if (kindOf(node) === "condition" && target(workflow, id, "yes") !== target(workflow, id, "no")) {
      const options = this.branches(id);
      const chosen = options[0].count > options[1].count ? "no" : "yes";
      kept = await ask({
        title: t("deleteTitle", { name }),
        text: t("deleteBranch"),
        options,
        chosen,
        ok: t("delete"),
      });
      if (kept === null) {
        return;
      }
    } else if (
      hasText(node) &&
      !(await ask({ title: t("deleteTitle", { name }), text: t("deleteText"), ok: t("delete") }))
    ) {
      return;
    }
    const next = target(workflow, id, kept) ?? workflow.edges.find((edge) => edge.to === id)?.from ?? null;
    const gone = kept ? edits.lost(workflow, id, kept).length : 0;
    this.store.change(edits.remove(workflow, id, kept), t("didDelete", { name }), { chosen: null });
    this.editor.announce(gone ? t("deletedMore", { name, count: gone }) : t("deleted", { name }));
    this.editor.focus(next);
  }

  branches(id) {
    return ["yes", "no"].map((value) => {
      const count = edits.lost(this.store.workflow, id, value).length;
      return { value, count, text: count ? t(`keepLosing_${value}`, { count }) : t(`keep_${value}`) };
    });
  }
}
