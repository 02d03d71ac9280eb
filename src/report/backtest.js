"use strict";
// Zooms and moves timelines together, and says what is under the cursor. One unit across is a second.
const figures = [...document.querySelectorAll("figure.timeline")].map((figure) => {
  const svg = figure.querySelector("svg");
  const from = Number(figure.dataset.from), to = Number(figure.dataset.to);
  return { figure, svg, from, to, start: from, end: to };
});
const shown = (seconds) => new Date(seconds * 1000).toISOString().replace(".000", "");

function show(f, start, end) {
  const least = Math.min(600, f.to - f.from);
  const width = Math.min(Math.max(end - start, least), f.to - f.from);
  f.start = Math.min(Math.max(start, f.from), f.to - width);
  f.end = f.start + width;
  f.svg.setAttribute("viewBox", `${f.start - f.from} 0 ${width} 100`);
  const times = f.figure.querySelectorAll("time");
  [f.start, f.start + width / 2, f.end].forEach((at, i) => { times[i].textContent = shown(Math.round(at)); });
}

function zoom(f, factor, at) {
  at ??= (f.start + f.end) / 2;
  show(f, at - (at - f.start) * factor, at + (f.end - at) * factor);
}

function move(f, part) {
  const by = (f.end - f.start) * part;
  show(f, f.start + by, f.end + by);
}

for (const f of figures) {
  const output = f.figure.querySelector("output"), cursor = f.svg.querySelector(".cursor");
  const events = [...f.svg.querySelectorAll("rect.events")], states = [...f.svg.querySelectorAll("rect.state")];
  const at = (event) => {
    const box = f.svg.getBoundingClientRect();
    return f.start + (f.end - f.start) * (event.clientX - box.left) / box.width;
  };
  const under = (rects, x) => rects.find((r) => x >= Number(r.getAttribute("x")) && x < Number(r.getAttribute("x")) + Number(r.getAttribute("width")));
  let dragged = null;
  f.figure.querySelector(".controls").hidden = false;
  f.figure.addEventListener("click", (event) => {
    const { zoom: factor, move: part, all } = event.target.dataset;
    if (factor) zoom(f, Number(factor));
    if (part) move(f, Number(part));
    if (all !== undefined) show(f, f.from, f.to);
  });
  f.figure.addEventListener("keydown", (event) => {
    const actions = { "+": () => zoom(f, 0.5), "-": () => zoom(f, 2), ArrowLeft: () => move(f, -0.25), ArrowRight: () => move(f, 0.25), "0": () => show(f, f.from, f.to) };
    if (event.target === f.figure && actions[event.key]) { event.preventDefault(); actions[event.key](); }
  });
  f.svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.shiftKey) return;
    event.preventDefault();
    zoom(f, event.deltaY + event.deltaX > 0 ? 1.25 : 0.8, at(event));
  }, { passive: false });
  f.svg.addEventListener("pointerdown", (event) => { dragged = at(event); f.svg.setPointerCapture(event.pointerId); });
  f.svg.addEventListener("pointerup", (event) => {
    const end = at(event);
    // A stretch that is drawn over is looked at closer.
    if (dragged !== null && Math.abs(end - dragged) > (f.end - f.start) / 100) show(f, Math.min(dragged, end), Math.max(dragged, end));
    dragged = null;
  });
  f.svg.addEventListener("pointermove", (event) => {
    const seconds = at(event), x = seconds - f.from;
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
    cursor.style.visibility = "visible";
    const bar = under(events, x), state = under(states, x);
    const parts = [shown(Math.round(seconds)), bar?.querySelector("title").textContent.replace(/^.*Z: /, ""), state?.classList[1]];
    output.textContent = parts.filter(Boolean).join(" · ");
  });
  f.svg.addEventListener("pointerleave", () => { cursor.style.visibility = "hidden"; output.textContent = ""; });
}
