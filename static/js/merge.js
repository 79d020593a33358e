// Comparing contacts: where nobody has chosen yet, the values and the primary number follow whose page stays. Without script what is ticked counts.
(() => {
  "use strict";
  const form = document.querySelector("[data-merge]");
  if (!form) return;
  const touched = new Set();
  const follow = (winner) => { // to the number that comes first there; it may stand as a choice in another column
    const number = form.querySelector(`[data-numbers-of="${winner}"] [data-number]`)?.dataset.number;
    for (const radio of form.querySelectorAll("input[name=primary]")) if (radio.value === number) radio.checked = true;
  };
  form.addEventListener("change", ({ target }) => {
    if (target.name !== "winner") {
      touched.add(target.name);
      return;
    }
    for (const radio of form.querySelectorAll("input[type=radio][name^='keep-']")) {
      if (radio.value === target.value && !touched.has(radio.name)) radio.checked = true;
    }
    if (!touched.has("primary")) follow(target.value);
  });
})();
