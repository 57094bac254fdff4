// Moves the segments of the wheel while a knob is moved, before the server's next wheel is there. All
// positions and numbers are the server's; between them only the positions are interpolated.

import { bordersAt, bordersOf, mix } from "./borders.js";
import { isPending } from "./knob_moves.js";
import { knobField, numberIn } from "./knob_numbers.js";
import { fetchSteps, stepsFor } from "./knob_steps.js";
import { isStill } from "./motion.js";
import { MovingDisc } from "./moving_disc.js";
import { isBusy } from "./stage.js";

const MOVE_MS = 140;

let moving = null; // the wheel that is moved: { disc, tokenIds, frame, restore }

const wholeDisc = () => document.querySelector('[data-dial] [data-disc][data-depth="0"]');

// When a knob is touched, before it is moved.
export function lookAhead({ target }) {
  const field = knobField(target);
  if (field && wholeDisc() && !isBusy()) fetchSteps(field);
}

export function moveSegments({ target }) {
  const field = knobField(target);
  if (!field || !wholeDisc() || isBusy()) return;
  const steps = stepsFor(field);
  if (steps) moveTo(steps, numberIn(field));
  else fetchSteps(field, () => isPending() && stepsFor(field) && moveSegments({ target }));
}

// The server has refused the knobs, or has not answered: the wheel before them is still the one to spin.
export function restoreWheel() {
  if (moving?.disc.isShown) moving.restore();
  moving = null;
}

function moveTo(steps, value) {
  if (!(value >= steps.steps[0].value && value <= steps.steps.at(-1).value)) return;
  const { borders, step, isExact } = bordersAt(steps, value);
  const disc = takeOver(steps.token_ids);
  disc.showStep(step, bordersOf(step, steps.token_ids.length), isExact);
  if (isExact) showWords(step);
  if (isStill()) disc.draw(borders);
  else animate(disc, borders);
}

function takeOver(tokenIds) {
  if (!moving?.disc.isShown) moving = { restore: keepWheel() };
  if (moving.tokenIds !== tokenIds) {
    moving.disc = new MovingDisc(wholeDisc(), tokenIds);
    moving.tokenIds = tokenIds;
  }
  return moving.disc;
}

// A copy is moved, so that the wheel itself can be put back.
function keepWheel() {
  const kept = wholeDisc();
  const copy = kept.cloneNode(true);
  kept.replaceWith(copy);
  const number = document.querySelector("[data-dial] .hub-number");
  const possible = number.textContent;
  return () => {
    copy.replaceWith(kept);
    number.textContent = possible;
    hideSentence();
  };
}

function animate(disc, to) {
  const from = disc.borders;
  const begin = performance.now();
  cancelAnimationFrame(moving.frame);
  disc.draw(from);
  function draw(now) {
    if (!disc.isShown) return;
    const time = Math.min(Math.max((now - begin) / MOVE_MS, 0), 1);
    disc.draw(mix(from, to, 1 - (1 - time) ** 3));
    if (time < 1) moving.frame = requestAnimationFrame(draw);
  }
  moving.frame = requestAnimationFrame(draw);
}

// Over the caption, which keeps its place below.
function showWords({ sentence, possible }) {
  const caption = document.getElementById("dial-caption");
  hideSentence();
  const shown = Object.assign(document.createElement("p"), { className: "dial-sentence" });
  shown.textContent = sentence;
  caption.setAttribute("data-moving", "");
  caption.append(shown);
  document.querySelector("[data-dial] .hub-number").textContent = possible;
}

function hideSentence() {
  document.querySelector(".dial-sentence")?.remove();
  document.getElementById("dial-caption").removeAttribute("data-moving");
}
