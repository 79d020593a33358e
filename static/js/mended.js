// A fault that the server marked is unmarked once its field changes: its line on top, the red edge and the sentence beside it. What is
// wrong with the whole form is mended by choosing others (the picker tells it), or by taking ticks out that were left.
(() => {
  "use strict";
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const notice = () => document.querySelector("[data-form-errors]");
  const ticks = () => all("#picker input[type=checkbox]:checked").length;
  let were = ticks(); // when the notice came

  const drop = (lines) => {
    const found = notice();
    if (!found || !lines.length) return;
    for (const line of lines) line.remove();
    if (!found.querySelector("li")) found.remove();
    else found.querySelector("h2").textContent = found.dataset.formErrors;
  };
  const lines = (of) => all("[data-form-errors] li").filter(of);
  const unmark = (field) => {
    field.classList.remove("is-invalid");
    field.removeAttribute("aria-invalid");
    for (const said of all(".invalid-feedback", field.closest("[id^=div_id_]") ?? field.parentElement)) said.remove();
  };
  const audience = () => drop(lines((line) => !line.querySelector("a") || line.querySelector("a[href='#id_include'], a[href='#id_exclude']")));

  for (const name of ["input", "change"]) {
    document.addEventListener(name, (event) => {
      const field = event.target;
      if (field.closest?.("#picker")) { if (were && !ticks()) audience(); return; }
      if (!field.id || !field.classList.contains("is-invalid")) return;
      unmark(field);
      drop(lines((line) => line.querySelector("a")?.getAttribute("href") === `#${field.id}`));
    });
  }
  document.body.addEventListener("audience", audience);
  document.body.addEventListener("htmx:afterSettle", (event) => { if (event.detail.target.id === "main") were = ticks(); });
})();
