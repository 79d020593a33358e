// The plan: the button says what it does; a plan that is not made yet is asked for at once.
(() => {
  "use strict";
  document.querySelector("form[data-post-at-once]")?.requestSubmit(document.querySelector("form[data-post-at-once] button"));
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
