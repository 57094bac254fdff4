// Numbers in the fields of the knobs, typed with a decimal point or a decimal comma.

export const knobField = (element) =>
  element.closest?.(".knob")?.querySelector("[data-slider-min]") ?? null;

// NaN for a text that is not a number.
export function numberIn({ value }) {
  const text = value.trim().replace(/[,٫]/, ".");
  return text === "" ? Number.NaN : Number(text);
}
