"use strict";
/* The person's colours before the page is painted, the choices of their menu, and the page of their profile. */
{
  const root = document.documentElement;
  const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

  /* What the server says, whatever this browser was told by whoever sat here before. The theme reads it from there. */
  function chosenTheme() {
    const said = /^theme\('(light|dark|auto)'\)$/.exec(root.getAttribute("x-data") || "");
    return said && said[1];
  }

  /* The theme takes away only classes that it has put there itself. */
  function paint(theme) {
    const dark = theme === "dark" || (theme === "auto" && prefersDark.matches);
    root.classList.remove("auto");
    root.classList.toggle("dark", dark);
    root.classList.toggle("light", !dark);
  }

  function remember(theme) {
    try {
      localStorage.setItem("adminTheme", JSON.stringify(theme));
    } catch {
      // A browser that keeps nothing asks the server on each page.
    }
  }

  let theme = chosenTheme();
  if (theme) {
    remember(theme);
    paint(theme);
    prefersDark.addEventListener("change", () => paint(theme));
  }

  function setTheme(chosen) {
    theme = chosen;
    remember(chosen);
    paint(chosen);
    if (window.Alpine) {
      window.Alpine.$data(root).adminTheme = chosen;
    }
    for (const button of document.querySelectorAll('[data-quick] [name="theme"]')) {
      button.setAttribute("aria-pressed", String(button.value === chosen));
    }
    for (const radio of document.querySelectorAll('.flz-profile [name="theme"]')) {
      radio.checked = radio.value === chosen;
    }
  }

  /* Colours change at once, and what is half written on the page stays. */
  function chooseQuickly(event) {
    const button = event.submitter;
    if (button?.name !== "theme") {
      return;
    }
    event.preventDefault();
    setTheme(button.value);
    const body = new FormData(event.target);
    body.set("theme", button.value);
    fetch(event.target.action, { method: "POST", body, headers: { "X-Quick": "1" }, keepalive: true });
  }

  /* Zones have several names, and browsers give old ones. */
  function isTheSame(one, other) {
    const said = (timeZone) => [0, 6].map((month) => new Date(2026, month, 1).toLocaleString("en", { timeZone })).join();
    return one === other || said(one) === said(other);
  }

  function offerZone(template) {
    if (!here || isTheSame(here, template.dataset.zoneOffer)) {
      return;
    }
    const offer = template.content.cloneNode(true);
    for (const place of offer.querySelectorAll("[data-zone]")) {
      if (place.tagName === "BUTTON") {
        place.value = here;
      } else {
        place.textContent = here.replaceAll("_", " ");
      }
    }
    document.getElementById("content")?.prepend(offer);
  }

  /* ---------------------------------------------------------------------------------------- the page of the profile */

  function askForPassword(form) {
    const email = form.elements.email;
    const asked = document.getElementById("profile-password");
    const was = email.defaultValue;
    const show = () => { asked.hidden = email.value === was && !asked.querySelector(".errorlist, .flz-problem"); };
    email.addEventListener("input", show);
    show();
  }

  function showTime(form) {
    const zone = form.elements.timezone;
    const clock = document.getElementById("profile-clock");
    const use = document.getElementById("profile-here");
    const tell = () => {
      const timeZone = zone.value || zone.dataset.workspace;
      const said = new Intl.DateTimeFormat(root.lang, { weekday: "long", hour: "numeric", minute: "2-digit", timeZone });
      clock.textContent = clock.dataset.text.replace("{time}", said.format(new Date()));
      use.hidden = !here || isTheSame(here, timeZone) || ![...zone.options].some((option) => option.value === here);
    };
    use.textContent = use.dataset.text.replace("{zone}", (here || "").replaceAll("_", " "));
    use.addEventListener("click", () => { zone.value = here; tell(); zone.focus(); });
    zone.addEventListener("change", tell);
    tell();
  }

  function excerptsFollowReplies(fieldset) {
    const replies = fieldset.querySelector("select");
    const excerpts = fieldset.querySelector("[data-excerpts]");
    const show = () => { excerpts.hidden = replies.value === "off"; };
    replies.addEventListener("change", show);
    show();
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-quick]").forEach((form) => form.addEventListener("submit", chooseQuickly));
    document.querySelectorAll("[data-zone-offer]").forEach(offerZone);
    const form = document.querySelector(".flz-profile");
    if (form) {
      askForPassword(form);
      showTime(form);
      form.querySelectorAll("[data-notices]").forEach(excerptsFollowReplies);
      form.addEventListener("change", (event) => event.target.name === "theme" && paint(event.target.value));
    }
  });
}
