"use strict";
/* What takes long says so once it is pressed, and isn't pressed twice: <form data-takes-long="the button's new text">,
   and beside it an element whose data-said becomes its text. */
{
  function say(form) {
    const button = form.querySelector("button[type=submit]");
    const place = form.querySelector("[data-said]") || form.closest("section")?.querySelector("[data-said]");
    const before = button.textContent;
    button.disabled = true;
    button.textContent = form.dataset.takesLong;
    place.textContent = place.dataset.said;
    /* Who comes back to the page finds it as it was. */
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) {
        button.disabled = false;
        button.textContent = before;
        place.textContent = "";
      }
    }, { once: true });
  }

  for (const form of document.querySelectorAll("form[data-takes-long]")) {
    form.addEventListener("submit", () => say(form));
  }
}
