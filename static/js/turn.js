// Turns a wheel to an angle while its pointer ticks at the borders, and marks where it has stopped.

import { angleAt, keyframesOf, motionTo } from "./friction.js";
import { isStill } from "./motion.js";
import { finishMotions } from "./skip.js";

// Both turn by at least `minDegrees`, and by less than one turn more.
export const WHOLE = {
  minDegrees: 900,
  durationMs: 2400,
  windUp: { windUpShare: 0.125, windUpDegrees: 9 },
};
export const INSIDE = { minDegrees: 120, durationMs: 700 };

const REST_MS = 450;
const TICK_MS = 110;

export async function turn(dial, angleDegrees, { minDegrees, durationMs, windUp }) {
  const disc = dial.querySelector("[data-disc]");
  const course = motionTo(degreesTo(angleDegrees, minDegrees), windUp);
  const motion = disc.animate(keyframesOf(course), {
    duration: isStill() ? 0 : durationMs,
    fill: "forwards",
  });
  tickAlong(dial, motion, course);
  await finishMotions(motion);
}

export function markLanded(disc, segmentIndex) {
  const segment =
    disc.querySelector(`[data-segment-index="${segmentIndex}"]`) ??
    disc.querySelector('[data-kind="narrow"]');
  disc.setAttribute("data-landed", "");
  segment?.setAttribute("data-landed", "");
}

// A moment in which the token under the pointer is read.
export async function rest(dial) {
  const disc = dial.querySelector("[data-disc]");
  await finishMotions(disc.animate([], { duration: isStill() ? 0 : REST_MS }));
}

// Degrees by which the disc turns clockwise until the angle is at the top.
function degreesTo(angleDegrees, minDegrees) {
  const toTop = (360 - angleDegrees) % 360;
  return toTop + 360 * Math.ceil((minDegrees - toTop) / 360);
}

function tickAlong(dial, motion, course) {
  const pointer = dial.querySelector("[data-pointer]");
  const ends = [...dial.querySelectorAll("[data-end]")].map((path) => Number(path.dataset.end));
  let numPassed = 0;
  function look() {
    if (motion.playState !== "running") return;
    const turns = angleAt(motion.effect.getComputedTiming().progress, course) / 360;
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
