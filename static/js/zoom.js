// Wheels that grow out of the point under the pointer: one that turns on, or several in one zoom.

import { isStill } from "./motion.js";
import { finishMotions } from "./skip.js";
import { markLanded } from "./turn.js";

const OPEN_MS = 250;
const ZOOM_MS = 700;
const SMALLEST_SCALE = 0.02;
const NUM_SAMPLES = 20;

// The new wheel replaces the one on show.
export async function openInside(dial, disc, caption) {
  const old = dial.querySelector("[data-disc]");
  old.after(disc);
  showCaption(caption);
  await finishMotions(grow(disc, 0, { duration: OPEN_MS, easing: "ease-in-out" }));
  old.remove();
}

// A row of wheels, each inside the segment of the one before. They are at their stop already and
// grow one over the other without a pause, so that all of them take as long as one.
export async function zoomThrough(dial, wheels, caption) {
  const old = dial.querySelectorAll("[data-disc]");
  const stepMs = ZOOM_MS / (wheels.length + 1);
  showCaption(caption);
  const motions = wheels.map(({ disc, angleDegrees, segmentIndex }, idx) => {
    markLanded(disc, segmentIndex);
    dial.querySelector(".pointer").before(disc);
    const timing = { delay: idx * stepMs, duration: 2 * stepMs };
    return grow(disc, (360 - angleDegrees) % 360, timing);
  });
  await finishMotions(...motions);
  for (const disc of [...old, ...wheels.slice(0, -1).map(({ disc }) => disc)]) disc.remove();
}

function grow(disc, degrees, { delay = 0, duration, easing = "linear" }) {
  const still = isStill();
  return disc.animate(growth(degrees), {
    delay: still ? 0 : delay,
    duration: still ? 0 : duration,
    easing,
    fill: "both",
  });
}

// The scale grows by equal factors, as a camera comes closer at a steady speed. The point under the
// pointer, 42 % above the centre, stays where it is.
function growth(degrees) {
  return Array.from({ length: NUM_SAMPLES + 1 }, (_, idx) => {
    const scale = SMALLEST_SCALE ** (1 - idx / NUM_SAMPLES);
    return { transform: `translateY(${42 * (scale - 1)}%) scale(${scale}) rotate(${degrees}deg)` };
  });
}

function showCaption(caption) {
  document.getElementById("dial-caption").textContent = caption;
}
