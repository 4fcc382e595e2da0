"use strict";
/* The order of the columns, by buttons and by Alt with an arrow. */
{
  function say(list, item) {
    const name = item.querySelector("label span").textContent;
    const position = [...list.children].indexOf(item) + 1;
    const said = list.dataset.moved.replace("%(name)s", name).replace("%(position)s", position);
    list.parentElement.querySelector("[data-said]").textContent = said;
  }

  function move(list, item, by) {
    const other = by < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (other) {
      by < 0 ? other.before(item) : other.after(item);
      say(list, item);
    }
  }

  for (const list of document.querySelectorAll("[data-columns]")) {
    list.addEventListener("click", (event) => {
      const button = event.target.closest("[data-move]");
      if (button) {
        move(list, button.closest("li"), Number(button.dataset.move));
        button.focus();
      }
    });
    list.addEventListener("keydown", (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (event.altKey && by) {
        event.preventDefault();
        const focused = document.activeElement;
        move(list, event.target.closest("li"), by);
        focused.focus();
      }
    });
  }
}
