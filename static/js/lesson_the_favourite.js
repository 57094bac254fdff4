// Two texts grow token by token after the server has computed them. A click or a key ends it.

import { isStill } from "./motion.js";

const STEP_MS = 90;

let ending = null; // of the growth under way

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  const experiment = document.getElementById("experiment");
  if (detail.target.id === "experiment" && experiment.querySelector(".growth-texts")) {
    grow(experiment);
  }
});

function grow(experiment) {
  ending?.abort();
  if (isStill()) return;
  ending = new AbortController();
  const { signal } = ending;
  const finish = () => ending.abort();
  signal.addEventListener("abort", () => experiment.removeAttribute("data-growing"));
  document.addEventListener("pointerdown", finish, { signal });
  document.addEventListener("keydown", finish, { signal });
  experiment.toggleAttribute("data-growing", true);
  showSteps(experiment, signal);
}

function showSteps(experiment, signal) {
  const waiting = [...experiment.querySelectorAll("[data-step]")].filter(isNumbered);
  const lastStep = Math.max(...waiting.map(stepOf));
  const start = performance.now();
  requestAnimationFrame(function show(now) {
    if (signal.aborted) return;
    const step = Math.floor((now - start) / STEP_MS);
    for (const element of waiting) {
      if (stepOf(element) <= step) element.toggleAttribute("data-grown", true);
    }
    if (step <= lastStep) requestAnimationFrame(show);
    else ending.abort();
  });
}

const stepOf = (element) => Number(element.dataset.step);

const isNumbered = (element) => element.dataset.step !== "end";
