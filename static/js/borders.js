// Borders between the segments of a wheel, in turns: the end of each token's segment by rank, then
// the end of the narrow segment; Other fills the rest. They are the server's at every step of a knob,
// and are interpolated between two steps. A segment that is missing at a step has no width there.

const SAME = 1e-9;

export function bordersOf(step, numTokens) {
  const last = step.ends.at(-1) ?? 0;
  return [...step.ends, ...Array(numTokens - step.ends.length).fill(last), step.narrow];
}

// Borders at a value of the knob, with the nearest step. `isExact`: the value is that of the step.
export function bordersAt({ steps, token_ids: tokenIds }, value) {
  const after = Math.max(
    steps.findIndex((step) => step.value >= value - SAME),
    0,
  );
  const next = value > steps.at(-1).value ? steps.at(-1) : steps[after];
  const previous = next.value <= value + SAME || after === 0 ? next : steps[after - 1];
  const share = previous === next ? 0 : (value - previous.value) / (next.value - previous.value);
  const step = share > 0.5 ? next : previous;
  return {
    step,
    isExact: Math.abs(step.value - value) < SAME,
    borders: mix(bordersOf(previous, tokenIds.length), bordersOf(next, tokenIds.length), share),
  };
}

export const mix = (from, to, share) =>
  from.map((border, idx) => border + (to[idx] - border) * share);
