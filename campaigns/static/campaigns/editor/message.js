/* An e-mail's subject and text, in one version or two, and what goes with them. */

import { button, h, icon, iconButton, t } from "./dom.js";
import { checkbox, field, input } from "./fields.js";
import { hasFormatting, isHtml, toHtml, toText } from "./formats.js";
import { change, experiment } from "./experiment.js";
import { ask, openMenu } from "./popups.js";
import { openOnlyIf, openVariables, put } from "./variables.js";

/* Which version of each e-mail is on the table; and those that are HTML before their first tag. */
const open = new Map();
const html = new Set();

export function message(node, editor) {
  const data = node.data ?? {};
  const version = data.variantB ? (open.get(node.id) ?? "a") : "a";
  return [
    data.variantB ? tabs(node, editor, version) : null,
    ...writing(node, editor, version),
    ...experiment(node, editor, () => open.set(node.id, "b")),
    h(
      "details.flz-ed-more",
      { open: editor.problemsOf(node.id).some((each) => each.field.startsWith("track")) },
      h("summary", {}, t("tracking")),
      checkbox("trackOpens", t("trackOpens"), data.trackOpens !== false, (on) =>
        change(editor, node, { trackOpens: on }),
      ),
      checkbox("trackClicks", t("trackClicks"), data.trackClicks !== false, (on) =>
        change(editor, node, { trackClicks: on }),
      ),
    ),
  ].filter(Boolean);
}

/** Bring the version that a field belongs to onto the table. */
export function showVersion(id, name) {
  if (/^(b\.)?(subject|body)$/.test(name)) {
    open.set(id, name.startsWith("b.") ? "b" : "a");
  }
}

function tabs(node, editor, version) {
  const made = ["a", "b"].map((each) =>
    button(
      "flz-ed-tab",
      t(`version_${each}`),
      () => {
        open.set(node.id, each);
        editor.store.choose(node.id);
      },
      {
        role: "tab",
        "aria-selected": String(version === each),
        tabindex: version === each ? null : "-1",
        "data-key": `version ${each}`,
      },
    ),
  );
  return h(
    "div.flz-ed-versions",
    {
      role: "tablist",
      "aria-label": t("versions"),
      onkeydown: (event) => {
        if (["ArrowLeft", "ArrowRight"].includes(event.key)) {
          const other = made.find((each) => each.getAttribute("aria-selected") === "false");
          other.focus();
          other.click();
        }
      },
    },
    made,
  );
}

/** The subject, the toolbar and the text of one version. `large`: with room, as beside the preview. */
export function writing(node, editor, version, { large = false } = {}) {
  const prefix = version === "b" ? "b." : "";
  const now = () => editor.node(node.id)?.data ?? {};
  const held = () => (version === "b" ? (now().variantB ?? {}) : now());
  const write = (values) =>
    change(
      editor,
      node,
      version === "b" ? { variantB: { ...now().variantB, ...values } } : values,
      `${node.id} ${version} ${Object.keys(values)}`,
    );
  const problems = (name) => editor.problemsOf(node.id).filter((each) => each.field === `${prefix}${name}`);

  const subject = input(held().subject, (value) => write({ subject: value }), {
    maxlength: "500",
    dir: "auto",
    autocomplete: "off",
  });
  const isRich = () => isHtml(held().body ?? "") || html.has(`${node.id} ${version}`);
  const typed = () => {
    const was = isRich();
    write({ body: body.value });
    if (isRich() !== was) {
      bar.replaceWith((bar = made()));
    }
  };
  const body = h("textarea", { rows: large ? "18" : "12", dir: "auto", value: held().body ?? "", oninput: typed });
  let last = body;
  const made = () => toolbar({ node, editor, body, version, held, write, control: () => last, large, rich: isRich() });
  let bar = made();
  for (const control of [subject, body]) {
    control.addEventListener("focus", () => {
      last = control;
    });
    control.addEventListener("blur", () => editor.store.settle());
    control.addEventListener("input", (event) => begun(event, control, bar.querySelector("[data-variables]"), editor));
  }
  return [
    field(`${prefix}subject`, subject, { label: t("subject"), problems: problems("subject") }),
    h(
      "div.flz-ed-writing",
      {},
      editor.store.readOnly ? null : bar,
      field(`${prefix}body`, body, { label: t("body"), problems: problems("body"), hideLabel: true }),
    ),
  ];
}

