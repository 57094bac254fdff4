// Numbers in the fields of the knobs, read as the server reads them (pages/words/typed_numbers.py):
// with a decimal point or a decimal comma, in European or Arabic digits.

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const AMBIGUOUS = /^[+-]?[1-9]\d{0,2},\d{3}$/; // a thousand to some readers, one to others
const ARABIC_DIGITS = /[٠-٩۰-۹]/g;

export const knobField = (element) =>
  element.closest?.(".knob")?.querySelector("[data-slider-min]") ?? null;

// NaN for a text that the server refuses.
export function numberIn({ value }) {
  const text = value.trim().replace(ARABIC_DIGITS, (digit) => digit.charCodeAt(0) & 0xf);
  const number = text.replace(/[,٫]/, ".");
  return AMBIGUOUS.test(text) || !NUMBER.test(number) ? Number.NaN : Number(number);
}
