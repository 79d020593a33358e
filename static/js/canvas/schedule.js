// A scheduler's panel: only the fields that count are shown; what the runs will be is asked while somebody types (the form's own hx-post).
(() => {
  "use strict";
  const valueOf = (form, name) => form.querySelector(`[name="${name}"]:checked`)?.value ?? form.querySelector(`select[name="${name}"]`)?.value ?? "";
  const fits = (form, part) => {
    const [name, ...values] = part.trim().split(" ");
    return values.includes(valueOf(form, name));
  };
  const counts = (form, rule) => rule.split("|").some((way) => way.split(";").every((part) => fits(form, part))); // "a x y; b z | a w": a is x or y and b is z, or a is w
  const narrow = () => {
    for (const part of document.querySelectorAll("[data-when]")) part.hidden = !counts(part.closest("form"), part.dataset.when);
  };
  document.addEventListener("change", (event) => { if (event.target.closest("[data-typed]")) narrow(); });
  document.addEventListener("htmx:afterSettle", narrow);
  narrow();
})();
