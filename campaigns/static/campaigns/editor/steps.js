/* The same workflow as a list: what a phone and a screen reader work with. */

import { button, h, icon, iconButton, refill, t } from "./dom.js";
import { KINDS, exits, find, kindOf } from "./workflow.js";

export class Steps {
  constructor(box, editor) {
    Object.assign(this, { box, editor });
  }

  draw() {
    const { roots } = this.editor.outline();
    const [main, ...loose] = roots;
    refill(this.box, [
      main ? this.list(main, t("steps")) : null,
      loose.length ? h("p.flz-ed-loose", {}, t("loose")) : null,
      ...loose.map((root) => this.list(root, t("loose"))),
    ]);
  }

  find(id) {
    return [...this.box.querySelectorAll("[data-step]")].find((each) => each.dataset.step === id);
  }

  /** Bring a step into sight, where the list scrolls by itself. */
  reveal(id) {
    const row = this.find(id)?.getBoundingClientRect();
    const box = this.box.parentElement;
    const frame = box.getBoundingClientRect();
    if (row && box.scrollHeight > box.clientHeight && (row.top < frame.top || row.bottom > frame.bottom)) {
      box.scrollTop += row.top - frame.top - frame.height / 2;
    }
  }

  /** One step anew: what it is called has changed. */
  retell(id) {
    this.find(id)?.replaceWith(this.step(find(this.editor.store.workflow, id)));
  }

  list({ items, next }, label) {
    return h(
      "ol.flz-ed-list",
      { "aria-label": label },
      items.map((item) => this.row(item)),
      next === undefined ? null : this.goesOn(next),
    );
  }

  row(item) {
    const node = find(this.editor.store.workflow, item.id);
    const plain = exits(node).length === 1 && !item.branches;
    return h(
      "li",
      {},
      h("div.flz-ed-row", {}, this.step(node), this.more(node)),
      item.branches
        ? h(
            "ul.flz-ed-branches",
            {},
            item.branches.map((branch) => this.branch(item.id, branch)),
          )
        : null,
      plain ? this.plus(item.id, "") : null,
    );
  }

  step(node) {
    const { store } = this.editor;
    const name = this.editor.names().get(node.id);
    const counts = this.editor.held.counts[node.id] ?? {};
    const facts = [counts.here, counts.sent].filter(Boolean).join(" · ");
    const problems = this.editor.problemsOf(node.id);
    const bad = problems.some((each) => each.severity === "error");
    return h(
      `button.flz-ed-step.flz-ed-kind-${kindOf(node)}`,
      {
        type: "button",
        "data-key": `step ${node.id}`,
        "data-step": node.id,
        "aria-current": store.chosen === node.id ? "true" : null,
        onclick: (event) => this.editor.open(node.id, { quietly: event.detail !== 0 && this.editor.isWide() }),
      },
      h("span.flz-ed-node-icon", {}, icon(KINDS[kindOf(node)])),
      h(
        "span.flz-ed-node-text",
        {},
        h("small", {}, name.kind),
        h("span", {}, name.title),
        facts ? h("em", {}, facts) : null,
      ),
      problems.length
        ? h(
            `span.flz-ed-node-badge${bad ? "" : ".flz-ed-node-warned"}`,
            {},
            icon(bad ? "error" : "warning"),
            h("span.flz-unseen", {}, t("problemCount", { count: problems.length })),
          )
        : null,
    );
  }

  more(node) {
    if (this.editor.store.readOnly || (kindOf(node) === "end" && !this.editor.actions.deletable(node))) {
      return null;
    }
    const name = t("moreMenu", { name: this.editor.actions.name(node.id) });
    const made = iconButton("flz-ed-icon", "more_vert", name, () => this.editor.actions.more(made, node.id), {
      "data-key": `more ${node.id}`,
      "aria-haspopup": "menu",
    });
    return made;
  }

  plus(id, when) {
    if (this.editor.store.readOnly) {
      return h("div.flz-ed-link");
    }
    const name = when
      ? t(`addAfterStep_${when}`, { name: this.editor.actions.name(id) })
      : t("addAfterStep", { name: this.editor.actions.name(id) });
    const made = iconButton("flz-ed-plus", "add", name, () => this.editor.actions.add(made, id, when), {
      "data-key": `add ${id} ${when}`,
      "aria-haspopup": "menu",
    });
    return h("div.flz-ed-link", {}, made);
  }

  branch(id, branch) {
    return h(
      "li",
      {},
      h(
        "div.flz-ed-branch",
        {},
        h(`span.flz-ed-answer-${branch.when}`, {}, t(branch.when)),
        this.plus(id, branch.when),
      ),
      h(
        "ol.flz-ed-list",
        { "aria-label": t(branch.when) },
        branch.items.map((item) => this.row(item)),
        this.tail(branch),
      ),
    );
  }

  tail({ items, next, meet }) {
    if (next !== undefined && next === meet) {
      return h("li.flz-ed-goes", {}, icon("arrow_downward"), t("goesOnBelow"));
    }
    if (next !== undefined) {
      return this.goesOn(next);
    }
    return items.length ? null : h("li.flz-ed-goes", {}, t("nothingYet"));
  }

  goesOn(id) {
    const name = this.editor.names().get(id);
    return name
      ? h(
          "li.flz-ed-goes",
          {},
          icon("subdirectory_arrow_right"),
          button("flz-ed-goes-on", t("goesOnTo", { name: `${name.kind}: ${name.title}` }), () => this.editor.open(id)),
        )
      : null;
  }
}
