/* The editor of a campaign's workflow: puts its parts together. Nothing is loaded from elsewhere. */

import { Actions } from "./actions.js";
import { begin } from "./begin.js";
import { Canvas } from "./canvas.js";
import { button, h, icon, refill, speak, t } from "./dom.js";
import { Inspector } from "./inspector.js";
import { showVersion } from "./message.js";
import { outline } from "./outline.js";
import { closePopup } from "./popups.js";
import { Saving } from "./saving.js";
import { Steps } from "./steps.js";
import { Store } from "./store.js";
import { find, names } from "./workflow.js";

const WIDE = window.matchMedia("(min-width: 1024px)");
const CALM = window.matchMedia("(prefers-reduced-motion: reduce)");

class Editor {
  constructor(root, held) {
    this.root = root;
    this.held = held;
    this.problems = held.problems;
    this.isChecked = true;
    this.store = new Store(held.workflow, Boolean(held.readOnly));
    this.actions = new Actions(this.store, held, this);
    this.part = Object.fromEntries([...root.querySelectorAll("[data-part]")].map((each) => [each.dataset.part, each]));
    this.canvas = new Canvas(this.part.graph, this);
    this.steps = new Steps(this.part.steps, this);
    this.inspector = new Inspector(this.part.inspector, this);
    this.saving = new Saving(this, this.part.state, this.part.notice);
    this.tools();
    this.store.listen((what) => this.heard(what));
    this.draw();
    this.canvas.fit(false);
    this.openAsked();
  }

  isWide() {
    return WIDE.matches;
  }

  node(id) {
    return find(this.store.workflow, id);
  }

  /* Writing in a step leaves the lines as they are, and with them the order and the picture. */
  outline() {
    if (this.outlined !== this.store.workflow.edges) {
      this.outlined = this.store.workflow.edges;
      this.plan = outline(this.store.workflow);
    }
    return this.plan;
  }

  names() {
    if (this.named !== this.store.workflow) {
      this.named = this.store.workflow;
      this.called = names(this.store.workflow, this.outline().order, this.held.fields);
    }
    return this.called;
  }

  problemsOf(id) {
    return this.problems.filter((each) => each.node === id);
  }

  heard(what) {
    if (what === "typed") {
      this.canvas.retell(this.store.chosen);
      this.steps.retell(this.store.chosen);
      this.history();
    } else {
      this.draw();
    }
    if (what !== "chosen") {
      this.saving.soon();
    }
  }

  draw() {
    const isEmpty = !this.store.workflow.nodes.length;
    this.root.dataset.empty = String(isEmpty && !this.store.readOnly);
    this.part.begin.replaceChildren(
      ...(isEmpty && !this.store.readOnly ? [begin(this.held, (template) => this.use(template))] : []),
    );
    this.canvas.draw();
    this.steps.draw();
    this.inspector.draw();
    this.history();
    this.list();
    if (this.store.chosen) {
      this.canvas.reveal(this.store.chosen);
      this.steps.reveal(this.store.chosen);
    }
  }

  use(template) {
    /* What was wrong with nothing says nothing about the template. */
    this.problems = [];
    this.isChecked = false;
    this.store.change(template.workflow, t("didUse", { name: template.name }));
    this.canvas.fit(false);
    this.announce(t("used", { name: template.name }));
    this.open(template.workflow.nodes[template.steps.length ? 1 : 0].id, {
      field: template.steps.length ? "subject" : "",
    });
  }

  /** Choose a step and go to it: to a field where one is named. `quietly`: without leaving where the focus is. */
  open(id, { field = "", quietly = false } = {}) {
    showVersion(id, field);
    this.store.choose(id);
    if (quietly) {
      return;
    }
    this.inspector.focus(field);
    if (!this.isWide()) {
      this.part.inspector.scrollIntoView({ block: "start", behavior: CALM.matches ? "auto" : "smooth" });
    }
  }

  /** Give the focus to a step in the picture or, on a phone, in the list. */
  focus(id) {
    if (this.isWide() && id) {
      this.store.choose(id);
      this.canvas.focus(id);
    } else {
      (this.steps.find(id) ?? this.part.steps.querySelector("[data-step]"))?.focus();
    }
  }

  /** From the chosen step to its place in the list. */
  back() {
    const row = this.steps.find(this.store.chosen);
    row?.scrollIntoView({ block: "center", behavior: CALM.matches ? "auto" : "smooth" });
    row?.focus({ preventScroll: true });
  }

