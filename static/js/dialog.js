// A question that the server answered into the dialog: open it, and give the focus back when it closes.
// The dialog is looked up each time: a page that came back with a mistake has a new one. Going back in the history swaps without a target.
(() => {
  "use strict";
  let opener = null;
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.matches("[data-dialog]")) opener = document.activeElement;
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id === "dialog-content") bootstrap.Modal.getOrCreateInstance(event.detail.target.closest(".modal")).show();
  });
  document.addEventListener("hidden.bs.modal", (event) => {
    if (event.target.id === "dialog" && opener?.isConnected) opener.focus();
  });
})();
