// Lists of contacts and the contact form: what goes faster with script; without it the same forms post.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // "All that match": ticks the page, and counts what the server will take.
  for (const form of all("[data-selection]")) {
    const box = form.querySelector("[data-all-box]");
    const bar = form.querySelector(".bulk-bar");
    if (!bar) continue;
    form.addEventListener("change", (event) => {
      if (!box) return;
      if (event.target === box) {
        for (const pick of all(".pick", form)) pick.checked = box.checked;
        if (box.checked) form.querySelector(".pick-all").checked = true;
        bar.hidden = !box.checked;
      } else if (box.checked) {
        box.checked = false; // one person more or less: no longer all
      }
      const count = box.checked ? Number(form.dataset.all) : all(".pick:checked", form).length;
      bar.querySelector("[data-chosen]").textContent = count.toLocaleString(document.documentElement.lang);
    });
    bar.querySelector("[data-clear]")?.addEventListener("click", () => { if (box) box.checked = false; });
  }

  // A choice that submits its form at once.
  for (const select of all("select[data-submits]")) select.addEventListener("change", () => select.form.requestSubmit());

  // A field that belongs to a choice: whoever writes in it has chosen.
  for (const field of all("[data-ticks]")) field.addEventListener("input", () => { if (field.value.trim()) document.getElementById(field.dataset.ticks).checked = true; });

  // Print, where script can.
  for (const print of all("[data-print]")) { print.hidden = false; print.addEventListener("click", () => window.print()); }

  // Tags in one field: the list completes the word behind the last comma.
  for (const field of all("input[data-tags]")) {
    const list = document.getElementById(field.getAttribute("list"));
    const known = all("option", list).map((option) => option.value);
    field.addEventListener("input", () => {
      const before = field.value.slice(0, field.value.lastIndexOf(",") + 1);
      const used = new Set(before.split(",").map((tag) => tag.trim().toLowerCase()));
      list.replaceChildren(...known.filter((tag) => !used.has(tag.toLowerCase())).map((tag) => new Option("", before ? `${before} ${tag}` : tag)));
    });
  }

  // One more row for a number, without a trip to the server.
  const button = document.querySelector("[data-add-row]");
  const total = document.querySelector("[name=numbers-TOTAL_FORMS]");
  const most = Number(document.querySelector("[name=numbers-MAX_NUM_FORMS]")?.value || 20);
  button?.addEventListener("click", (event) => {
    const rows = all("[data-row]");
    if (!rows.length || Number(total.value) >= most) return;
    event.preventDefault();
    const index = Number(total.value), last = rows.at(-1), row = last.cloneNode(true);
    const renumber = (text) => text.replace(/(numbers|primary)-\d+/g, `$1-${index}`);
    for (const part of all("[id], [for], [name], [aria-describedby]", row)) {
      for (const name of ["id", "for", "name"]) if (part.hasAttribute(name)) part.setAttribute(name, renumber(part.getAttribute(name)));
    }
    for (const gone of all(".invalid-feedback", row)) gone.remove();
    for (const field of all("input, select", row)) {
      field.classList.remove("is-invalid");
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
      if (field.type === "radio") { field.value = String(index); field.checked = false; } else field.value = "";
    }
    const legend = row.querySelector("legend");
    legend.textContent = legend.textContent.replace(/\d+/, String(index + 1));
    last.after(row);
    total.value = String(index + 1);
    row.querySelector("input").focus();
  });
})();
