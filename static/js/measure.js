// What a text costs, counted as the server counts it (providers/segments.py, providers/lookalikes.py): window.smsText. Reads alphabet.js.
window.smsText = (() => {
  "use strict";
  const GSM = "GSM-7", UCS = "UCS-2";
  const { basic, extension, room, lookalikes } = window.smsAlphabet;
  const ONE = new Set(basic), TWO = new Set(extension);
  const OTHERS = new Map(Object.entries(lookalikes).flatMap(([other, chars]) => [...chars].map((char) => [char, other])));

  // As it is counted and sent: one line feed for a CRLF, no half surrogate pairs, composed.
  const normalise = (text) => text.replace(/\r+\n/g, "\n").replace(/\p{Cs}/gu, "\ufffd").normalize("NFC");

  // [place in code points, character] of each one outside the alphabet, of a normalised text.
  const outside = (text) => {
    const found = [];
    let place = 0;
    for (const char of text) {
      if (!ONE.has(char) && !TWO.has(char)) found.push([place, char]);
      place += 1;
    }
    return found;
  };

  // Packs greedily: neither an escape pair nor a surrogate pair straddles two parts.
  const pack = (raw) => {
    const text = normalise(raw), dear = outside(text), encoding = dear.length ? UCS : GSM;
    const cost = encoding === GSM ? (char) => (TWO.has(char) ? 2 : 1) : (char) => char.length;
    let units = 0;
    for (const char of text) units += cost(char);
    const [alone, part] = room[encoding];
    const perSegment = units > alone ? part : alone, parts = [];
    let left = 0, piece = "";
    for (const char of text) {
      if (!piece) left = perSegment;
      if (cost(char) > left) {
        parts.push(piece);
        [piece, left] = ["", perSegment];
      }
      piece += char;
      left -= cost(char);
    }
    if (piece) parts.push(piece);
    return { size: { encoding, units, segments: parts.length, left: text ? left : alone, perSegment, dear }, parts };
  };
  const measure = (text) => pack(text).size;
  const parts = (text) => pack(text).parts;

  const lookalike = (char) => OTHERS.get(char) ?? null;
  const noLonger = (char) => {
    const other = lookalike(char);
    return other !== null && other.length <= char.length ? other : null;
  };
  // Again until nothing changes: a plain letter may join an accent that stood behind the dear one.
  const replaced = (text, choice) => {
    const swaps = new Map(outside(text).map(([, char]) => [char, choice(char)]).filter(([, other]) => other !== null));
    return swaps.size ? replaced(normalise([...text].map((char) => swaps.get(char) ?? char).join("")), choice) : text;
  };
  // The text with look-alikes: never for more segments.
  const replacement = (raw) => {
    const text = normalise(raw), better = replaced(text, lookalike);
    return measure(better).segments > measure(text).segments ? replaced(text, noLonger) : better;
  };

  return { normalise, measure, parts, replacement };
})();
