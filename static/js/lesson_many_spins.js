// Fills the bars of a simulation in steps. Every length and text of every step is the server's; here
// they are put in place one after the other. More spins with the same luck go on at the step that
// was on show.

import { isStill } from "./motion.js";

const STEP_MS = 450;
const ATTRIBUTES = ["x", "width"];

let timer = null;
let shown = { seed: null, size: null };

// Every element that an answer replaces has this event: the problem above the experiment, too.
document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target.id !== "experiment") return;
  begin();
  showBars();
});
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-replay]")) skipOrReplay();
});
begin();

function begin() {
  stop();
  if (!spins()) return;
  const { seed } = spins().dataset;
  const first = firstStep(seed, sizes());
  shown = { seed, size: sizes().at(-1) };
  if (isStill()) return;
  button().hidden = false;
  if (first < sizes().length - 1) fill(first);
}

// On a phone the bars are below the window. The buttons stay in sight above them.
function showBars() {
  const bars = document.querySelector(".spin-bars");
  if (!bars || bars.getBoundingClientRect().bottom <= innerHeight) return;
  const behavior = isStill() ? "auto" : "smooth";
  document.querySelector(".spin-counts").scrollIntoView({ behavior });
}

// The step that was on show before, if this simulation continues it; the last one, if it is a part
// of it.
function firstStep(seed, sizes) {
  if (seed !== shown.seed) return 0;
  const before = sizes.indexOf(shown.size);
  return before < 0 ? sizes.length - 1 : before;
}

function skipOrReplay() {
  if (timer === null) return fill(0);
  stop();
  show(sizes().length - 1);
  finish();
}

function fill(step) {
  label("skip");
  show(step);
  timer = setTimeout(() => next(step + 1), STEP_MS);
}

function next(step) {
  spins().dataset.filling = "";
  show(step);
  if (step === sizes().length - 1) finish();
  else timer = setTimeout(() => next(step + 1), STEP_MS);
}

function finish() {
  timer = null;
  delete spins().dataset.filling;
  label("replay");
}

function stop() {
  clearTimeout(timer);
  timer = null;
}

function show(step) {
  for (const name of ATTRIBUTES) {
    for (const element of document.querySelectorAll(`[data-frames-${name}]`)) {
      element.setAttribute(name, frame(element, name, step));
    }
  }
  for (const element of document.querySelectorAll("[data-frames-text]")) {
    element.textContent = frame(element, "text", step);
  }
  document.querySelectorAll("[data-step]").forEach((link, index) => {
    link.classList.toggle("spin-step-now", index === step);
  });
}

function frame(element, name, step) {
  return element.getAttribute(`data-frames-${name}`).split("|").at(step);
}

function spins() {
  return document.querySelector("[data-sizes]");
}

function sizes() {
  return spins().dataset.sizes.split("|");
}

function button() {
  return document.querySelector("[data-replay]");
}

function label(name) {
  button().textContent = button().dataset[name];
}
