/* Labelled controls of the inspector. Each has its problems beneath it, and a data-key that focus finds it by. */

import { h } from "./dom.js";

let count = 0;

/** A labelled control. `spec`: {label, hint, problems, inline}; the control is given its id and its description. */
export function field(name, control, { label, hint = "", problems = [], hideLabel = false } = {}) {
  count += 1;
  const id = `flz-ed-field-${count}`;
  control.id = id;
  control.dataset.key = `field ${name}`;
  control.dataset.field = name;
  const told = h("span.flz-ed-field-problems", { id: `${id}-problems`, "data-problems": name });
  const note = hint ? h("span.flz-hint", { id: `${id}-hint` }, hint) : null;
  control.setAttribute("aria-describedby", [hint ? `${id}-hint` : "", `${id}-problems`].filter(Boolean).join(" "));
  tell(told, control, problems);
  return h(
    "div.flz-ed-field",
    {},
    h(`label${hideLabel ? ".flz-unseen" : ""}`, { for: id }, label),
    control,
    note,
    told,
  );
}

/** Show anew what is wrong with the fields inside `box`, without touching what is being typed. */
export function retell(box, problems) {
  for (const told of box.querySelectorAll("[data-problems]")) {
    const name = told.dataset.problems;
    const control = [...box.querySelectorAll("[data-field]")].find((each) => each.dataset.field === name);
    tell(
      told,
      control,
      problems.filter((each) => each.field === name),
    );
  }
}

function tell(told, control, problems) {
  const text = problems.map((each) => each.message).join(" ");
  if (told.textContent !== text) {
    told.textContent = text;
  }
  if (control) {
    const bad = problems.some((each) => each.severity === "error");
    bad ? control.setAttribute("aria-invalid", "true") : control.removeAttribute("aria-invalid");
  }
}

export function select(options, value, onchange, attributes = {}) {
  const known = options.some((option) => option.value === value);
  const all = known || !value ? options : [{ value, text: value }, ...options];
  return h(
    "select",
    { onchange: (event) => onchange(event.target.value), ...attributes },
    all.map((option) =>
      h(
        "option",
        { value: option.value, selected: option.value === value, disabled: Boolean(option.off) },
        option.text,
      ),
    ),
  );
}

export function input(value, oninput, attributes = {}) {
  return h("input", {
    type: "text",
    value: value ?? "",
    oninput: (event) => oninput(event.target.value),
    ...attributes,
  });
}

/** What was typed as a number: undefined where nothing was, so that the server can say what is wrong with it. */
export function number(value, oninput, attributes = {}) {
  const read = (text) => oninput(text.trim() === "" || Number.isNaN(Number(text)) ? undefined : Number(text));
  return input(value, read, { type: "number", inputmode: "numeric", min: "1", step: "1", ...attributes });
}

export function checkbox(name, text, checked, onchange, { hint = "", off = false } = {}) {
  count += 1;
  const id = `flz-ed-field-${count}`;
  const box = h("input", {
    type: "checkbox",
    id,
    checked,
    disabled: off,
    "data-key": `field ${name}`,
    "data-field": name,
    "aria-describedby": hint ? `${id}-hint` : null,
    onchange: (event) => onchange(event.target.checked),
  });
  return h(
    "div.flz-ed-check",
    {},
    box,
    h("label", { for: id }, text),
    hint ? h("span.flz-hint", { id: `${id}-hint` }, hint) : null,
  );
}
