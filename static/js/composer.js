// The composer: tokens and emoji at the cursor, look-alikes with a way back, one tab for each language. Buttons that it knows do the same without it.
(() => {
  "use strict";
  const all = (selector) => [...document.querySelectorAll(selector)];
  const AREA = "[data-composer] textarea";
  let last = null;
  const active = () => (last?.isConnected && !last.closest("[hidden]") ? last : all(AREA).find((area) => !area.closest("[hidden]")));
  document.addEventListener("focusin", (event) => { if (event.target.matches(AREA)) last = event.target; });

  // Written as if typed, so that the browser's own undo knows of it.
  const type = (area, text) => {
    area.focus();
    const expected = area.value.slice(0, area.selectionStart) + text + area.value.slice(area.selectionEnd);
    document.execCommand(text ? "insertText" : "delete", false, text);
    if (area.value === expected) return;
    area.value = expected;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };

  // What was replaced can be brought back until somebody types.
  let past = [], writing = false;
  const showUndo = () => { for (const button of all("[data-undo]")) button.hidden = past.length === 0; };
  const replace = (area, text) => {
    writing = true;
    area.focus();
    area.select();
    type(area, text);
    writing = false;
    showUndo();
  };
  document.addEventListener("input", (event) => {
    if (!event.target.matches(AREA) || writing) return;
    past = [];
    showUndo();
  });

  const swap = (button) => {
    const area = button.closest("[data-panel]").querySelector("textarea");
    const { swapFrom: from, swapTo: to } = button.dataset;
    past.push({ name: area.name, text: area.value });
    replace(area, "swapAll" in button.dataset ? window.smsText.replacement(area.value) : window.smsText.normalise(area.value).replaceAll(from, to));
  };
  // A template or file that the server puts in takes a text's place too.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!/^(template|upload)/.test(event.detail.elt.value) || !event.detail.elt.closest("[data-composer]")) return;
    past.push(...all(AREA).filter((area) => area.value).map((area) => ({ name: area.name, text: area.value })));
  });
  const undo = () => {
    const { name, text } = past.pop() ?? {};
    const area = all(AREA).find((one) => one.name === name);
    if (area) replace(area, text);
    showUndo();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-token], [data-swap-all], [data-swap-from], [data-append], [data-undo]");
    if (!button?.closest("[data-composer]")) return;
    event.preventDefault();
    if ("undo" in button.dataset) undo();
    else if (button.dataset.token) {
      const area = active();
      window.bootstrap?.Dropdown.getInstance(button.closest(".dropdown").querySelector("[data-bs-toggle]"))?.hide();
      if (!area) return;
      if (area !== last) area.setSelectionRange(area.value.length, area.value.length); // nobody has chosen a place in it
      type(area, button.dataset.token);
    } else if (button.dataset.append) {
      const area = button.closest("[data-panel]").querySelector("textarea");
      area.setSelectionRange(area.value.trimEnd().length, area.value.length);
      type(area, `\n${button.dataset.append}`);
    } else swap(button);
  });

  // One tab for each language.
  const open = (name) => {
    for (const panel of all("[data-panel]")) panel.hidden = panel.dataset.panel !== name;
    for (const tab of all("[data-tabs] [role=tab]")) {
      const chosen = tab.id === `tab-${name}`;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    }
    for (const field of all("[data-tab]")) field.value = name;
  };
  document.addEventListener("click", (event) => {
    const tab = event.target.closest?.("[data-tabs] [role=tab]");
    if (!tab) return;
    open(tab.id.replace("tab-", ""));
    document.body.dispatchEvent(new Event("recount")); // the preview goes through those who read it
  });
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches?.("[data-tabs] [role=tab]")) return;
    const tabs = all("[data-tabs] [role=tab]"), here = tabs.indexOf(event.target);
    const next = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: -1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const tab = tabs.at(next % tabs.length);
    tab.focus();
    tab.click();
  });

  // Fields that belong to a checkbox; other settings that change how the same text counts.
  const showFields = (box) => { document.querySelector(box.dataset.shows).hidden = !box.checked; };
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-shows]")) showFields(event.target);
    if (event.target.matches("[data-file]") && event.target.files.length) {
      const panel = active()?.closest("[data-panel]").dataset.panel ?? "text";
      document.getElementById(`upload-${panel}`).click();
    }
    if (event.target.matches("#id_origin, #id_max_segments, #id_kind, #id_language")) document.body.dispatchEvent(new Event("recount"));
    if (event.target.id === "id_language") document.getElementById("id_text").lang = event.target.value;
  });

  // What a button was answered stands above the text, which may be out of sight; a question or refusal is also where the keyboard goes on.
  const showAnswer = () => {
    const answer = document.querySelector("[data-composer] [data-answer]");
    answer?.scrollIntoView({ block: "center", behavior: "instant" });
    if (!answer?.matches("[role=alert]")) return false;
    (document.getElementById("composer-sure") ?? answer).focus({ preventScroll: true });
    return true;
  };

  const ready = () => {
    for (const hidden of all("#composer-form [data-needs-script]")) hidden.hidden = false;
    for (const tabs of all("[data-tabs]")) { tabs.hidden = false; open(tabs.closest("[data-composer]").dataset.open); }
    for (const box of all("[data-shows]")) showFields(box);
    past = past.filter(({ name, text }) => all(AREA).some((area) => area.name === name && area.value !== text));
    showUndo();
  };
  document.addEventListener("htmx:load", (event) => {
    if (!event.detail.elt.querySelector?.("[data-composer]")) return;
    ready();
    if (showAnswer()) return;
    if (event.detail.elt === document.body && document.querySelector("[data-composer-below]")) return; // a page that begins with something to read
    if (document.activeElement === document.body) active()?.focus({ preventScroll: true });
  });
  // An answer that is another page, such as the login, is gone to instead of put into this one.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, serverResponse, xhr } = event.detail;
    if (target?.id !== "composer-form" || xhr.status >= 400 || serverResponse.includes("id=\"composer-form\"")) return;
    event.detail.shouldSwap = false;
    window.location.assign(xhr.responseURL);
  });
  ready();
})();
