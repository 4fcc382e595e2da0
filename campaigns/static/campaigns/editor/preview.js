/* Writing with the result beside it: the e-mail as a contact gets it, wide or as on a phone, and a test of it. */

import { button, h, icon, t } from "./dom.js";
import { sandboxed } from "./formats.js";
import { writing } from "./message.js";
import { openDialog } from "./popups.js";

const PAUSE = 500;
/* Whom the last e-mail was shown as. */
let contact = "";
let narrow = !window.matchMedia("(min-width: 800px)").matches;

export function openPreview(id, version, editor) {
  const { held, store } = editor;
  const write = h("div.flz-ed-dialog-write");
  const frame = h("div.flz-ed-frame", { "data-narrow": String(narrow) });
  let timer = null;
  let asked = 0;

  const fill = () =>
    write.replaceChildren(
      ...(store.readOnly ? [] : [h("p.flz-hint", {}, t("writeHelp"))]),
      ...writing(editor.node(id), editor, version, { large: true }),
    );
  const show = async () => {
    asked += 1;
    const mine = asked;
    const answer = await editor.post(held.addresses.preview, {
      node: id,
      version,
      ...text(editor.node(id), version),
      contact,
      format: "json",
    });
    if (mine === asked) {
      frame.replaceChildren(
        answer.ok
          ? sandboxed(answer.body.html, t("previewFrame"))
          : h("p.flz-problem", { role: "alert" }, t("noPreview")),
      );
    }
  };
  const later = (what) => {
    if (what !== "chosen") {
      clearTimeout(timer);
      timer = setTimeout(show, PAUSE);
    }
  };

  const widths = [
    ["computer", "desktop", false],
    ["smartphone", "phone", true],
  ].map(([picture, name, value]) => {
    const made = button(
      "flz-ed-tool",
      [icon(picture), t(name)],
      () => {
        narrow = value;
        frame.dataset.narrow = String(narrow);
        widths.forEach((each, index) => each.setAttribute("aria-pressed", String(Boolean(index) === narrow)));
      },
      { "aria-pressed": String(value === narrow) },
    );
    return made;
  });
  const dialog = openDialog(
    `${t("writeTitle")}: ${editor.actions.name(id)}`,
    h(
      "div.flz-ed-dialog-columns",
      {},
      write,
      h(
        "section.flz-ed-preview",
        { "aria-label": t("preview") },
        h(
          "div.flz-ed-toolbar",
          {},
          people(held, (value) => {
            contact = value;
            show();
          }),
          h("span.flz-ed-spacer"),
          widths,
        ),
        frame,
        held.addresses.try ? trial(id, version, editor) : null,
      ),
    ),
    () => {
      clearTimeout(timer);
      asked += 1;
      store.unlisten(later);
      editor.redrawDialog = null;
      editor.open(id, { field: version === "b" ? "b.body" : "body" });
    },
  );
  editor.redrawDialog = fill;
  store.listen(later);
  fill();
  show();
  dialog.querySelector("textarea")?.focus();
}

function text(node, version) {
  const data = (version === "b" ? node.data?.variantB : node.data) ?? {};
  return { subject: data.subject ?? "", body: data.body ?? "" };
}

function people(held, onchange) {
  const options = held.contacts.map((each) =>
    h("option", { value: each.id, selected: each.id === contact }, each.name),
  );
  const select = h(
    "select",
    { id: "flz-ed-preview-as", onchange: (event) => onchange(event.target.value) },
    options.length ? options : [h("option", { value: "" }, t("sampleContact"))],
  );
  contact = select.value;
  return h("span.flz-ed-as", {}, h("label", { for: "flz-ed-preview-as" }, t("previewAs")), select);
}

/* The e-mail as it stands here, to an address of one's own. */
function trial(id, version, editor) {
  const to = h("input", {
    type: "email",
    id: "flz-ed-trial-to",
    value: editor.held.ownAddress,
    required: true,
    autocomplete: "email",
  });
  const said = h("p.flz-hint", { role: "status" });
  const send = h("button.flz-ed-quiet", {}, icon("send"), t("sendTest"));
  const submit = async (event) => {
    event.preventDefault();
    send.disabled = true;
    said.className = "flz-hint";
    said.textContent = t("sendingTest");
    const answer = await editor.post(editor.held.addresses.try, {
      node: id,
      version,
      ...text(editor.node(id), version),
      to: to.value,
      contact,
      format: "json",
    });
    send.disabled = false;
    said.className = answer.body?.ok ? "flz-ed-good" : "flz-problem";
    said.textContent = answer.body?.message ?? t("testFailed");
  };
  return h(
    "form.flz-ed-trial",
    { onsubmit: submit },
    h("label", { for: "flz-ed-trial-to" }, t("sendTestTo")),
    to,
    send,
    said,
  );
}
