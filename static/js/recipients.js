// Numbers of a one-off text: a ticked suggestion becomes one of the chosen, and the button follows their number.
(() => {
  "use strict";
  const chosen = document.getElementById("to-chosen"), found = document.getElementById("to-found"), search = document.getElementById("to-search");
  if (!chosen || !found || !search) return;
  const count = () => {
    const ticked = chosen.querySelectorAll("input:checked").length;
    for (const words of document.querySelectorAll("[data-texts]")) {
      words.textContent = (ticked === 1 ? words.dataset.one : words.dataset.many).replace("{n}", ticked.toLocaleString(document.documentElement.lang));
    }
  };
  found.addEventListener("change", (event) => {
    const line = event.target.closest("li");
    if (!line || !event.target.checked) return;
    event.target.id = "";
    line.querySelector("label").className = "chip";
    line.querySelector(".cell-sub").className = "quiet";
    chosen.append(line);
    chosen.hidden = false;
    document.getElementById("to-none")?.remove();
    search.value = "";
    found.replaceChildren();
    search.focus();
    count();
    document.body.dispatchEvent(new Event("recount"));
  });
  chosen.addEventListener("change", () => { count(); document.body.dispatchEvent(new Event("recount")); });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { event.preventDefault(); found.querySelector("input")?.click(); }
    if (event.key === "ArrowDown") { event.preventDefault(); found.querySelector("input")?.focus(); }
    if (event.key === "Escape") found.replaceChildren();
  });
})();
