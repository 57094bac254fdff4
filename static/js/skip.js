// Skips the motion of a spin: after a click on the wheel or a key press, all animations jump to
// their end. The second click of a double click does not count, nor does a key held down.

const IGNORED_KEYS = ["Tab", "Shift", "Control", "Alt", "Meta"];

let isSpinning = false;
let isSkipped = false;
let currentMotion = null;

export function startSpin() {
  isSpinning = true;
  isSkipped = false;
  currentMotion = null;
}

export function endSpin() {
  isSpinning = false;
}

// Resolves when the motion has ended, at once if the spin is skipped.
export async function finish(motion) {
  currentMotion = motion;
  if (isSkipped) motion.finish();
  await motion.finished;
}

export function skipAtClick({ target, detail: numClicks }) {
  if (target.closest("[data-dial]") && numClicks < 2) skip();
}

export function skipAtKey({ key, repeat }) {
  if (!repeat && !IGNORED_KEYS.includes(key)) skip();
}

function skip() {
  if (!isSpinning) return;
  isSkipped = true;
  currentMotion?.finish();
}
