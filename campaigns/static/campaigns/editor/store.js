/* The workflow as it is now, what it was before, and which step is chosen. */

const MOST_UNDONE = 200;

export class Store {
  constructor(workflow, readOnly) {
    this.workflow = workflow;
    this.readOnly = readOnly;
    this.chosen = null;
    this.past = [];
    this.future = [];
    this.listeners = [];
    this.merging = null;
  }

  /** `listener(what)`: "changed" where the workflow did, "typed" where only the text that is being typed, "chosen". */
  listen(listener) {
    this.listeners.push(listener);
  }

  unlisten(listener) {
    this.listeners = this.listeners.filter((each) => each !== listener);
  }

  tell(what) {
    this.listeners.forEach((listener) => listener(what));
  }

  /** Change the workflow. `name`: what was done, as undoing it is called. Changes with the same `merge` are one. */
  change(workflow, name, { merge = null, chosen = this.chosen } = {}) {
    if (this.readOnly) {
      return;
    }
    if (!merge || merge !== this.merging) {
      this.past.push({ workflow: this.workflow, chosen: this.chosen, name });
      this.past.splice(0, this.past.length - MOST_UNDONE);
    }
    this.merging = merge;
    this.future = [];
    this.workflow = workflow;
    this.chosen = chosen;
    this.tell(merge ? "typed" : "changed");
  }

  /** What is typed from now on is undone by itself. */
  settle() {
    this.merging = null;
  }

  undo() {
    this.step(this.past, this.future);
  }

  redo() {
    this.step(this.future, this.past);
  }

  step(from, to) {
    const found = from.pop();
    if (!found || this.readOnly) {
      return;
    }
    to.push({ workflow: this.workflow, chosen: this.chosen, name: found.name });
    this.workflow = found.workflow;
    this.chosen = this.exists(found.chosen) ? found.chosen : this.exists(this.chosen) ? this.chosen : null;
    this.merging = null;
    this.tell("changed");
  }

  exists(id) {
    return id !== null && this.workflow.nodes.some((node) => node.id === id);
  }

  choose(id) {
    this.chosen = this.exists(id) ? id : null;
    this.merging = null;
    this.tell("chosen");
  }

  /** Take over a workflow from the server; nothing before it can be brought back. */
  replace(workflow) {
    this.workflow = workflow;
    this.past = [];
    this.future = [];
    this.merging = null;
    this.chosen = this.exists(this.chosen) ? this.chosen : null;
    this.tell("changed");
  }
}
