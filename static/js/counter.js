// The counter on every key: the text with the values of the person whose text was counted last. The server's count follows and is the truth.
(() => {
  "use strict";
  const AREA = "[data-composer] textarea", SVG = "http://www.w3.org/2000/svg", ROOM = 160, PART = 153, ROOM_U = 70, PART_U = 67;
  const language = document.documentElement.lang, plural = new Intl.PluralRules(language);
  const words = (forms, facts) => {
    const form = Array.isArray(forms) ? forms[plural.select(facts.n) === "one" ? 0 : 1] : forms;
    return form.replace(/\{(\w+)\}/g, (_whole, name) => facts[name]);
  };
  const TOKEN = /\{([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)+)(?:\|([^{}|]*))?\}/g;
  const filled = (text, values) => text.replace(TOKEN, (whole, name, other) => (name in values ? values[name].trim() && values[name] || other || "" : whole));

  const bar = (css, x, width) => {
    const rect = document.createElementNS(SVG, "rect");
    for (const [name, value] of Object.entries({ class: css, x: `${x}%`, y: 0, width: `${width}%`, height: 12, rx: 4 })) rect.setAttribute(name, value);
    return rect;
  };
  const draw = (svg, size, limit) => {
    const n = Math.max(size.segments, 1), width = (100 - 1.25 * (n - 1)) / n;
    const last = size.segments ? (size.perSegment - size.left) / size.perSegment : 0;
    svg.replaceChildren(...[...Array(n).keys()].flatMap((i) => {
      const x = i * (width + 1.25);
      return [bar("room", x, width), bar(i < limit ? "used" : "spill", x, width * (i < n - 1 ? 1 : last))];
    }));
  };
  const spill = ({ encoding, units }, limit) => {
    const [alone, part] = encoding === "UCS-2" ? [ROOM_U, PART_U] : [ROOM, PART];
    return units - (limit === 1 ? alone : part * limit);
  };

  const count = (area) => {
    const panel = area.closest("[data-panel]"), line = panel.querySelector("[data-counted]");
    const said = JSON.parse(area.closest("[data-composer]").dataset.words), limit = Number(line.dataset.limit);
    const size = window.smsText.measure(filled(area.value, JSON.parse(line.dataset.counted)));
    const over = Math.max(size.segments - limit, 0), n = size.segments;
    const say = (name, text) => { line.querySelector(`[data-live=${name}]`).textContent = text; };
    say("segments", words(over ? said.over : said.segments, { n, over }));
    line.querySelector("[data-live=segments]").classList.toggle("t-red", over > 0);
    say("left", over ? words(said.spill, { n: spill(size, limit) }) : words(said.left, { n: size.left }));
    say("units", words(said.units, { units: size.units, room: size.perSegment * Math.max(n, 1) }));
    say("encoding", size.encoding === "UCS-2" ? said.unicode : size.encoding);
    const cost = new Intl.NumberFormat(language, { style: "currency", currency: said.currency || "EUR", maximumFractionDigits: 5 });
    say("cost", said.price && n ? words(said.cost, { cost: cost.format(said.price * n) }) : "");
    draw(panel.querySelector("svg.parts"), size, limit);
    const tab = document.querySelector(`#tab-${panel.dataset.panel} [data-size]`);
    if (tab) tab.textContent = [n > 1 ? words(said.segments, { n }) : "", size.encoding === "UCS-2" ? "Unicode" : ""].filter(Boolean).join(", ");
  };
  document.addEventListener("input", (event) => { if (event.target.matches(AREA)) count(event.target); });
})();
