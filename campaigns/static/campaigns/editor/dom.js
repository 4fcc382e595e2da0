/* Elements in one line each, and the texts that the page came with. */

let texts = {};
let plural = new Intl.PluralRules("en");

export function speak(given, language) {
  texts = given;
  plural = new Intl.PluralRules(language);
}

/** The text of that name, with its %(placeholders)s filled in. With `count`, its singular or plural. */
export function t(name, values = {}) {
  let text = texts[name] ?? name;
  if (Array.isArray(text)) {
    text = text[plural.select(values.count) === "one" ? 0 : 1];
  }
  return text.replace(/%\((\w+)\)s/g, (_, key) => values[key] ?? "");
}

/** h("button.flz-ed-x", { onclick, "aria-label": … }, children…); null and false children are left out. */
export function h(what, attributes = {}, ...children) {
  const [tag, ...classes] = what.split(".");
  const element = document.createElement(tag);
  if (classes.length) {
    element.className = classes.join(" ");
  }
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) {
      element.addEventListener(name.slice(2), value);
    } else if (["value", "checked", "disabled", "selected", "hidden"].includes(name)) {
      element[name] = value;
    } else if (value === true) {
      element.setAttribute(name, "");
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function button(what, text, onclick, attributes = {}) {
  return h(`button.${what}`, { type: "button", onclick, ...attributes }, text);
}

/** A picture that icons.css draws. */
export function icon(name) {
  return h("span.flz-icon", { "data-icon": name, "aria-hidden": "true" });
}

/** A button that shows only a picture; `name` is what it is called. */
export function iconButton(what, picture, name, onclick, attributes = {}) {
  return button(what, icon(picture), onclick, { "aria-label": name, title: name, ...attributes });
}

/** Rebuild what is inside, and give the focus back to what has the same data-key. */
export function refill(element, children) {
  const key = element.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  element.replaceChildren(...children.filter(Boolean));
  if (key) {
    [...element.querySelectorAll("[data-key]")]
      .find((each) => each.dataset.key === key)
      ?.focus({ preventScroll: true });
  }
}
