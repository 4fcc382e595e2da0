/* The workflow is saved by itself, a moment after each change; what somebody else has saved isn't overwritten. */

import { button, h, icon, t } from "./dom.js";

const PAUSE = 900;
const AGAIN = 10_000;

export class Saving {
  /** `state`: where it is said how things stand. `bar`: where what needs a decision is shown. */
  constructor(editor, state, bar) {
    Object.assign(this, { editor, state, bar, was: editor.held.was, timer: null, running: null, stuck: false });
    this.saved = editor.store.workflow;
    window.addEventListener("beforeunload", (event) => {
      if (this.isUnsaved()) {
        event.preventDefault();
      }
    });
    document.addEventListener("click", (event) => this.leaving(event));
    /* A page that is left for good is often only hidden first. */
    document.addEventListener(
      "visibilitychange",
      () => document.hidden && this.isUnsaved() && !this.stuck && this.now(),
    );
  }

  isUnsaved() {
    return this.saved !== this.editor.store.workflow && !this.editor.store.readOnly;
  }

  /** Save in a moment, once nothing more is changed. */
  soon() {
    if (!this.isUnsaved()) {
      return;
    }
    if (this.stuck) {
      this.check();
      return;
    }
    this.say("saving", "progress_activity");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), PAUSE);
  }

  /* Whoever goes to another page takes what is just typed along. */
  async leaving(event) {
    const link = event.target.closest("a[href]");
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (
      !link ||
      !isPlain ||
      link.target ||
      link.getAttribute("href").startsWith("#") ||
      this.stuck ||
      !this.isUnsaved()
    ) {
      return;
    }
    event.preventDefault();
    await this.now();
    window.location.assign(link.href);
  }

  /** Save at once, after whatever is being saved. */
  async now() {
    clearTimeout(this.timer);
    await this.running;
    if (this.isUnsaved()) {
      this.running = this.save();
      await this.running;
    }
  }

  /* Whoever has pressed a button sees at once that something is done about it. */
  again() {
    this.say("saving", "progress_activity");
    return this.now();
  }

  async save() {
    const sent = this.editor.store.workflow;
    const answer = await this.editor.send(this.editor.held.addresses.save, { workflow: sent, was: this.was });
    if (answer.ok) {
      this.was = answer.body.was;
      this.saved = sent;
      this.bar.replaceChildren();
      this.editor.found(answer.body.problems, sent);
      this.isUnsaved() ? this.soon() : this.say("saved", "check");
    } else {
      this.failed(answer);
    }
  }

  failed({ status, body }) {
    if (body?.changed) {
      this.stuck = true;
      this.say("notSavedConflict", "error", true);
      this.bar.replaceChildren(this.conflict(body.changed));
      this.bar.querySelector("button").focus();
    } else if (body?.refused) {
      this.say("notSaved", "error", true, { why: body.refused });
    } else {
      const why = t(status === 0 ? "offline" : status === 401 ? "signedOut" : "serverTrouble");
      this.say("notSaved", "error", true, { why });
      this.bar.replaceChildren(
        h(
          "div.flz-ed-notice",
          {},
          h("p", {}, t("notSavedHelp")),
          button("flz-ed-quiet", t("tryAgain"), () => this.again()),
        ),
      );
      this.timer = setTimeout(() => this.now(), AGAIN);
    }
  }

  conflict(theirs) {
    const settle = (workflow) => {
      this.stuck = false;
      this.was = theirs.was;
      this.bar.replaceChildren();
      if (workflow) {
        this.saved = workflow;
        this.editor.store.replace(workflow);
        this.say("loadedTheirs", "check");
        this.check();
      } else {
        this.again();
      }
    };
    const at = new Date(theirs.at).toLocaleTimeString(this.editor.held.language, {
      hour: "2-digit",
      minute: "2-digit",
    });
    return h(
      "div.flz-ed-notice",
      { role: "alert" },
      h("p", {}, icon("group"), t("conflict", { at })),
      h(
        "div.flz-buttons",
        {},
        button("flz-ed-quiet", t("loadTheirs"), () => settle(theirs.workflow)),
        button("flz-ed-quiet", t("keepMine"), () => settle(null)),
      ),
    );
  }

  /** What is wrong with what can't be saved now. */
  async check() {
    const sent = this.editor.store.workflow;
    const answer = await this.editor.send(this.editor.held.addresses.check, { workflow: sent });
    if (answer.ok) {
      this.editor.found(answer.body.problems, sent);
    }
  }

  say(name, picture, isBad = false, values = {}) {
    const text = t(name, values);
    this.state.classList.toggle("flz-problem", isBad);
    if (this.state.textContent !== text) {
      this.state.replaceChildren(icon(picture), h("span", {}, text));
    }
  }
}
