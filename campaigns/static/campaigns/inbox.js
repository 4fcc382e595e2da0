"use strict";
/* The inbox by keyboard, and the draft of an answer kept until it is sent. */
{
  const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]");

  function move(rows, step) {
    const at = rows.indexOf(document.activeElement);
    const next = at < 0 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1);
    rows[next]?.focus();
  }

  /* What a key does to the conversation of a row; false for any other key. */
  function onRow(row, key) {
    if (key === "r") {
      const at = new URL(row.href);
      at.hash = "answer";
      window.location.assign(at);
      return true;
    }
    const status = { e: "archived", u: "unread" }[key];
    const form = document.getElementById("status-form");
    if (!status || !form) {
      return false;
    }
    if (status !== row.dataset.status) {
      form.action = row.dataset.row;
      form.elements.status.value = status;
      form.requestSubmit(form.elements.status);
    }
    return true;
  }

  /* The address names the row that the keyboard was at, or the field that "r" asked for. */
  function goOn() {
    const named = document.getElementById(window.location.hash.slice(1));
    if (named?.matches("[data-row], [data-key]")) {
      named.focus();
    }
  }

  function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (isTyping(event.target)) {
      if (event.key === "Escape") {
        event.target.blur();
      }
      return;
    }
    const rows = [...document.querySelectorAll("[data-row]")];
    if ((event.key === "j" || event.key === "k") && rows.length) {
      move(rows, event.key === "j" ? 1 : -1);
      return;
    }
    const row = rows.find((each) => each === document.activeElement);
    if (row && onRow(row, event.key)) {
      event.preventDefault();
      return;
    }
    // The menu has keys of its own, after "g".
    const wanted = document.querySelector(`main [data-key="${CSS.escape(event.key)}"]`);
    if (wanted) {
      event.preventDefault();
      wanted.matches("textarea") ? wanted.focus() : wanted.click();
    }
  }

  /* A draft has the form's token: once the answer of that token is in the thread, the draft is done with. */
  function keepDraft(form) {
    const name = `answer ${form.dataset.answer}`;
    const text = form.elements.text;
    const token = form.elements.token;
    let draft = null;
    try {
      draft = JSON.parse(localStorage.getItem(name));
    } catch {
      // Not ours, or storage is closed.
    }
    if (draft && document.getElementById(draft.token)) {
      localStorage.removeItem(name);
    } else if (draft && !text.value) {
      text.value = draft.text;
      token.value = draft.token;
    }
    text.addEventListener("input", () => {
      try {
        if (text.value.trim()) {
          localStorage.setItem(name, JSON.stringify({ token: token.value, text: text.value }));
        } else {
          localStorage.removeItem(name);
        }
      } catch {
        // Storage is full or closed: there is no draft then.
      }
    });
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
  }

  document.addEventListener("keydown", pressed);
  document.querySelectorAll("[data-answer]").forEach(keepDraft);
  goOn();
}
