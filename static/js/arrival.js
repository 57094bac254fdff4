// Moves the drawn token into the text while the next wheel grows out of the hub, over the old one.

import { isStill } from "./motion.js";

const GROW_MS = 1150;
const FLIGHT_MS = 750;
const STAND_STILL_MS = 1200;

// A browser may paint a frame before the start of a motion: it must show the first keyframe.
const FROM_THE_START = { fill: "backwards" };

let arrivalMotion = null;

// Returns the old wheel, fixed at its stop. Called before the next stage replaces it.
export function keepOldDisc() {
  const disc = document.querySelector("[data-disc]");
  if (!disc) return null;
  const place = document.querySelector("[data-pointer]").getBoundingClientRect();
  for (const motion of disc.getAnimations()) {
    motion.commitStyles();
    motion.cancel();
  }
  return { disc, place };
}

export function showArrival(old, displayText) {
  const dial = document.querySelector("[data-dial]");
  const chip = [...document.querySelectorAll("[data-chips] .chip")].at(-1);
  if (!old) return;
  if (dial) replaceDisc(dial, old.disc);
  if (chip && !isStill()) fly(displayText, old.place, chip);
}

function replaceDisc(dial, oldDisc) {
  const disc = dial.querySelector("[data-disc]");
  for (const name of ["data-disc", "role", "aria-label", "tabindex", "aria-activedescendant"])
    oldDisc.removeAttribute(name);
  oldDisc.setAttribute("aria-hidden", "true");
  oldDisc.classList.add("disc-before");
  disc.before(oldDisc);
  const motion = isStill() ? standStill(disc) : grow(disc);
  motion.finished.catch(() => {}).then(() => oldDisc.remove());
  arrivalMotion = motion;
}

// Ends the growth of the wheel at once if the next spin is submitted.
export function finishArrival({ target }) {
  if (target.closest("[data-dial]")) arrivalMotion?.finish();
}

function grow(disc) {
  return disc.animate(
    [
      { transform: "scale(0.26)" },
      { transform: "scale(0.34)", offset: 0.45 },
      { transform: "none" },
    ],
    { ...FROM_THE_START, duration: GROW_MS, easing: "ease-in-out" },
  );
}

function standStill(disc) {
  return disc.animate([{ opacity: 0 }, { opacity: 0 }], {
    ...FROM_THE_START,
    duration: STAND_STILL_MS,
  });
}

function fly(text, from, chip) {
  const to = chip.getBoundingClientRect();
  const flyer = document.createElement("span");
  flyer.className = "flyer notranslate";
  flyer.translate = false;
  flyer.textContent = text;
  flyer.setAttribute("aria-hidden", "true");
  document.body.append(flyer);
  const { width, height } = flyer.getBoundingClientRect();
  const start = `translate(${from.left + from.width / 2 - width / 2}px, ${from.bottom}px) scale(1.3)`;
  const end = `translate(${to.left + (to.width - width) / 2}px, ${to.top + (to.height - height) / 2}px)`;
  const timing = { ...FROM_THE_START, duration: FLIGHT_MS, easing: "cubic-bezier(0.5, 0, 0.2, 1)" };
  chip.animate([{ opacity: 0 }, { opacity: 0 }], timing);
  flyer
    .animate([{ transform: start }, { transform: end }], timing)
    .finished.then(() => flyer.remove());
}
