"use strict";
/* The shell's script, run before the page is painted; and what the theme leaves out: its role-less elements by keyboard,
   icons, names of fields, the menu on a telephone, shortcuts. Pages have scripts of their own. */
{
  const root = document.documentElement;
  const WIDE = window.matchMedia("(min-width: 1280px)");
  const CLICKABLE = "[x-on\\:click]:not(button):not(input):not(select):not(a[href]):not([role])";
  const ICON = ".material-symbols-outlined";

  /* ------------------------------------------------------------------------------------ before the first paint */

  function stored(name) {
    try {
      return JSON.parse(localStorage.getItem(name));
    } catch {
      return null;
    }
  }

  function paintInTheRightColours() {
    const chosen = root.dataset.theme || stored("adminTheme") || "auto";
    const dark = chosen === "dark" || (chosen === "auto" && window.matchMedia("(prefers-color-scheme: dark)").matches);
    if (!root.className) {
      root.className = dark ? "dark" : "light";
    }
  }

  paintInTheRightColours();
  root.classList.toggle("flz-nav-folded", stored("flzNavFolded") === true);

  /* --------------------------------------------------------------------------------------------------- the menu */

  const menuButton = () => document.querySelector('[data-menu="toggle"]');

  /* On a narrow screen the page can't be reached while the menu lies over it, so that Tab stays within. */
  function showMenu(open) {
    root.classList.toggle("flz-nav-open", open);
    document.getElementById("main")?.toggleAttribute("inert", open);
    sayMenu();
    if (open) {
      const menu = document.getElementById("nav-sidebar");
      (menu?.querySelector("nav [aria-current]") || menu?.querySelector("nav a"))?.focus();
    } else {
      menuButton()?.focus();
    }
  }

  function foldMenu() {
    const folded = root.classList.toggle("flz-nav-folded");
    localStorage.setItem("flzNavFolded", JSON.stringify(folded));
    sayMenu();
  }

  function sayMenu() {
    const shown = WIDE.matches ? !root.classList.contains("flz-nav-folded") : root.classList.contains("flz-nav-open");
    menuButton()?.setAttribute("aria-expanded", String(shown));
  }

  function menuClicked(event) {
    const asked = event.target.closest("[data-menu]")?.dataset.menu;
    if (asked === "close") {
      showMenu(false);
    } else if (asked === "toggle") {
      WIDE.matches ? foldMenu() : showMenu(!root.classList.contains("flz-nav-open"));
    }
  }

  function widthChanged() {
    if (WIDE.matches && root.classList.contains("flz-nav-open")) {
      showMenu(false);
    }
    sayMenu();
  }

  /* A <details> that is a menu closes like one. */
  function closeMenus(except) {
    for (const menu of document.querySelectorAll("details[data-closes][open]")) {
      if (menu !== except) {
        menu.open = false;
      }
    }
  }

  function escape() {
    const menu = document.querySelector("details[data-closes][open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (root.classList.contains("flz-nav-open")) {
      showMenu(false);
    }
  }

  /* -------------------------------------------------------------------------------------------------- shortcuts */

  let goes = 0;

  const isTyping = (target) => Boolean(target.closest("input, textarea, select, [contenteditable], dialog"));

  function searchBox() {
    const boxes = document.querySelectorAll('#searchbar, main [data-search], main [type="search"]');
    return [...boxes].find((box) => box.offsetParent);
  }

  function goTo(key) {
    const link = document.querySelector(`#nav-sidebar a[data-key="${CSS.escape(key)}"]`);
    if (link) {
      window.location.assign(link.href);
    }
    return Boolean(link);
  }

  function showShortcuts() {
    closeMenus();
    document.getElementById("shortcuts")?.showModal();
  }

  function shortcut(event) {
    if (event.key === "Escape") {
      escape();
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) {
      return;
    }
    const afterG = Date.now() - goes < 1500;
    goes = event.key === "g" && !afterG ? Date.now() : 0;
    const box = event.key === "/" && searchBox();
    if (box) {
      box.focus();
      box.select?.();
    } else if (event.key === "?") {
      showShortcuts();
    } else if (!afterG || !goTo(event.key)) {
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /* ------------------------------------------------------------------------------------- what the theme leaves out */

  function makeReachable(part) {
    for (const element of part.querySelectorAll(CLICKABLE)) {
      if (element.id !== "changelist-filter-close" && !element.matches("[x-on\\:click\\.outside]")) {
        element.setAttribute("role", "button");
        element.setAttribute("tabindex", "0");
      }
    }
  }

  function pressed(event) {
    const target = event.target;
    if ((event.key === "Enter" || event.key === " ") && target.matches('[role="button"][tabindex="0"]:not(button)')) {
      event.preventDefault();
      target.click();
    }
  }

  /* An icon's name is its text, which would be read aloud, and is drawn by icons.css. */
  function drawIcon(icon) {
    const name = icon.textContent.trim();
    if (name && icon.dataset.icon !== name) {
      icon.dataset.icon = name;
      icon.setAttribute("aria-hidden", "true");
      const drawn = getComputedStyle(icon).getPropertyValue("--flz-icon");
      icon.classList.toggle("flz-from-font", !drawn);
      if (!drawn) {
        fetchIconFont();
      }
    }
  }

  /* 290 kB, for an icon that icons.css doesn't have. */
  function fetchIconFont() {
    if (!document.getElementById("icon-font")) {
      document.head.append(Object.assign(document.createElement("link"), { id: "icon-font", rel: "stylesheet", href: root.dataset.iconFont }));
    }
  }

  function drawIcons(changes) {
    for (const change of changes) {
      const within = change.target.nodeType === Node.ELEMENT_NODE ? change.target : change.target.parentElement;
      const icon = within?.closest(ICON);
      if (icon) {
        drawIcon(icon);
      }
      for (const node of change.addedNodes) {
        node.querySelectorAll?.(ICON).forEach(drawIcon);
      }
    }
  }

  /* ----------------------------------------------------------------------------------------- small helps for pages */

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
      button.focus(); // Selecting has taken it away.
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

  function submitOnChange(select) {
    select.form.querySelector("button")?.setAttribute("hidden", "");
    select.addEventListener("change", () => select.form.requestSubmit());
  }

  /* Without leaving the page, on which somebody may have begun to write; refused, it shows again what is true. */
  function sendOnChange(select) {
    const form = select.form;
    let kept = select.value;
    let sending = Promise.resolve();
    async function send(body) {
      useFreshToken(body);
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "error" });
      return answer.json();
    }
    async function change(value, body) {
      const told = await send(body).catch(() => ({ moved: false, text: form.dataset.failed }));
      if (told.moved) {
        kept = value;
      } else if (select.value === value) {
        select.value = kept;
      }
      const shown = document.querySelector("#timeline [aria-current]");
      if (told.moved && shown) {
        await window.htmx?.ajax("GET", shown.href, { target: "#timeline", swap: "outerHTML" }).catch(() => {});
      }
      form.querySelector("[role=status]").textContent = told.text;
    }
    form.querySelector("button").hidden = true;
    select.addEventListener("change", () => {
      const value = select.value;
      const body = new FormData(form);
      sending = sending.then(() => change(value, body));
    });
  }

  /* ------------------------------------------------------------------------- what was typed, across a login */

  const KEPT = "flzKept";
  const TOKEN = "csrfmiddlewaretoken";
  const KEPT_FOR = 3600 * 1000;
  const KEEPING = "form.warn-unsaved-form, form[data-keep]";
  const SECRET = /secret|password|token/i;
  const address = () => location.pathname + location.search;

  /* Signing in, in another tab, has made the one on this page worthless. */
  function useFreshToken(body) {
    const fresh = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
    if (fresh && body.has(TOKEN)) {
      body.set(TOKEN, fresh);
    }
  }

  const isKept = (field) =>
    field.name && field.name !== TOKEN && !["password", "file", "submit", "button"].includes(field.type) &&
    !SECRET.test(field.name) && !/^(off|new-password|current-password|one-time-code)$/.test(field.autocomplete);

  const isTick = (field) => field.type === "checkbox" || field.type === "radio";

  const valueOf = (field) =>
    isTick(field) ? field.checked : field.multiple ? [...field.options].map((each) => each.selected) : field.value;

  function setValue(field, value) {
    if (isTick(field)) {
      field.checked = value;
    } else if (field.multiple) {
      [...field.options].forEach((each, number) => { each.selected = value[number]; });
    } else {
      field.value = value;
    }
  }

  /* Which field of a form it is: ticks of one name are told apart by what they stand for. */
  const nameOf = (field) => (isTick(field) ? `${field.name}=${field.value}` : field.name);

  function submitted(event) {
    const form = event.target;
    const token = form.elements[TOKEN];
    if (token) {
      const body = new FormData(form);
      useFreshToken(body);
      token.value = body.get(TOKEN);
    }
    if (form.matches(KEEPING) && !event.defaultPrevented) {
      const fields = [...form.elements].filter(isKept).map((field) => [nameOf(field), valueOf(field)]);
      keep({ at: Date.now(), person: root.dataset.person, address: address(), form: form.id, fields });
    }
  }

  function keep(what) {
    try {
      sessionStorage.setItem(KEPT, JSON.stringify(what));
    } catch {
      sessionStorage.removeItem(KEPT); // Too much for it: an older one would be wrong.
    }
  }

  /* Any page but the login says that the server has had it: only back at the form, right after, was it lost. */
  function putBack() {
    const kept = JSON.parse(sessionStorage.getItem(KEPT));
    if (!kept) {
      return;
    }
    if (document.getElementById("login-form")) {
      keep({ ...kept, login: true });
      return;
    }
    sessionStorage.removeItem(KEPT);
    const isBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
    const isTheirs = kept.person === root.dataset.person && Date.now() - kept.at < KEPT_FOR;
    const form = [...document.querySelectorAll(KEEPING)].find((each) => each.id === kept.form);
    if (form && isTheirs && kept.address === address() && (kept.login || isBack)) {
      restore(form, new Map(kept.fields));
    }
  }

  function restore(form, values) {
    const before = [];
    for (const field of [...form.elements].filter(isKept)) {
      const value = values.get(nameOf(field));
      const shown = valueOf(field);
      if (value !== undefined && JSON.stringify(value) !== JSON.stringify(shown)) {
        before.push([field, shown]);
        setValue(field, value);
      }
    }
    if (before.some(([field]) => field.type !== "hidden")) {
      sayRestored(form, before);
    }
    tell(before);
  }

  const tell = (changed) => changed.forEach(([field]) => {
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });

  function sayRestored(form, before) {
    const said = document.getElementById("kept-text").content.firstElementChild.cloneNode(true);
    said.querySelector("button").addEventListener("click", () => {
      before.forEach(([field, value]) => setValue(field, value));
      tell(before);
      said.remove();
      form.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    });
    form.before(said);
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll(ICON).forEach(drawIcon);
    new MutationObserver(drawIcons).observe(document.body, { childList: true, subtree: true, characterData: true });
    makeReachable(document);
    sayMenu();
    document.querySelectorAll("[data-copy]").forEach(copyOnClick);
    document.querySelectorAll("[data-drop]").forEach(dropFiles);
    document.querySelectorAll("[data-tick]").forEach(tickAll);
    document.querySelectorAll("select[data-submit]").forEach(submitOnChange);
    document.querySelectorAll("select[data-send]").forEach(sendOnChange);
    document.addEventListener("submit", submitted);
    document.querySelector("[data-shortcuts]")?.addEventListener("click", showShortcuts);
    document.querySelector("#shortcuts [data-close]")?.addEventListener("click", () => document.getElementById("shortcuts").close());
    WIDE.addEventListener("change", widthChanged);
    document.addEventListener("click", (event) => { closeMenus(event.target.closest("details[data-closes]")); menuClicked(event); });
    document.addEventListener("keydown", pressed);
    document.addEventListener("keydown", shortcut);
  });
  // Once the theme and the page's own scripts listen to the fields.
  window.addEventListener("load", putBack);
}
