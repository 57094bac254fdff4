// Motion of a heavy wheel: a short turn back, a push, then steady friction until it stands still.
// Shares are of the time of the whole motion.

const PUSH_SHARE = 0.1;
const NUM_SAMPLES = 100;

// The shape of a motion that ends at exactly `degrees`.
export const motionTo = (degrees, { windUpShare = 0, windUpDegrees = 0 } = {}) => ({
  degrees,
  windUpShare,
  windUpDegrees,
});

// The angle in degrees at a share of the time in [0, 1].
export function angleAt(share, { degrees, windUpShare, windUpDegrees }) {
  const frictionShare = 1 - windUpShare - PUSH_SHARE;
  const topSpeed = (2 * (degrees + windUpDegrees)) / (1 - windUpShare);
  if (share < windUpShare) return -windUpDegrees * smoothStep(share / windUpShare);
  const pushed = share - windUpShare;
  if (pushed < PUSH_SHARE) return (topSpeed * pushed ** 2) / (2 * PUSH_SHARE) - windUpDegrees;
  return degrees - (topSpeed * (1 - share) ** 2) / (2 * frictionShare);
}

// The motion as keyframes at equal distances in time, for an animation with linear easing.
export function keyframesOf(motion) {
  return Array.from({ length: NUM_SAMPLES + 1 }, (_, idx) => ({
    transform: `rotate(${angleAt(idx / NUM_SAMPLES, motion)}deg)`,
  }));
}

const smoothStep = (share) => share * share * (3 - 2 * share);
