/* With the pointer: from a step's port to the step that it is to go on to; on empty ground, the picture is moved. */

import { h } from "./dom.js";

export function dragging(canvas) {
  const { box } = canvas;
  box.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) {
      return;
    }
    const port = event.target.closest(".flz-ed-port");
    if (port && !canvas.editor.store.readOnly) {
      connecting(canvas, port, event);
    } else if (event.pointerType === "mouse" && !event.target.closest("button")) {
      panning(box, event);
    }
  });
}

function connecting(canvas, port, begun) {
  begun.preventDefault();
  const { actions } = canvas.editor;
  const { from, when } = port.dataset;
  const rubber = h("div.flz-ed-rubber");
  canvas.box.append(rubber);
  canvas.box.classList.add("flz-ed-connecting");
  let over = null;

  const move = (event) => {
    const frame = canvas.box.getBoundingClientRect();
    const [x, y] = [begun.clientX, begun.clientY];
    rubber.style.left = `${x - frame.left + canvas.box.scrollLeft}px`;
    rubber.style.top = `${y - frame.top + canvas.box.scrollTop}px`;
    rubber.style.width = `${Math.hypot(event.clientX - x, event.clientY - y)}px`;
    rubber.style.transform = `rotate(${Math.atan2(event.clientY - y, event.clientX - x)}rad)`;
    over?.classList.remove("flz-ed-drop-yes", "flz-ed-drop-no");
    over = document.elementFromPoint(event.clientX, event.clientY)?.closest(".flz-ed-node") ?? null;
    over?.classList.add(actions.mayFollow(from, over.dataset.node) ? "flz-ed-drop-yes" : "flz-ed-drop-no");
  };
  const end = (to) => {
    over?.classList.remove("flz-ed-drop-yes", "flz-ed-drop-no");
    rubber.remove();
    canvas.box.classList.remove("flz-ed-connecting");
    document.removeEventListener("pointermove", move);
    document.removeEventListener("pointerup", up);
    document.removeEventListener("pointercancel", cancel);
    document.removeEventListener("keydown", key, true);
    if (to) {
      actions.connect(from, when, to);
    }
  };
  const up = () => end(over?.dataset.node);
  const cancel = () => end(null);
  const key = (event) => event.key === "Escape" && cancel();
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", up);
  document.addEventListener("pointercancel", cancel);
  document.addEventListener("keydown", key, true);
}

function panning(box, begun) {
  const [left, top] = [box.scrollLeft, box.scrollTop];
  const move = (event) => {
    box.scrollLeft = left - (event.clientX - begun.clientX);
    box.scrollTop = top - (event.clientY - begun.clientY);
  };
  const end = () => {
    document.removeEventListener("pointermove", move);
    box.classList.remove("flz-ed-panning");
  };
  box.classList.add("flz-ed-panning");
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", end, { once: true });
}
