// Numbers of a one-off text: a ticked suggestion becomes one of the chosen, and the button follows their number.
// Elements are looked up each time: the form may have come back from the server.
(() => {
  "use strict";
  const at = (id) => document.getElementById(id);
  const recount = () => document.body.dispatchEvent(new Event("recount"));
  const count = () => {
    const ticked = at("to-chosen").querySelectorAll("input:checked").length;
    const later = document.querySelector("[name=when][value=at]")?.checked;
    for (const words of document.querySelectorAll("[data-texts]")) {
      const { none, one, many, laterOne, laterMany } = words.dataset;
      const said = ticked === 1 ? (later && laterOne || one) : (later && laterMany || many);
      words.textContent = ticked ? said.replace("{n}", ticked.toLocaleString(document.documentElement.lang)) : none;
    }
  };
  const choose = (box) => {
    const line = box.closest("li"), chosen = at("to-chosen");
    box.id = "";
    line.querySelector("label").className = "chip";
    line.querySelector(".cell-sub").className = "quiet";
    chosen.append(line);
    chosen.hidden = false;
    at("to-none")?.remove();
    at("to-search").value = "";
    at("to-found").replaceChildren();
    at("to-search").focus();
  };
  document.addEventListener("change", (event) => {
    if (event.target.name === "when") return count();
    if (event.target.closest("#to-found") && event.target.checked) choose(event.target);
    else if (!event.target.closest("#to-chosen")) return;
    count();
    recount();
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "to-search") return;
    if (event.key === "Enter") { event.preventDefault(); at("to-found").querySelector("input")?.click(); }
    if (event.key === "ArrowDown") { event.preventDefault(); at("to-found").querySelector("input")?.focus(); }
    if (event.key === "Escape") at("to-found").replaceChildren();
  });
})();
