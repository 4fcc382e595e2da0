"use strict";
/* Cards of the pipeline's board in the hand: dragged by a mouse, or by a finger that rests on one. Where a card is
   let go, the board hears "dropped". */
{
  const HOLD = 350; // milliseconds that a finger rests on a card to lift it; a quicker one scrolls
  const SLACK = 6; // pixels that a pointer may tremble
  const EDGE = 56; // pixels from the board's sides in which a dragged card makes it scroll

  const board = document.querySelector("[data-board]");
  const columnOf = (element) => element?.closest("[data-column]");

  let grip = null; // { card, x, y, byHand, timer, ghost, over … }: what the pointer holds

  function down(event) {
    const card = event.target.closest("[data-card]");
    if (!card || event.button !== 0 || !event.isPrimary || event.target.closest("button") || card.ariaBusy) {
      return;
    }
    grip = { card, x: event.clientX, y: event.clientY, byHand: event.pointerType !== "mouse" };
    if (grip.byHand) {
      grip.timer = setTimeout(begin, HOLD);
    }
  }

  function begin() {
    const { card } = grip;
    const box = card.getBoundingClientRect();
    const ghost = card.cloneNode(true);
    ghost.classList.add("flz-tile-ghost");
    ghost.setAttribute("aria-hidden", "true");
    ghost.removeAttribute("data-card");
    ghost.style.width = `${box.width}px`;
    Object.assign(grip, { ghost, left: box.left - grip.x, top: box.top - grip.y });
    document.body.append(ghost);
    card.classList.add("flz-tile-gone");
    board.classList.add("flz-board-dragging");
    follow();
    scrollAtEdges();
  }

  function moved(event) {
    if (!grip) {
      return;
    }
    const far = Math.hypot(event.clientX - grip.x, event.clientY - grip.y) > SLACK;
    if (!grip.ghost && far) {
      grip.byHand ? release() : begin();
    }
    if (grip?.ghost) {
      Object.assign(grip, { x: event.clientX, y: event.clientY });
      follow();
    }
  }

  function follow() {
    grip.ghost.style.transform = `translate(${grip.x + grip.left}px, ${grip.y + grip.top}px) rotate(1.5deg)`;
    const over = columnOf(document.elementFromPoint(grip.x, grip.y));
    if (over !== grip.over) {
      grip.over?.classList.remove("flz-column-over");
      over?.classList.add("flz-column-over");
      grip.over = over;
    }
  }

  function scrollAtEdges() {
    if (!grip?.ghost) {
      return;
    }
    const box = board.getBoundingClientRect();
    const step = grip.x > box.right - EDGE ? 10 : grip.x < box.left + EDGE ? -10 : 0;
    if (step) {
      board.scrollLeft += step;
      follow();
    }
    requestAnimationFrame(scrollAtEdges);
  }

  /* End what the pointer holds; what it held. */
  function release() {
    const was = grip;
    grip = null;
    clearTimeout(was.timer);
    was.ghost?.remove();
    was.over?.classList.remove("flz-column-over");
    was.card.classList.remove("flz-tile-gone");
    board.classList.remove("flz-board-dragging");
    return was;
  }

  function up() {
    if (!grip) {
      return;
    }
    const { card, ghost, over } = release();
    if (ghost) {
      // The click that ends a drag opens nothing.
      const swallow = (event) => { event.preventDefault(); event.stopPropagation(); };
      document.addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => document.removeEventListener("click", swallow, { capture: true }));
      if (over) {
        board.dispatchEvent(new CustomEvent("dropped", { detail: { card, column: over } }));
      }
    }
  }

  if (board) {
    board.addEventListener("pointerdown", down);
    board.addEventListener("dragstart", (event) => event.preventDefault());
    board.addEventListener("contextmenu", (event) => grip?.byHand && event.preventDefault());
    document.addEventListener("pointermove", moved);
    document.addEventListener("pointerup", up);
    document.addEventListener("pointercancel", () => grip && release());
    document.addEventListener("selectstart", (event) => grip && event.preventDefault());
    // A finger that holds a card scrolls nothing.
    document.addEventListener("touchmove", (event) => grip?.ghost && event.preventDefault(), { passive: false });
    document.addEventListener("keydown", (event) => event.key === "Escape" && grip && release());
  }
}
