// A question that the server answered into the dialog: open it, and give the focus back when it closes.
(() => {
  "use strict";
  const dialog = document.getElementById("dialog");
  if (!dialog) return;
  let opener = null;
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.matches("[data-dialog]")) opener = document.activeElement;
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "dialog-content") bootstrap.Modal.getOrCreateInstance(dialog).show();
  });
  dialog.addEventListener("hidden.bs.modal", () => opener?.focus());
})();
