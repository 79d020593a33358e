// The picker: Enter in its search box searches; what is ticked or typed while an answer is under way outlives it; a count that did not
// come says so, for the old figure would be wrong.
(() => {
  "use strict";
  const all = (selector) => [...document.querySelectorAll(selector)];
  const find = () => document.getElementById("picker-find");
  const ticked = () => new Set(all("#picker input[type=checkbox]:checked").map((box) => box.id));
  const asked = new WeakMap(); // request -> what was ticked and typed when it left
  let moving = null; // the request of a button, which no search may overtake
  let kept = null; // between an answer's arrival and its place on the page
  let again = false; // what was typed meanwhile is still to be searched for

  const ready = () => { for (const box of all("[data-needs-script][hidden]")) box.hidden = false; };
  const inPicker = (event) => Boolean(event.detail.elt?.closest?.("#picker"));

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.id !== "picker-find") return;
    event.preventDefault();
    if (event.target.value.trim() === event.target.form.elements.found.value) return;
    event.target.dispatchEvent(new Event("search", { bubbles: true }));
  });

  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (!inPicker(event)) return;
    const isSearch = event.detail.elt === find();
    if (moving) { event.preventDefault(); return; } // its answer asks again for what was typed meanwhile
    if (!isSearch) {
      moving = event.detail.xhr;
      htmx.trigger(find(), "htmx:abort");
    }
    asked.set(event.detail.xhr, { ticks: ticked(), typed: find().value });
  });
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const before = asked.get(event.detail.xhr);
    if (!before || !event.detail.shouldSwap) return;
    const now = ticked();
    kept = {
      lines: [...now].filter((id) => !before.ticks.has(id)).map((id) => document.getElementById(id).closest("li")),
      unticked: [...before.ticks].filter((id) => !now.has(id)),
      typed: find().value === before.typed ? null : find().value,
    };
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    if (!kept) return;
    const { lines, unticked, typed } = kept;
    kept = null;
    again = typed !== null && find().value !== typed;
    if (again) find().value = typed;
    for (const id of unticked) if (document.getElementById(id)) document.getElementById(id).checked = false;
    for (const line of lines.reverse()) keep(line);
  });
  document.body.addEventListener("htmx:afterRequest", (event) => { if (event.detail.xhr === moving) moving = null; });

  // A line that was ticked meanwhile stays in sight, also where the new list has it not.
  const keep = (line) => {
    const box = document.getElementById(line.querySelector("input").id);
    if (box) { box.checked = true; return; }
    const available = document.getElementById("picker-available");
    let list = available.querySelector("ul");
    if (!list) {
      list = Object.assign(document.createElement("ul"), { className: "picker-list", tabIndex: -1 });
      available.querySelector(".picker-none")?.replaceWith(list);
    }
    list.prepend(line);
  };

  for (const fault of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.body.addEventListener(fault, (event) => {
      if (event.detail.elt?.id !== "audience-count") return;
      for (const notice of all("[data-count-failed]")) notice.hidden = false;
    });
  }
  document.body.addEventListener("htmx:afterSettle", () => {
    ready();
    if (again) find()?.dispatchEvent(new Event("search", { bubbles: true }));
    again = false;
  });
  ready();
})();
