// Now, or at a date and time: the fields of the latter show when it is chosen, and the button says what it does.
(() => {
  "use strict";
  const show = () => {
    const later = document.querySelector("[name=when][value=at]")?.checked ?? false;
    const button = document.querySelector("button[data-now]");
    if (button) button.querySelector("[data-words]").textContent = later ? button.dataset.at : button.dataset.now;
    const fields = document.querySelector("[data-when=at]");
    if (fields) fields.hidden = !later;
  };
  document.addEventListener("change", (event) => { if (event.target.name === "when") show(); });
  document.body.addEventListener("htmx:afterSettle", show);
  show();
})();
