// The builder of rules: narrow the questions while typing, take the focus where the person goes on, and keep the rules in the
// address. Each step is a post of its own.
(() => {
  "use strict";
  const builder = document.getElementById("builder");
  if (!builder) return;
  const all = (selector, root) => [...root.querySelectorAll(selector)];
  const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();

  builder.addEventListener("input", (event) => {
    const list = document.getElementById(event.target.dataset.narrowAll ?? "");
    if (!list) return;
    const words = folded(event.target.value).split(/\s+/);
    for (const section of all("section", list)) {
      const head = section.querySelector("h3").textContent;
      for (const line of all("li", section)) line.hidden = !words.every((word) => folded(`${head} ${line.textContent}`).includes(word));
      section.hidden = !section.querySelector("li:not([hidden])");
    }
    list.querySelector("[data-narrow-none]").hidden = Boolean(list.querySelector("section:not([hidden])"));
  });

  // Enter in the box takes the first question that is left; it would else show the people.
  builder.addEventListener("keydown", (event) => {
    const list = event.key === "Enter" && document.getElementById(event.target.dataset.narrowAll ?? "");
    if (!list) return;
    event.preventDefault();
    list.querySelector(":scope > section:not([hidden]) li:not([hidden]) button")?.click();
  });

  // The address follows the rules, so that Back, reload and a copied link show them again; the first count is of what the address says.
  let moved = "moved" in (document.getElementById("search-count")?.dataset ?? {});
  document.body.addEventListener("htmx:afterSwap", (event) => {
    const held = event.target.id === "search-count" && event.target.querySelector("[data-address]");
    if (held && moved) history.replaceState(history.state, "", location.pathname + held.dataset.address + location.hash);
    if (held) moved = true;
  });

  const ready = () => { for (const box of all("[data-needs-script][hidden]", builder)) box.hidden = false; };
  builder.addEventListener("htmx:afterSwap", () => {
    ready();
    builder.querySelector("[data-focus]")?.focus(); // now and never again: the person goes on from here
  });
  builder.addEventListener("htmx:afterSettle", ready);
  ready();
})();