  announce(text) {
    this.part.said.textContent = "";
    this.part.said.textContent = text;
  }

  /** The server's view of a workflow: shown unless it has changed since. */
  found(problems, workflow) {
    if (workflow !== this.store.workflow) {
      return;
    }
    this.problems = problems;
    this.isChecked = true;
    this.canvas.draw();
    this.steps.draw();
    this.inspector.retell();
    this.list();
  }

  /* What is to be mended; each leads to its step and field. */
  list() {
    const rows = this.problems.map((each, index) =>
      h(
        "li",
        {},
        each.node
          ? button(
              `flz-ed-mend.flz-ed-mend-${each.severity}`,
              [
                icon(each.severity === "error" ? "error" : "warning"),
                h("span", {}, h("small", {}, this.names().get(each.node)?.kind ?? ""), each.message),
              ],
              () => this.open(each.node, { field: each.field }),
              { "data-key": `mend ${index}` },
            )
          : h(`p.flz-ed-mend.flz-ed-mend-${each.severity}`, {}, icon("error"), h("span", {}, each.message)),
      ),
    );
    const title = this.problems.length ? t("problems", { count: this.problems.length }) : t("noProblems");
    const isShown = this.isChecked && this.store.workflow.nodes.length > 0;
    refill(
      this.part.problems,
      isShown
        ? [h("h2", {}, this.problems.length ? "" : icon("check_circle"), title), rows.length ? h("ul", {}, rows) : null]
        : [],
    );
  }

  tools() {
    const on = (name, run) => this.part[name]?.addEventListener("click", run);
    on("undo", () => this.store.undo());
    on("redo", () => this.store.redo());
    on("larger", () => this.canvas.larger());
    on("smaller", () => this.canvas.smaller());
    on("fit", () => this.canvas.fit(true));
    document.addEventListener("keydown", (event) => this.pressed(event));
    this.part.inspector.addEventListener("keydown", (event) => event.key === "Escape" && this.focus(this.store.chosen));
  }

  pressed(event) {
    const typing = event.target.closest("input:not([type=checkbox], [type=radio]), textarea, dialog");
    const key = event.key.toLowerCase();
    if (typing || !(event.ctrlKey || event.metaKey) || !["z", "y"].includes(key)) {
      return;
    }
    event.preventDefault();
    closePopup();
    key === "y" || event.shiftKey ? this.store.redo() : this.store.undo();
  }

  /* The buttons say what they would undo. */
  history() {
    for (const [name, list] of [
      ["undo", this.store.past],
      ["redo", this.store.future],
    ]) {
      const text = list.length ? t(`${name}What`, { what: list.at(-1).name }) : t(name);
      this.part[name]?.setAttribute("aria-label", text);
      this.part[name]?.setAttribute("aria-disabled", String(!list.length));
      this.part[name]?.setAttribute("title", text);
    }
  }

  zoomed(zoom) {
    this.part.zoom.textContent = `${Math.round(zoom * 100)} %`;
  }

  /* The address may name a step: what keeps a campaign from starting leads here. */
  openAsked() {
    const id = decodeURIComponent(window.location.hash.slice(1));
    if (this.store.exists(id)) {
      this.open(id);
    }
  }

  /** JSON to an address of ours. {ok, status, body}: status 0 without an answer, 401 where one has to sign in. */
  send(address, data) {
    return this.fetch(address, JSON.stringify(data), { "Content-Type": "application/json" });
  }

  /** The same, as a form. */
  post(address, data) {
    return this.fetch(address, new URLSearchParams(data), { Accept: "application/json" });
  }

  async fetch(address, body, headers) {
    try {
      /* The cookie first: signing in again in another tab changes it. */
      const token =
        document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ??
        this.root.querySelector("[name=csrfmiddlewaretoken]").value;
      const answer = await fetch(address, { method: "POST", body, headers: { ...headers, "X-CSRFToken": token } });
      const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
      const status = answer.redirected || answer.status === 403 ? 401 : answer.status;
      return { ok: answer.ok && isJson, status, body: isJson ? await answer.json() : null };
    } catch {
      return { ok: false, status: 0, body: null };
    }
  }
}

const root = document.querySelector("[data-editor]");
const held = JSON.parse(document.getElementById("flz-ed-held").textContent);
speak(held.texts, held.language);
new Editor(root, held);
