// Marks under a text that is being written: tokens, tokens that nobody knows, letters that make it Unicode. A help; the counter is the truth.
(() => {
  "use strict";
  const AREA = "[data-composer] textarea";
  const { basic, extension } = window.smsAlphabet;
  const PLAIN = new Set(basic + extension);
  const TOKEN = /(\{[^{}\n]{0,120}\})/;
  const NAMED = /^\{([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)+)(?:\|[^{}|]*)?\}$/;
  const known = () => new Set([...document.querySelectorAll("[data-composer] [data-token^='{']")].map((button) => button.dataset.token.slice(1, -1)));
  const mark = (text, css) => {
    const element = document.createElement("mark");
    element.className = css;
    element.textContent = text;
    return element;
  };
  const draw = (area) => {
    const marks = area.parentElement.querySelector(".composer-marks"), names = known();
    marks.replaceChildren();
    for (const part of area.value.split(TOKEN)) {
      const token = NAMED.exec(part);
      if (token) { marks.append(mark(part, names.has(token[1]) ? "token" : "over")); continue; }
      let plain = "";
      for (const letter of part) {
        if (PLAIN.has(letter)) { plain += letter; continue; }
        marks.append(plain, mark(letter, ""));
        plain = "";
      }
      marks.append(plain);
    }
    marks.append("\n");
    marks.scrollTop = area.scrollTop;
  };
  const drawAll = () => { for (const area of document.querySelectorAll(AREA)) draw(area); };
  document.addEventListener("input", (event) => { if (event.target.matches(AREA)) draw(event.target); });
  document.addEventListener("scroll", (event) => {
    if (event.target.matches?.(AREA)) event.target.parentElement.querySelector(".composer-marks").scrollTop = event.target.scrollTop;
  }, true);
  document.addEventListener("htmx:load", (event) => { if (event.detail.elt.querySelector?.("[data-composer]")) drawAll(); });
  drawAll();
})();
