// Send test: the button says to how many numbers, and what they cost together. A number that is named twice gets one text.
// Elements are looked up each time: the form may have come back from the server.
(() => {
  "use strict";
  const language = document.documentElement.lang;
  const digits = (text) => text.replace(/\D/g, "");
  // Typed ones are those that the server could read, so that nothing else is paid for; it answers in a moment.
  const numbers = (form) => {
    const ticked = [...form.querySelectorAll("[name=number]:checked")].map((box) => box.value);
    const chosen = [...form.querySelectorAll("#to-chosen [name=to]:checked")].map((box) => box.closest("label").querySelector(".num").textContent);
    const typed = form.querySelector("#id_typed").value.trim() ? form.querySelector("#try-typed").dataset.numbers.split(" ").filter(Boolean) : [];
    return new Set([...ticked, ...chosen, ...typed].map(digits));
  };
  const show = () => {
    const form = document.getElementById("try-form");
    if (!form) return;
    const words = form.querySelector("[data-tests]"), sum = form.querySelector("[data-cost-words]"), n = numbers(form).size;
    words.textContent = n === 0 ? words.dataset.none : (n === 1 ? words.dataset.one : words.dataset.many).replace("{n}", n.toLocaleString(language));
    const { price = 0, currency } = form.querySelector("[data-price]")?.dataset ?? {};
    const cost = Number(price) && n ? new Intl.NumberFormat(language, { style: "currency", currency, maximumFractionDigits: 5 }).format(price * n) : "";
    sum.textContent = cost && sum.dataset.costWords.replace("{cost}", cost);
  };
  for (const name of ["input", "change"]) document.addEventListener(name, (event) => { if (event.target.closest?.("#try-form")) show(); });
  document.body.addEventListener("recount", show); // a test contact was added
  document.addEventListener("htmx:afterSettle", (event) => {
    show();
    if (event.detail.target.id === "main") document.querySelector("#main [role=alert] a, #main h1")?.scrollIntoView({ block: "center" });
  });
  show();
})();
