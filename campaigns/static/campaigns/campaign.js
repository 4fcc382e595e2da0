"use strict";
/* The list of campaigns: two to five ticked ones can be compared. One campaign: the tab one is on is in sight. */
{
  const LEAST = 2;
  const MOST = 5;

  function watch(form) {
    const button = form.querySelector("button[type=submit]");
    const boxes = [...form.querySelectorAll("input[name=id]")];
    const look = () => {
      const count = boxes.filter((box) => box.checked).length;
      const fits = count >= LEAST && count <= MOST;
      button.setAttribute("aria-disabled", String(!fits));
      form.classList.toggle("flz-compare-ready", fits);
    };
    form.addEventListener("change", look);
    form.addEventListener("submit", (event) => {
      if (button.getAttribute("aria-disabled") === "true") {
        event.preventDefault();
        form.querySelector("[data-said]").classList.add("flz-problem");
      }
    });
    look();
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("form[data-compare]").forEach(watch);
    document.querySelector(".flz-campaign-tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  });
}
