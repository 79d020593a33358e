// A form with data-unsaved: leaving it by another way than its own buttons asks first, as long as something typed is not kept.
// "again" in it: the page came back with what was typed, so all of it is unkept.
(() => {
  "use strict";
  const form = () => document.querySelector("form[data-unsaved]"); // looked up anew: htmx may have put another in its place
  const OTHERS = "[type=search], [type=file], [type=submit], [type=button]"; // searching and looking writes nothing
  const written = () => [...(form()?.elements ?? [])]
    .filter((field) => field.name && !field.matches(OTHERS) && (field.type !== "hidden" || "side" in field.dataset))
    .filter((field) => !["checkbox", "radio"].includes(field.type) || field.checked)
    .map((field) => JSON.stringify([field.name, field.value]))
    .join();

  const first = form()?.dataset.unsaved === "again" ? null : written();
  let leaving = false;
  document.addEventListener("submit", (event) => { if (event.target === form() && !event.defaultPrevented) leaving = true; });
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.elt.closest?.("form[data-unsaved]") && event.detail.xhr.getResponseHeader("HX-Redirect")) leaving = true;
  });
  window.addEventListener("pageshow", () => { leaving = false; });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && form() && written() !== first) event.preventDefault();
  });
})();
