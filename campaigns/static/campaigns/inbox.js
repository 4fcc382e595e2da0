"use strict";
/* The inbox by keyboard, and the draft of an answer kept until it is sent. */
{
  const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]");

  function move(rows, step) {
    const at = rows.indexOf(document.activeElement);
    const next = at < 0 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1);
    rows[next]?.focus();
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
    const wanted = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
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
}
