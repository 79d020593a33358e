// The export page: columns change places without a trip to the server.
(() => {
  "use strict";
  const list = document.querySelector("[data-order]");
  const status = document.querySelector("[data-moved]");
  list?.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=up], button[name=down]");
    if (!button) return;
    event.preventDefault();
    const row = button.closest("li"), up = button.name === "up";
    const other = up ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (up) other.before(row); else other.after(row);
    button.focus();
    const place = [...list.children].indexOf(row) + 1;
    status.textContent = status.dataset.words.replace("{name}", row.querySelector("label").textContent.trim()).replace("{place}", String(place));
  });
})();
