/* What opens on top of the page: menus beside a button, and questions. */

import { button, h, icon, t } from "./dom.js";

let closeMenu = () => {};

/** A menu under `anchor`; items are {text, picture, run, off, danger}. `off` says why an item can't be chosen now. */
export function openMenu(anchor, label, items) {
  closeMenu();
  const entries = items.map((item) =>
    h(
      `button.flz-ed-menu-item${item.danger ? ".flz-ed-menu-danger" : ""}`,
      {
        type: "button",
        role: "menuitem",
        tabindex: "-1",
        "aria-disabled": item.off ? "true" : null,
        title: item.off || null,
        onclick: () => {
          if (!item.off) {
            closeMenu();
            item.run();
          }
        },
      },
      icon(item.picture),
      h("span", {}, item.text, item.off ? h("em", {}, item.off) : null),
    ),
  );
  const menu = h("div.flz-ed-menu", { role: "menu", "aria-label": label }, entries);
  openBeside(anchor, menu, (event) => move(event, entries));
  entries[0]?.focus();
}

/** Show `panel` under `anchor` until Escape, a press elsewhere or `closePopup`. */
export function openBeside(anchor, panel, onkeydown = () => {}) {
  closeMenu();
  /* A dialog lies above everything else on the page. */
  (anchor.closest("dialog") ?? document.body).append(panel);
  anchor.setAttribute("aria-expanded", "true");
  const box = anchor.getBoundingClientRect();
  const below = box.bottom + panel.offsetHeight + 12 < window.innerHeight || box.top < panel.offsetHeight + 12;
  panel.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - panel.offsetWidth - 8))}px`;
  const lowest = window.innerHeight - panel.offsetHeight - 8;
  panel.style.top = `${below ? Math.min(box.bottom + 4, lowest) : box.top - panel.offsetHeight - 4}px`;
  const outside = (event) => {
    if (!panel.contains(event.target)) {
      closeMenu();
    }
  };
  const key = (event) => {
    if (event.key === "Escape" || (event.key === "Tab" && panel.getAttribute("role") === "menu")) {
      event.preventDefault();
      event.stopPropagation();
      closeMenu();
    } else {
      onkeydown(event);
    }
  };
  document.addEventListener("pointerdown", outside, true);
  panel.addEventListener("keydown", key);
  closeMenu = () => {
    closeMenu = () => {};
    document.removeEventListener("pointerdown", outside, true);
    const had = panel.contains(document.activeElement);
    panel.remove();
    anchor.removeAttribute("aria-expanded");
    if (had) {
      anchor.focus();
    }
  };
}

export const closePopup = () => closeMenu();

function move(event, entries) {
  const at = entries.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: entries.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    entries[(to + entries.length) % entries.length].focus();
  }
}

/** Ask before something is done. Resolves to the value of the option that is chosen in the end (true without
 * options), or to null. */
export function ask({ title, text, options = [], chosen = "", ok }) {
  const radios = options.map((option) =>
    h("input", { type: "radio", name: "flz-ed-ask", value: option.value, checked: option.value === chosen }),
  );
  const dialog = h(
    "dialog.flz-ed-dialog",
    { "aria-label": title },
    h(
      "form",
      { method: "dialog" },
      h("h2", {}, title),
      h("p", {}, text),
      options.map((option, index) => h("label.flz-ed-choice", {}, radios[index], h("span", {}, option.text))),
      h(
        "div.flz-buttons",
        {},
        h("button.flz-ed-danger", { value: "ok" }, ok),
        h("button.flz-ed-quiet", { value: "" }, t("leave")),
      ),
    ),
  );
  document.body.append(dialog);
  const before = document.activeElement;
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const answer = radios.find((radio) => radio.checked)?.value ?? true;
      dialog.remove();
      before?.focus?.();
      resolve(dialog.returnValue === "ok" ? answer : null);
    });
    dialog.showModal();
  });
}

/** A dialog for work of its own; `onclose` is called when it is left. */
export function openDialog(title, children, onclose) {
  const dialog = h(
    "dialog.flz-ed-dialog.flz-ed-dialog-large",
    { "aria-label": title },
    h(
      "header",
      {},
      h("h2", {}, title),
      button("flz-ed-quiet", t("done"), () => dialog.close()),
    ),
    children,
  );
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    closeMenu();
    dialog.remove();
    onclose();
  });
  dialog.showModal();
  return dialog;
}
