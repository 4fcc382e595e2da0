/* The chosen step: everything about it that can be changed. */

import { button, h, icon, iconButton, refill, t } from "./dom.js";
import { setData } from "./edits.js";
import { checkbox, field, input, number, retell, select } from "./fields.js";
import { message, previewButton } from "./message.js";
import { KINDS, exits, find, kindOf, leading, target } from "./workflow.js";

const OPERATORS = ["equals", "not_equals", "contains", "is_empty", "greater", "less"];

export class Inspector {
  constructor(box, editor) {
    Object.assign(this, { box, editor });
  }

  draw() {
    const { store } = this.editor;
    const node = store.chosen === null ? null : find(store.workflow, store.chosen);
    refill(this.box, node ? this.step(node) : this.nothing());
    this.box.inert = false;
    if (node && store.readOnly) {
      this.box.querySelectorAll("input, select").forEach((each) => {
        each.disabled = true;
      });
      this.box.querySelectorAll("textarea, input[type=text]").forEach((each) => {
        each.disabled = false;
        each.readOnly = true;
      });
    }
  }

  nothing() {
    return [
      h(
        "div.flz-ed-nothing",
        {},
        icon("touch_app"),
        h("h2", {}, t("nothingChosen")),
        h("p", {}, t("nothingChosenHelp")),
        h(
          "dl.flz-ed-keys",
          {},
          (this.editor.store.readOnly ? ["arrows", "enter"] : ["arrows", "enter", "a", "delete", "undo", "redo"]).flatMap((key) => [
            h("dt", {}, h("kbd", {}, t(`key_${key}`))),
            h("dd", {}, t(`does_${key}`)),
          ]),
        ),
      ),
    ];
  }

  step(node) {
    const { actions, store } = this.editor;
    const name = this.editor.names().get(node.id);
    return [
      h(
        `header.flz-ed-inspector-head.flz-ed-kind-${kindOf(node)}`,
        {},
        h("span.flz-ed-node-icon", {}, icon(KINDS[kindOf(node)])),
        h("h2", { tabindex: "-1", "data-key": "head" }, name.kind),
        kindOf(node) === "email" ? previewButton(node, this.editor) : null,
        store.readOnly || !actions.copies(node)
          ? null
          : iconButton("flz-ed-icon", "content_copy", t("duplicate"), () => actions.duplicate(node.id), {
              "data-key": "duplicate",
            }),
        store.readOnly || !actions.deletable(node)
          ? null
          : iconButton("flz-ed-icon", "delete", t("delete"), () => actions.remove(node.id), { "data-key": "delete" }),
      ),
      h(
        "p.flz-ed-field-problems",
        { "data-problems": "" },
        this.problems(node, "")
          .map((each) => each.message)
          .join(" "),
      ),
      ...this.fields(node),
      ...this.then(node),
      button("flz-ed-quiet.flz-ed-back", [icon("arrow_upward"), t("backToSteps")], () => this.editor.back()),
    ];
  }

  fields(node) {
    switch (kindOf(node)) {
      case "email":
        return message(node, this.editor);
      case "delay":
        return this.delay(node);
      case "condition":
        return this.condition(node);
      case "unknown":
        return [h("p", {}, t("unknownHelp"))];
      default:
        return [h("p.flz-hint", {}, t(`${node.type}Help`))];
    }
  }

  problems(node, name) {
    return this.editor.problemsOf(node.id).filter((each) => each.field === name);
  }

  /** `typed`: a text field was typed in, whose step is undone as one. */
  set(node, values, name, typed = false) {
    const { store } = this.editor;
    store.change(setData(store.workflow, node.id, values), t("didChange"), {
      merge: typed ? `${node.id} ${name}` : null,
    });
  }

  labelled(node, name, control, label, more = {}) {
    return field(name, control, { label, problems: this.problems(node, name), ...more });
  }

  delay(node) {
    const data = node.data ?? {};
    const inHours = typeof data.hours === "number" && typeof data.days !== "number";
    const value = inHours ? data.hours : data.days;
    const unit = { days: "days", hours: "hours" }[inHours ? "hours" : "days"];
    const put = (count) => ({ days: unit === "days" ? count : undefined, hours: unit === "hours" ? count : undefined });
    return [
      h(
        "div.flz-ed-pair",
        {},
        this.labelled(
          node,
          "delay",
          number(value, (count) => this.set(node, put(count), "delay", true)),
          t("howLong"),
        ),
        this.labelled(
          node,
          "unit",
          select(
            ["days", "hours"].map((each) => ({ value: each, text: t(each) })),
            unit,
            (chosen) =>
              this.set(node, {
                days: chosen === "days" ? (value ?? 1) : undefined,
                hours: chosen === "hours" ? (value ?? 1) : undefined,
              }),
          ),
          t("unit"),
        ),
      ),
      checkbox(
        "businessDays",
        t("businessDays"),
        Boolean(data.businessDays),
        (on) => this.set(node, { businessDays: on }),
        { hint: t("businessDaysHelp") },
      ),
    ];
  }

