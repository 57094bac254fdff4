// Turns a wheel to an angle while its pointer ticks at the borders, and opens one inside another.

import { isStill } from "./motion.js";
import { finish } from "./skip.js";

const EASE_OUT = "cubic-bezier(0.12, 0.72, 0.1, 1)";
const OPEN_MS = 400;
const TICK_MS = 110;

export async function turn(dial, angleDegrees, { numTurns, durationMs }) {
  const disc = dial.querySelector("[data-disc]");
  const degrees = 360 * numTurns + ((360 - angleDegrees) % 360);
  const motion = disc.animate(
    [{ transform: "rotate(0deg)" }, { transform: `rotate(${degrees}deg)` }],
    { duration: isStill() ? 0 : durationMs, easing: EASE_OUT, fill: "forwards" },
  );
  tickAlong(dial, motion, degrees);
  await finish(motion);
}

export function markLanded(dial, segmentIndex) {
  const disc = dial.querySelector("[data-disc]");
  const segment =
    disc.querySelector(`[data-segment-index="${segmentIndex}"]`) ??
    disc.querySelector('[data-kind="narrow"]');
  disc.setAttribute("data-landed", "");
  segment?.setAttribute("data-landed", "");
}

// The new wheel grows out of the point under the pointer.
export async function openInside(dial, disc, caption) {
  const old = dial.querySelector("[data-disc]");
  old.after(disc);
  document.getElementById("dial-caption").textContent = caption;
  const motion = disc.animate(
    [{ transform: "translateY(-42%) scale(0.04)" }, { transform: "none" }],
    { duration: isStill() ? 0 : OPEN_MS, easing: "ease-in-out" },
  );
  await finish(motion);
  old.remove();
}

function tickAlong(dial, motion, degrees) {
  const pointer = dial.querySelector("[data-pointer]");
  const ends = [...dial.querySelectorAll("[data-end]")].map((path) => Number(path.dataset.end));
  let numPassed = 0;
  function look() {
    if (motion.playState !== "running") return;
    const turns = (motion.effect.getComputedTiming().progress * degrees) / 360;
    const num = ends.reduce((sum, end) => sum + Math.floor(turns + end), 0);
    if (num > numPassed) tick(pointer);
    numPassed = num;
    requestAnimationFrame(look);
  }
  look();
}

function tick(pointer) {
  for (const motion of pointer.getAnimations()) motion.cancel();
  pointer.animate([{ rotate: "-11deg" }, { rotate: "0deg" }], { duration: TICK_MS });
}
