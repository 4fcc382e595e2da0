"use strict";
/* The pipeline's board: cards moved by keyboard or menu, or by a pointer (board_drag.js). A move shows at once, and
   goes back when the server refuses it. A column keeps its own order, so a card has one place in each. */
{
  const board = document.querySelector("[data-board]");
  const live = document.querySelector("[data-live]");
  const toast = document.querySelector("[data-toast]");
  const dialog = document.querySelector("[data-dialog]");
  const numbers = new Intl.NumberFormat(document.documentElement.lang || "en");

  let lifted = null; // { card, from, over }: carried by keyboard

  const columns = () => [...board.querySelectorAll("[data-column]:not([hidden])")];
  const columnOf = (element) => element?.closest("[data-column]");
  const columnNamed = (id) => board.querySelector(`[data-column="${CSS.escape(id)}"]`);
  const cardsOf = (column) => [...column.querySelectorAll("[data-card]")];
  const nameOf = (element) => element.dataset.name;

  function text(name, values) {
    return board.getAttribute(`data-text-${name}`).replace(/%\((\w+)\)[sd]/g, (_all, key) => values[key]);
  }

  function say(said) {
    live.textContent = said;
  }

  /* ------------------------------------------------------------------------------------ cards and columns */

  /* One stop of the Tab key a column, and its buttons; arrows lead to the other cards. */
  function setStops(card, on) {
    card.tabIndex = on ? 0 : -1;
    card.querySelectorAll("a, button").forEach((inner) => { inner.tabIndex = card.tabIndex; });
  }

  function makeCurrent(column, card) {
    const cards = cardsOf(column);
    const current = card || cards.find((each) => each.tabIndex === 0) || cards[0];
    cards.forEach((each) => setStops(each, each === current));
  }

  function count(column, step) {
    column.dataset.count = Math.max(0, Number(column.dataset.count) + step);
    const shown = numbers.format(column.dataset.count);
    for (const each of document.querySelectorAll(`[data-count-of="${CSS.escape(column.dataset.column)}"]`)) {
      each.textContent = shown;
    }
  }

  /* Newest contact first, as the server sorts them: ids begin with the time. */
  function place(card, column) {
    const before = columnOf(card);
    if (before === column) {
      return;
    }
    const had = document.activeElement === card;
    column.hidden = false;
    document.querySelector(`[data-jump="${CSS.escape(column.dataset.column)}"]`)?.removeAttribute("hidden");
    const next = cardsOf(column).find((other) => other.dataset.card < card.dataset.card);
    column.querySelector("[data-cards]").insertBefore(card, next || null);
    count(before, -1);
    count(column, 1);
    makeCurrent(before);
    makeCurrent(column, card);
    if (had) {
      card.focus({ preventScroll: true });
    }
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /* What the card says of its time in the stage is another now. */
  function renew(card, html) {
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    const { className, innerHTML } = fresh.content.querySelector("[data-card]");
    Object.assign(card, { className, innerHTML });
    setStops(card, card.tabIndex === 0);
  }

  function flash(card) {
    card.classList.remove("flz-tile-landed");
    card.getBoundingClientRect(); // Read, so that the animation begins anew.
    card.classList.add("flz-tile-landed");
  }

  /* ---------------------------------------------------------------------------------------------- moving */

  function tell(said, undo) {
    say(said);
    toast.querySelector("[data-said]").textContent = said;
    const button = toast.querySelector("[data-undo]");
    button.hidden = !undo;
    button.onclick = undo;
    toast.classList.toggle("flz-toast-bad", !undo);
    toast.hidden = false;
  }

  /* The card is in `to` by now; ask the server to agree. */
  async function send(card, from, to, note = "") {
    const values = { contact: card.dataset.card, seen: from.dataset.column, stage: to.dataset.column, note };
    const token = dialog.querySelector("[name=csrfmiddlewaretoken]").value;
    const named = { name: nameOf(card), stage: nameOf(from) };
    card.setAttribute("aria-busy", "true");
    let said = text("offline", named);
    let where = from;
    try {
      const answer = await fetch(board.dataset.url, {
        method: "POST", body: new URLSearchParams(values), headers: { "X-CSRFToken": token },
      });
      said = text("failed", named);
      const told = await answer.json();
      said = told.message;
      where = (told.stage && columnNamed(told.stage)) || from;
      if (answer.ok) {
        renew(card, told.card);
        flash(card);
        tell(said, () => { place(card, from); card.focus(); send(card, to, from); });
        return;
      }
    } catch {
      // What is to be said is said already: offline, or no answer of ours.
    } finally {
      card.removeAttribute("aria-busy");
    }
    place(card, where);
    flash(card);
    tell(said);
  }

  function move(card, to, note) {
    const from = columnOf(card);
    if (from !== to) {
      place(card, to);
      send(card, from, to, note);
    }
  }

  /* ------------------------------------------------------------------------------------------ by keyboard */

  function lift(card) {
    lifted = { card, from: columnOf(card) };
    card.classList.add("flz-tile-lifted");
    say(text("lifted", { name: nameOf(card), stage: nameOf(lifted.from) }));
  }

  function letGo() {
    const was = lifted;
    lifted = null;
    was.card.classList.remove("flz-tile-lifted");
    return was;
  }

  function drop() {
    const { card, from } = letGo();
    const to = columnOf(card);
    to === from ? say(text("back", { name: nameOf(card), stage: nameOf(from) })) : send(card, from, to);
  }

  function putBack() {
    const { card, from } = letGo();
    place(card, from);
    say(text("back", { name: nameOf(card), stage: nameOf(from) }));
  }

  function carry(step) {
    const all = columns();
    const at = all.indexOf(columnOf(lifted.card)) + step;
    if (all[at]) {
      place(lifted.card, all[at]);
      say(text("over", { name: nameOf(lifted.card), stage: nameOf(all[at]), place: at + 1, count: all.length }));
    }
  }

  function goTo(card) {
    card?.focus({ preventScroll: true });
    card?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function goSideways(card, step) {
    const all = columns();
    const place = cardsOf(columnOf(card)).indexOf(card);
    for (let at = all.indexOf(columnOf(card)) + step; all[at]; at += step) {
      const cards = cardsOf(all[at]);
      if (cards.length) {
        goTo(cards[Math.min(place, cards.length - 1)]);
        return;
      }
    }
  }

  function goAlong(card, step) {
    const cards = cardsOf(columnOf(card));
    goTo(cards[cards.indexOf(card) + step]);
  }

  const CARRYING = {
    ArrowLeft: () => carry(-1),
    ArrowRight: () => carry(1),
    ArrowUp: () => say(text("sorted", {})),
    ArrowDown: () => say(text("sorted", {})),
    Enter: drop,
    " ": drop,
    Escape: putBack,
    Tab: putBack,
  };
  const STANDING = {
    ArrowLeft: (card) => goSideways(card, -1),
    ArrowRight: (card) => goSideways(card, 1),
    ArrowUp: (card) => goAlong(card, -1),
    ArrowDown: (card) => goAlong(card, 1),
    Home: (card) => goTo(cardsOf(columnOf(card))[0]),
    End: (card) => goTo(cardsOf(columnOf(card)).at(-1)),
    Enter: (card) => card.querySelector("a").click(),
    " ": (card) => card.hasAttribute("aria-busy") || lift(card),
    m: (card) => ask(card),
  };

  function pressed(event) {
    const known = (lifted ? CARRYING : STANDING)[event.key];
    if (known && event.target.matches("[data-card]") && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      event.stopPropagation();
      known(event.target);
    }
  }

  /* --------------------------------------------------------------------------------------- by the dialog */

  function ask(card) {
    const form = dialog.querySelector("form");
    const here = columnOf(card).dataset.column;
    const radios = [...form.elements.stage];
    form.reset();
    dialog.querySelector("[data-who]").textContent = nameOf(card);
    radios.forEach((radio) => { radio.disabled = radio.value === here; });
    const next = radios[radios.findIndex((radio) => radio.disabled) + 1] || radios.find((radio) => !radio.disabled);
    next.checked = true;
    form.onsubmit = (event) => {
      event.preventDefault();
      dialog.close();
      card.focus();
      move(card, columnNamed(form.elements.stage.value), form.elements.note.value);
    };
    dialog.onclose = () => card.focus();
    dialog.showModal();
    next.focus();
  }

  /* -------------------------------------------------------------------------------------------- more cards */

  async function more(button) {
    const column = columnOf(button);
    const url = new URL(board.dataset.moreUrl, location.href);
    url.searchParams.set("stage", column.dataset.column);
    url.searchParams.set("before", button.dataset.before);
    button.disabled = true;
    try {
      const answer = await fetch(url);
      const told = await answer.json();
      const fresh = document.createElement("template");
      fresh.innerHTML = told.html;
      const added = [...fresh.content.querySelectorAll("[data-card]")].filter(
        (card) => !board.querySelector(`[data-card="${CSS.escape(card.dataset.card)}"]`),
      );
      added.forEach((card) => setStops(card, false));
      column.querySelector("[data-cards]").append(...added);
      button.dataset.before = told.before;
      button.hidden = !told.before;
      makeCurrent(column, button.hidden ? added[0] : null);
      say(text("loaded", { count: added.length }));
      if (button.hidden) {
        goTo(added[0]);
      }
    } catch {
      tell(text("more-failed", {}));
    } finally {
      button.disabled = false;
    }
  }

  function clicked(event) {
    const button = event.target.closest("[data-move], [data-more]");
    if (button) {
      button.matches("[data-more]") ? more(button) : ask(button.closest("[data-card]"));
    }
  }

  /* The row of stages on a phone: leads to one, and shows which is in sight. */
  function jumps() {
    const links = new Map([...document.querySelectorAll("[data-jump]")].map((link) => [link.dataset.jump, link]));
    const seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        links.get(target.dataset.column).toggleAttribute("aria-current", isIntersecting);
      }
    }, { root: board, threshold: 0.6 });
    for (const [id, link] of links) {
      seen.observe(columnNamed(id));
      link.addEventListener("click", (event) => {
        event.preventDefault();
        board.scrollTo({ left: columnNamed(id).offsetLeft - board.offsetLeft, behavior: "smooth" });
      });
    }
  }

  /* On a phone the menus are folded away. */
  function unfold(button) {
    button.addEventListener("click", () => {
      const open = button.form.classList.toggle("flz-open");
      button.setAttribute("aria-expanded", open);
    });
  }

  document.querySelectorAll("[data-filters]").forEach(unfold);
  if (board) {
    columns().forEach((column) => makeCurrent(column));
    board.addEventListener("focusin", (event) => {
      const card = event.target.closest("[data-card]");
      if (card && card.tabIndex !== 0) {
        makeCurrent(columnOf(card), card);
      }
    });
    board.addEventListener("keydown", pressed);
    board.addEventListener("click", clicked);
    board.addEventListener("pointerdown", () => lifted && putBack());
    board.addEventListener("dropped", ({ detail }) => move(detail.card, detail.column));
    dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
    toast.querySelector("[data-close]").addEventListener("click", () => { toast.hidden = true; });
    jumps();
  }
}
