/* The menu of variables, and how what is chosen in it comes into a text. */

import { button, h, t } from "./dom.js";
import { closePopup, openBeside } from "./popups.js";

let count = 0;

/** Put text where the cursor is, in place of what is selected, so that the browser's own undo knows it. */
export function put(control, text, { from = control.selectionStart, to = control.selectionEnd } = {}) {
  control.focus();
  control.setSelectionRange(from, to);
  if (!document.execCommand("insertText", false, text)) {
    control.setRangeText(text, from, to, "end");
    control.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/** A panel under `anchor`. `put(text)` is called with the marker: {{name|format|fallback}}. */
export function openVariables(anchor, held, choose) {
  count += 1;
  const ids = ["search", "fallback", "format"].map((name) => `flz-ed-variables-${name}-${count}`);
  const search = h("input", { type: "search", id: ids[0], autocomplete: "off", oninput: () => sought() });
  const fallback = h("input", { type: "text", id: ids[1], autocomplete: "off", placeholder: t("fallbackExample") });
  const format = h(
    "select",
    { id: ids[2] },
    ["", "uppercase", "lowercase", "short"].map((value) => h("option", { value }, t(`format_${value || "none"}`))),
  );
  const found = h("div.flz-ed-variables-list", { role: "group", "aria-label": t("variables") });
  const list = () =>
    found.replaceChildren(
      ...groups(held, search.value.split("|")[0].trim().toLowerCase(), (field) => {
        const marker = written(field.name, format.value, fallback.value);
        closePopup();
        choose(marker);
      }),
    );
  /* Who knows a marker by heart types it to its end, and goes on with the text. */
  const sought = () => {
    if (!search.value.includes("}}")) {
      list();
      return;
    }
    closePopup();
    choose(`{{${search.value.replace(/^[{\s]+/, "")}`);
  };
  list();
  const panel = h(
    "div.flz-ed-popup.flz-ed-variables",
    { role: "dialog", "aria-label": t("variables") },
    h("label.flz-unseen", { for: ids[0] }, t("searchVariables")),
    search,
    found,
    h(
      "div.flz-ed-pair",
      {},
      h("div.flz-ed-field", {}, h("label", { for: ids[1] }, t("fallback")), fallback),
      h("div.flz-ed-field", {}, h("label", { for: ids[2] }, t("format")), format),
    ),
  );
  search.placeholder = t("searchVariables");
  openBeside(anchor, panel, (event) => pressed(event, search, found));
  search.focus();
}

/* Arrows go through the list; Enter in the search takes its first. */
function pressed(event, search, found) {
  const all = [...found.querySelectorAll("button")];
  const at = all.indexOf(document.activeElement);
  if (event.key === "ArrowDown" && (at >= 0 || document.activeElement === search)) {
    event.preventDefault();
    all[Math.min(at + 1, all.length - 1)]?.focus();
  } else if (event.key === "ArrowUp" && at >= 0) {
    event.preventDefault();
    (all[at - 1] ?? search).focus();
  } else if (event.key === "Enter" && document.activeElement === search) {
    event.preventDefault();
    all[0]?.click();
  }
}

function groups(held, wanted, choose) {
  const shown = Object.entries(held.kinds).flatMap(([kind, title]) => {
    const fields = held.fields.filter(
      (each) => each.kind === kind && !each.alias && `${each.label} ${each.name}`.toLowerCase().includes(wanted),
    );
    return fields.length
      ? [
          h("h4", {}, title),
          ...fields.map((field) =>
            button("flz-ed-variable", [h("span", {}, field.label), h("code", {}, `{{${field.name}}}`)], () =>
              choose(field),
            ),
          ),
        ]
      : [];
  });
  return shown.length ? shown : [h("p.flz-hint", {}, t("noVariable"))];
}

function written(name, format, fallback) {
  /* What would end the marker, or read as a format, is written between quotes. */
  const plain = fallback.trim().replace(/[{}"]/g, "");
  const quoted = /[|]|^(uppercase|lowercase|short)$/.test(plain) ? `"${plain}"` : plain;
  return `{{${[name, format, quoted].filter(Boolean).join("|")}}}`;
}

/** What shows only where the field holds something, around what is selected. */
export function openOnlyIf(anchor, held, control) {
  const found = h("div.flz-ed-variables-list", { role: "group", "aria-label": t("onlyIf") });
  found.append(
    ...groups({ ...held, fields: held.fields.filter((each) => each.kind !== "system") }, "", (field) => {
      closePopup();
      const inside = control.value.slice(control.selectionStart, control.selectionEnd) || t("onlyIfText");
      put(control, `{% if ${field.name} %}${inside}{% else %}${t("elseText")}{% endif %}`);
    }),
  );
  const panel = h(
    "div.flz-ed-popup.flz-ed-variables",
    { role: "dialog", "aria-label": t("onlyIf") },
    h("p.flz-hint", {}, t("onlyIfHelp")),
    found,
  );
  openBeside(anchor, panel, (event) => pressed(event, null, found));
  found.querySelector("button")?.focus();
}