/* Typing {{ opens the menu; what is chosen takes its place. */
function begun(event, control, anchor, editor) {
  const at = control.selectionStart;
  if (event.data === "{" && control.value.slice(at - 2, at) === "{{" && anchor) {
    openVariables(anchor, editor.held, (marker) => put(control, marker, { from: at - 2, to: at }));
  }
}

function toolbar({ node, editor, body, version, held, write, control, large, rich }) {
  const wrap = (before, after) => () => {
    const inside = body.value.slice(body.selectionStart, body.selectionEnd);
    const from = body.selectionStart + before.length;
    put(body, `${before}${inside}${after}`);
    body.setSelectionRange(from, from + inside.length);
  };
  const variables = button(
    "flz-ed-tool",
    [icon("data_object"), rich && !large ? "" : t("variable")],
    () => openVariables(variables, editor.held, (marker) => put(control(), marker)),
    { "aria-haspopup": "dialog", "data-variables": true, "aria-label": t("variable"), title: t("variable") },
  );
  const onlyIf = iconButton("flz-ed-tool", "rule", t("onlyIf"), () => openOnlyIf(onlyIf, editor.held, control()), {
    "aria-haspopup": "dialog",
  });
  const formats = button(
    "flz-ed-tool",
    [t(rich ? "formatHtml" : "formatText"), icon("expand_more")],
    () =>
      openMenu(formats, t("format"), [
        {
          text: t("formatText"),
          picture: rich ? "radio_button_unchecked" : "radio_button_checked",
          run: () => rich && plain(),
        },
        {
          text: t("formatHtml"),
          picture: rich ? "radio_button_checked" : "radio_button_unchecked",
          run: () => rich || formatted(),
        },
      ]),
    { "aria-haspopup": "menu", "data-key": `format ${large}` },
  );
  const again = () => (large ? editor.redrawDialog?.() : editor.store.choose(node.id));

  const plain = async () => {
    const text = held().body ?? "";
    if (hasFormatting(text) && !(await ask({ title: t("toTextTitle"), text: t("toTextHelp"), ok: t("toText") }))) {
      return;
    }
    html.delete(`${node.id} ${version}`);
    write({ body: toText(text) });
    again();
  };
  const formatted = () => {
    html.add(`${node.id} ${version}`);
    write({ body: toHtml(held().body ?? "") });
    again();
  };

  return h(
    "div.flz-ed-toolbar",
    { role: "toolbar", "aria-label": t("toolbar") },
    variables,
    onlyIf,
    rich
      ? [
          iconButton("flz-ed-tool", "format_bold", t("bold"), wrap("<b>", "</b>")),
          iconButton("flz-ed-tool", "format_italic", t("italic"), wrap("<i>", "</i>")),
          iconButton("flz-ed-tool", "link", t("link"), wrap('<a href="https://">', "</a>")),
          iconButton("flz-ed-tool", "format_list_bulleted", t("list"), wrap("<ul>\n<li>", "</li>\n</ul>")),
        ]
      : null,
    h("span.flz-ed-spacer"),
    formats,
  );
}

/** Writes and shows the version that is on the table; null where there is nothing to show it. */
export function previewButton(node, editor) {
  const version = () => (editor.node(node.id)?.data?.variantB ? (open.get(node.id) ?? "a") : "a");
  return editor.held.addresses.preview
    ? button("flz-ed-quiet", [icon("visibility"), t("preview")], async () => (await import("./preview.js")).openPreview(node.id, version(), editor), {
        "data-key": "preview",
      })
    : null;
}
