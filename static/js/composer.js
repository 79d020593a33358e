// The composer: tokens at the cursor, look-alikes and templates into the text. The server counts.
(() => {
  "use strict";
  const area = document.getElementById("id_text");
  if (!area) return;
  const changed = () => area.dispatchEvent(new Event("input", { bubbles: true }));
  const write = (text) => { area.value = text; changed(); };

  // Marks lie under the text and grow with it: tokens, and characters that make a text Unicode. A help; the counter is the truth.
  const GSM = /[A-Za-z0-9 \n@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!"#¤%&'()*+,\-./:;<=>?¡ÄÖÑÜ§¿äöñüà^{}\\[~\]|€]/;
  const marks = area.parentElement.querySelector(".composer-marks");
  const mark = (text, css) => {
    const element = document.createElement("mark");
    element.className = css;
    element.textContent = text;
    return element;
  };
  const draw = () => {
    marks.replaceChildren();
    for (const part of area.value.split(/(\{[A-Za-z_]+(?:\.[A-Za-z0-9_]+)+(?:\|[^{}|]*)?\})/)) {
      if (/^\{[A-Za-z_]+\./.test(part)) { marks.append(mark(part, "token")); continue; }
      let plain = "";
      for (const letter of part) {
        if (GSM.test(letter)) { plain += letter; continue; }
        marks.append(plain, mark(letter, ""));
        plain = "";
      }
      marks.append(plain);
    }
    marks.append("\n");
    marks.scrollTop = area.scrollTop;
  };
  area.addEventListener("input", draw);
  area.addEventListener("scroll", () => { marks.scrollTop = area.scrollTop; });
  draw();

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-token], [data-swap-all], [data-swap-from]");
    if (!button) return;
    if (button.dataset.token) {
      area.focus();
      area.setRangeText(button.dataset.token, area.selectionStart, area.selectionEnd, "end");
      changed();
      return;
    }
    const pairs = button.dataset.swapAll ? JSON.parse(button.dataset.swapAll) : [[button.dataset.swapFrom, button.dataset.swapTo]];
    let text = area.value.normalize("NFC");
    for (const [from, to] of pairs) text = text.replaceAll(from, to);
    write(text);
    area.focus();
  });

  // A template fills an empty text at once, and asks before it takes the place of another one.
  const select = document.getElementById("id_template"), ask = document.getElementById("template-ask");
  const chosen = () => select.selectedOptions[0]?.dataset.text;
  const known = () => [...select.options].some((option) => option.dataset.text?.trim() === area.value.trim());
  select?.addEventListener("change", () => {
    const text = chosen();
    ask.hidden = true;
    if (text === undefined) return;
    if (!area.value.trim() || known()) { write(text); return; }
    ask.hidden = false;
    ask.querySelector("[data-template-yes]").focus();
  });
  ask?.querySelector("[data-template-yes]").addEventListener("click", () => { write(chosen() ?? area.value); ask.hidden = true; area.focus(); });
  ask?.querySelector("[data-template-no]").addEventListener("click", () => { ask.hidden = true; area.focus(); });

  // Another sender or limit: the same text may count differently.
  for (const id of ["id_origin", "id_max_segments"]) {
    document.getElementById(id)?.addEventListener("change", () => document.body.dispatchEvent(new Event("recount")));
  }
})();
