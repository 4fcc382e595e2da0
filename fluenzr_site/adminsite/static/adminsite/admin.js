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
    select.addEventListener("change", () => select.form.submit());
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
    document.querySelector("[data-shortcuts]")?.addEventListener("click", showShortcuts);
    document.querySelector("#shortcuts [data-close]")?.addEventListener("click", () => document.getElementById("shortcuts").close());
    WIDE.addEventListener("change", widthChanged);
    document.addEventListener("click", (event) => { closeMenus(event.target.closest("details[data-closes]")); menuClicked(event); });
    document.addEventListener("keydown", pressed);
    document.addEventListener("keydown", shortcut);
  });
}
