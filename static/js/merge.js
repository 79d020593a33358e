// Comparing contacts: where nobody has chosen yet, the values follow whose page stays. Without script what is ticked counts.
(() => {
  "use strict";
  const form = document.querySelector("[data-merge]");
  if (!form) return;
  const touched = new Set();
  form.addEventListener("change", ({ target }) => {
    if (target.name !== "winner") {
      touched.add(target.name);
      return;
    }
    for (const radio of form.querySelectorAll("input[type=radio][name^='keep-']")) {
      if (radio.value === target.value && !touched.has(radio.name)) radio.checked = true;
    }
  });
})();
