/* Two versions of an e-mail: who gets which, and which is better. */

import { h, t } from "./dom.js";
import { setData } from "./edits.js";
import { checkbox, field, number, select } from "./fields.js";
import { ask } from "./popups.js";

/** Change what an e-mail holds. What is typed with the same `merge` is undone as one. */
export function change(editor, node, values, merge = null) {
  const { store } = editor;
  store.change(setData(store.workflow, node.id, values), t(merge ? "didType" : "didChange"), { merge });
}

/** The switch between one version and two, and how the two are compared. `begin`: there are two from now on. */
export function experiment(node, editor, begin) {
  const { variantB } = node.data ?? {};
  const plan = editor.held.allowed.versions ? "" : t("planVersions", { plan: editor.held.plan });
  const turn = async (on) => {
    if (on) {
      begin();
      change(editor, node, {
        variantB: { subject: node.data.subject ?? "", body: node.data.body ?? "", split: 50, criterion: "opened" },
      });
    } else if (
      (!variantB.subject?.trim() && !variantB.body?.trim()) ||
      (await ask({ title: t("dropTitle"), text: t("dropText"), ok: t("drop") }))
    ) {
      change(editor, node, { variantB: undefined });
    } else {
      editor.store.choose(node.id);
    }
  };
  const box = checkbox("versions", t("testVersions"), Boolean(variantB), turn, {
    hint: plan || t("testVersionsHelp"),
    off: Boolean(plan) && !variantB,
  });
  return variantB
    ? [h("section.flz-ed-experiment", { "aria-label": t("versions") }, box, ...settings(node, editor, variantB))]
    : [box];
}

function settings(node, editor, variant) {
  const problems = (name) => editor.problemsOf(node.id).filter((each) => each.field === name);
  const set = (values, merge = null) =>
    change(editor, node, { variantB: compact({ ...editor.node(node.id).data.variantB, ...values }) }, merge);
  const automatic = variant.sampleSize !== undefined || variant.waitHours !== undefined;
  const share = number(variant.split, (split) => set({ split }, `${node.id} split`), { max: "99" });
  const criteria = ["opened", "clicked", "replied"].map((value) => ({ value, text: t(`winBy_${value}`) }));
  return [
    h(
      "div.flz-ed-pair",
      {},
      field("split", share, { label: t("split"), problems: problems("split") }),
      field(
        "winBy",
        select(criteria, variant.criterion ?? "opened", (criterion) => set({ criterion })),
        { label: t("winBy"), problems: problems("winBy") },
      ),
    ),
    checkbox(
      "automatic",
      t("automatic"),
      automatic,
      (on) => set(on ? { sampleSize: 100, waitHours: 24 } : { sampleSize: undefined, waitHours: undefined }),
      { hint: t(automatic ? "automaticHelp" : "manualHelp") },
    ),
    automatic
      ? h(
          "div.flz-ed-pair",
          {},
          field(
            "sampleSize",
            number(variant.sampleSize, (sampleSize) => set({ sampleSize }, `${node.id} sample`)),
            { label: t("sampleSize"), problems: problems("sampleSize") },
          ),
          field(
            "waitHours",
            number(variant.waitHours, (waitHours) => set({ waitHours }, `${node.id} wait`)),
            { label: t("waitHoursLabel"), problems: problems("waitHours") },
          ),
        )
      : null,
  ];
}

const compact = (data) => Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
