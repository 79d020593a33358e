// A template in several languages: the language of the main text needs no box of its own.
(() => {
  "use strict";
  const select = document.getElementById("id_language");
  if (!select) return;
  const show = () => {
    for (const box of document.querySelectorAll("[data-translation]")) {
      const area = box.querySelector("textarea");
      box.hidden = box.dataset.translation === select.value && !area.value.trim() && !box.querySelector(".is-invalid");
    }
  };
  select.addEventListener("change", show);
  show();
})();
