// Send test: the button says to how many numbers, and what they cost together. A number that is named twice gets one text.
// Elements are looked up each time: the form may have come back from the server.
(() => {
  "use strict";
  const language = document.documentElement.lang;
  const digits = (text) => text.replace(/\D/g, "");
  // As they are dialled at home (06 39 …) or from abroad (+33 6 39 …): the same when one ends with what the other has behind its zeros.
  const same = (one, other) => {
    const [short, long] = [one, other].map((number) => number.replace(/^0+/, "")).sort((a, b) => a.length - b.length);
    return one === other || (short.length > 5 && long.endsWith(short));
  };
  const numbers = (form) => {
    const ticked = [...form.querySelectorAll("[name=number]:checked")].map((box) => digits(box.value));
    const chosen = [...form.querySelectorAll("#to-chosen [name=to]:checked")].map((box) => digits(box.closest("label").querySelector(".num").textContent));
    const typed = form.querySelector("#id_typed").value.split(/[,;\n]+/).filter((piece) => piece.trim()).map((piece) => digits(piece) || piece);
    return [...ticked, ...chosen, ...typed].reduce((found, number) => (found.some((other) => same(number, other)) ? found : [...found, number]), []);
  };
  const show = () => {
    const form = document.getElementById("try-form");
    if (!form) return;
    const words = form.querySelector("[data-tests]"), sum = form.querySelector("[data-cost-words]"), n = numbers(form).length;
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
