/* Something to begin with, where there is no step yet. */

import { h, icon, t } from "./dom.js";
import { KINDS } from "./workflow.js";

export function begin(held, choose) {
  return h(
    "section.flz-ed-begin",
    { "aria-labelledby": "flz-ed-begin-title" },
    h("h2", { id: "flz-ed-begin-title" }, t("beginTitle")),
    h("p.flz-hint", {}, t("beginHelp")),
    h(
      "ul",
      {},
      held.templates.map((template) =>
        h(
          "li",
          {},
          h(
            "button.flz-ed-template",
            { type: "button", onclick: () => choose(template) },
            h(
              "span.flz-ed-template-steps",
              { "aria-hidden": "true" },
              template.steps.length
                ? template.steps.map((kind) => h(`span.flz-ed-node-icon.flz-ed-kind-${kind}`, {}, icon(KINDS[kind])))
                : h("span.flz-ed-node-icon.flz-ed-kind-end", {}, icon("add")),
            ),
            h("strong", {}, template.name),
            h("span", {}, template.about),
          ),
        ),
      ),
    ),
  );
}
