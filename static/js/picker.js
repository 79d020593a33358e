// The picker: Enter in its search box searches; a count that did not come says so, for the old figure would be wrong.
(() => {
  "use strict";
  const ready = () => {
    for (const box of document.querySelectorAll("[data-needs-script][hidden]")) box.hidden = false;
  };
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.id !== "picker-find") return;
    event.preventDefault();
    if (event.target.value.trim() === event.target.form.elements.found.value) return;
    event.target.dispatchEvent(new Event("search", { bubbles: true }));
  });
  for (const fault of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.body.addEventListener(fault, (event) => {
      if (event.detail.elt?.id !== "audience-count") return;
      for (const notice of document.querySelectorAll("[data-count-failed]")) notice.hidden = false;
    });
  }
  document.body.addEventListener("htmx:afterSettle", ready);
  ready();
})();