  condition(node) {
    const data = node.data ?? {};
    const criteria = ["opened", "clicked", "replied", "field"].map((value) => ({
      value,
      text: t(`criterion_${value}`),
    }));
    const chosen = (criterion) =>
      this.set(node, {
        criterion,
        nodeId: ["opened", "clicked"].includes(criterion) ? data.nodeId : undefined,
        url: undefined,
        field: undefined,
        operator: criterion === "field" ? "equals" : undefined,
        value: undefined,
      });
    const shown = [
      this.labelled(
        node,
        "criterion",
        select(blank(criteria, data.criterion), data.criterion ?? "", chosen),
        t("criterion"),
      ),
    ];
    if (["opened", "clicked"].includes(data.criterion)) {
      shown.push(this.whichEmail(node));
    }
    if (data.criterion === "clicked") {
      shown.push(
        this.labelled(
          node,
          "url",
          input(data.url, (url) => this.set(node, { url: url.trim() || undefined }, "url", true), {
            inputmode: "url",
            placeholder: "https://",
          }),
          t("whichLink"),
          { hint: t("whichLinkHelp") },
        ),
      );
    }
    if (data.criterion === "field") {
      shown.push(...this.comparison(node));
    }
    return shown;
  }

  whichEmail(node) {
    const names = this.editor.names();
    const emails = this.editor.store.workflow.nodes.filter((each) => kindOf(each) === "email");
    const options = emails.map((each) => ({ value: each.id, text: this.editor.actions.name(each.id) }));
    const known = !node.data.nodeId || names.has(node.data.nodeId);
    return this.labelled(
      node,
      "nodeId",
      select(
        [
          { value: "", text: t("nearestEmail") },
          ...(known ? [] : [{ value: node.data.nodeId, text: t("goneEmail") }]),
          ...options,
        ],
        node.data.nodeId ?? "",
        (id) => this.set(node, { nodeId: id || undefined }),
      ),
      t("whichEmail"),
    );
  }

  comparison(node) {
    const { data } = node;
    const fields = this.editor.held.fields.filter(
      (each) => each.kind !== "system" && (!each.alias || each.name === data.field),
    );
    const chosen = fields.find((each) => each.name === data.field);
    const options = fields.map((each) => ({ value: each.name, text: each.label }));
    const shown = [
      this.labelled(
        node,
        "field",
        select([{ value: "", text: t("chooseField") }, ...options], data.field ?? "", (name) =>
          this.set(node, { field: name || undefined, value: undefined }),
        ),
        t("field"),
      ),
      this.labelled(
        node,
        "operator",
        select(
          OPERATORS.map((value) => ({ value, text: t(`operator_${value}`) })),
          data.operator ?? "",
          (operator) => this.set(node, { operator, value: operator === "is_empty" ? undefined : data.value }),
        ),
        t("operator"),
      ),
    ];
    if (data.operator !== "is_empty") {
      shown.push(this.labelled(node, "value", this.value(node, chosen), t("value")));
    }
    return shown;
  }

  value(node, chosen) {
    const { data } = node;
    if (chosen?.options.length && ["equals", "not_equals"].includes(data.operator)) {
      const options = chosen.options.map((value) => ({ value, text: value }));
      return select([{ value: "", text: t("chooseValue") }, ...options], String(data.value ?? ""), (value) =>
        this.set(node, { value: value || undefined }),
      );
    }
    const type = data.operator === "contains" ? "text" : ({ number: "number", date: "date" }[chosen?.type] ?? "text");
    return input(data.value, (value) => this.set(node, { value: value === "" ? undefined : value }, "value", true), {
      type,
      step: type === "number" ? "any" : null,
    });
  }

  /* Where it goes on: what dragging a line does, by keyboard. */
  then(node) {
    const { actions, store } = this.editor;
    const before = leading(store.workflow, node.id);
    const others = [...this.editor.names().keys()].filter((id) => id !== node.id);
    const controls = exits(node).map((when) => {
      const to = target(store.workflow, node.id, when) ?? "";
      const options = others
        .filter((id) => kindOf(find(store.workflow, id)) !== "start")
        .map((id) => {
          const off = id !== to && before.has(id);
          return { value: id, text: off ? t("comesBefore", { name: actions.name(id) }) : actions.name(id), off };
        });
      return this.labelled(
        node,
        `exit:${when}`,
        select([{ value: "", text: t("nothingYet") }, ...options], to, (id) => actions.connect(node.id, when, id)),
        t(when ? `goesTo_${when}` : "goesTo"),
      );
    });
    if (!controls.length) {
      return [];
    }
    const adds = store.readOnly
      ? []
      : exits(node).map((when) => {
          const made = button(
            "flz-ed-quiet",
            [icon("add"), t(when ? `addAfter_${when}` : "addAfter")],
            () => actions.add(made, node.id, when),
            { "data-key": `then ${when}`, "aria-haspopup": "menu" },
          );
          return made;
        });
    return [
      h(
        "section.flz-ed-then",
        { "aria-label": t("then") },
        h("h3", {}, t("then")),
        controls,
        h("div.flz-ed-then-add", {}, adds),
      ),
    ];
  }

  /** What is wrong, anew; what is being typed stays. */
  retell() {
    const { chosen } = this.editor.store;
    if (chosen !== null) {
      retell(this.box, this.editor.problemsOf(chosen));
    }
  }

  /** Go to a field, or to the head. */
  focus(name) {
    const fields = [...this.box.querySelectorAll("[data-field]")];
    const found = name ? fields.find((each) => each.dataset.field === name) : null;
    (found ?? this.box.querySelector("[data-key=head]"))?.focus();
  }
}

const blank = (options, value) => (value ? options : [{ value: "", text: t("choose") }, ...options]);
