// Send test: the button says to how many numbers, and what they cost together.
(() => {
  "use strict";
  const form = document.getElementById("try-form");
  if (!form) return;
  const words = form.querySelector("[data-tests]"), sum = form.querySelector("[data-cost-words]"), typed = document.getElementById("id_typed");
  const language = document.documentElement.lang;
  const count = () => {
    const written = typed.value.split(/[,;\n]+/).filter((piece) => piece.trim()).length;
    return written + form.querySelectorAll("[name=number]:checked, #to-chosen [name=to]:checked").length;
  };
  const show = () => {
    const n = count();
    words.textContent = n === 0 ? words.dataset.none : (n === 1 ? words.dataset.one : words.dataset.many).replace("{n}", n.toLocaleString(language));
    const { price = 0, currency } = form.querySelector("[data-price]")?.dataset ?? {};
    const cost = Number(price) && n ? new Intl.NumberFormat(language, { style: "currency", currency, maximumFractionDigits: 4 }).format(price * n) : "";
    sum.textContent = cost && sum.dataset.costWords.replace("{cost}", cost);
  };
  for (const name of ["input", "change"]) form.addEventListener(name, show);
  document.body.addEventListener("recount", show); // a test contact was added
  document.addEventListener("htmx:afterSwap", show);
  show();
})();
