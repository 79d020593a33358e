// Lists to pick from in a menu: type to filter, arrow keys, Enter takes the first. The server filters those that are too long for a page.
(() => {
  "use strict";
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const itemsOf = (list) => [...list.querySelectorAll("[data-picklist-items] button")].filter((item) => item.checkVisibility());

  const filter = (find) => {
    const list = find.closest("[data-picklist]"), words = fold(find.value).trim().split(/\s+/);
    let heading = null, shown = 0;
    for (const line of list.querySelectorAll("[data-picklist-items] > li")) {
      if (line.matches("[data-picklist-heading]")) { heading = line; heading.hidden = true; continue; }
      const text = fold(line.textContent);
      line.hidden = !words.every((word) => text.includes(word));
      if (!line.hidden) { shown += 1; if (heading) heading.hidden = false; }
    }
    const none = list.querySelector("[data-picklist-none]");
    if (none) none.hidden = shown > 0;
  };

  document.addEventListener("input", (event) => { if (event.target.matches("[data-picklist-find=\"\"]")) filter(event.target); });
  document.addEventListener("shown.bs.dropdown", (event) => {
    const list = event.target.closest("[data-picklist]"), find = list?.querySelector("[data-picklist-find]");
    if (!list) return;
    if (!find) { itemsOf(list)[0]?.focus(); return; }
    find.value = "";
    if (find.dataset.picklistFind === "server") find.dispatchEvent(new Event("shown")); else filter(find);
    find.focus();
  });
  document.addEventListener("keydown", (event) => {
    const list = event.target.closest?.("[data-picklist] .dropdown-menu");
    if (!list) return;
    const items = itemsOf(list);
    if (event.target.matches("[data-picklist-find]")) {
      if (event.key === "ArrowDown") { event.preventDefault(); items[0]?.focus(); }
      if (event.key === "Enter") { event.preventDefault(); items[0]?.click(); }
      return;
    }
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step && list.querySelector("[data-picklist-items=grid]")) {
      event.preventDefault();
      items.at((items.indexOf(event.target) + step) % items.length)?.focus();
    }
  });
})();
