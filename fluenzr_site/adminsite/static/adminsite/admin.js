"use strict";
/* What the theme leaves out: its role-less elements by keyboard, a way past the menu, "/" to search. */
{
  const CLICKABLE = "[x-on\\:click]:not(button):not(input):not(select):not(a[href]):not([role])";
  const NAMES = { dock_to_right: "data-name-menu", close: "data-name-close" };

  function makeReachable(root) {
    for (const element of root.querySelectorAll(CLICKABLE)) {
      if (element.id === "changelist-filter-close" || element.matches("[x-on\\:click\\.outside]")) {
        continue;
      }
      element.setAttribute("role", "button");
      element.setAttribute("tabindex", "0");
      nameIcon(element);
    }
  }

  function nameIcon(element) {
    const name = NAMES[element.textContent.trim()];
    if (name && !element.hasAttribute("aria-label")) {
      element.setAttribute("aria-label", document.body.querySelector(".skip-link")?.getAttribute(name) || "");
    }
  }

  /* An icon's name is its text, which would be read aloud. */
  function silenceIcons() {
    for (const icon of document.querySelectorAll(".material-symbols-outlined:not([role])")) {
      icon.setAttribute("aria-hidden", "true");
    }
  }

  /* Made anew after each choice, so named when it is entered. */
  function nameSearchField(event) {
    if (event.target.matches(".select2-search__field")) {
      const select = event.target.closest(".select2-container")?.parentElement.querySelector("select");
      event.target.setAttribute("aria-label", select?.labels?.[0]?.textContent.trim() || select?.name || "");
    }
  }

  function pressed(event) {
    const target = event.target;
    if ((event.key === "Enter" || event.key === " ") && target.matches('[role="button"][tabindex="0"]')) {
      event.preventDefault();
      target.click();
    }
  }

  function searchOnSlash(event) {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    const box = document.getElementById("searchbar");
    if (event.key === "/" && !typing && box && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      box.focus();
    }
  }

  function submitOnChange(select) {
    select.form.querySelector("button")?.setAttribute("hidden", "");
    select.addEventListener("change", () => select.form.submit());
  }

  function copyOnClick(button) {
    button.addEventListener("click", async () => {
      const field = document.getElementById(button.dataset.copy);
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
      } catch {
        document.execCommand("copy"); // Without https there is no clipboard to write to.
      }
      button.textContent = button.dataset.done;
    });
  }

  function dropFiles(zone) {
    const input = zone.querySelector("input[type=file]");
    const mark = (on) => zone.classList.toggle("flz-drop-over", on);
    zone.addEventListener("dragover", (event) => { event.preventDefault(); mark(true); });
    zone.addEventListener("dragleave", () => mark(false));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      mark(false);
      if (event.dataTransfer.files.length) {
        input.files = event.dataTransfer.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  }

  function tickAll(button) {
    button.addEventListener("click", () => {
      const boxes = [...button.closest("form").querySelectorAll(`input[name="${button.dataset.tick}"]`)];
      const on = boxes.some((box) => !box.checked);
      boxes.forEach((box) => { box.checked = on; });
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    makeReachable(document);
    silenceIcons();
    document.querySelectorAll("select[data-submit]").forEach(submitOnChange);
    document.querySelectorAll("[data-copy]").forEach(copyOnClick);
    document.querySelectorAll("[data-drop]").forEach(dropFiles);
    document.querySelectorAll("[data-tick]").forEach(tickAll);
    document.addEventListener("focusin", nameSearchField);
    document.addEventListener("keydown", pressed);
    document.addEventListener("keydown", searchOnSlash);
  });
}
