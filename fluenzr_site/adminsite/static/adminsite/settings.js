"use strict";
/* The footer of e-mails, as the address is written and the tracking chosen. */
{
  const preview = document.querySelector("[data-footer-preview]");
  const address = document.getElementById("id_postal_address");
  const tracking = document.getElementById("id_open_tracking");

  function show() {
    const lines = address.value.split("\n").map((line) => line.trim()).filter(Boolean);
    const place = preview.querySelector("[data-address]");
    place.replaceChildren(...lines.flatMap((line, number) => (number ? [document.createElement("br"), line] : [line])));
    place.hidden = !lines.length;
    document.querySelector("[data-no-address]").hidden = lines.length > 0;
    preview.querySelector("[data-tracking]").hidden = tracking.value === "off";
  }

  if (preview && address && tracking) {
    address.addEventListener("input", show);
    tracking.addEventListener("change", show);
    show();
  }
}
