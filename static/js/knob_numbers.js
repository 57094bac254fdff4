// Numbers in the fields of the knobs, read as the server reads them (pages/words/typed_numbers.py):
// with a decimal point or a decimal comma, in European or Arabic digits.

// `mayBeThousands`: a thousand to some readers, one to others.
const DECIMAL = {
  number: /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i,
  mayBeThousands: /^[+-]?[1-9]\d{0,2},\d{3}$/,
};
const WHOLE = {
  number: /^[+-]?\d+(\.0*)?$/,
  mayBeThousands: /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/,
};
const ARABIC_DIGITS = /[٠-٩۰-۹]/g;

export const knobField = (element) =>
  element.closest?.(".knob")?.querySelector("[data-slider-min]") ?? null;

// NaN for a text that the server refuses.
export function numberIn({ value, inputMode }) {
  const { number, mayBeThousands } = inputMode === "numeric" ? WHOLE : DECIMAL;
  const text = value.trim().replace(ARABIC_DIGITS, (digit) => digit.charCodeAt(0) & 0xf);
  const withPoint = text.replace(/[,٫]/, ".");
  const isRead = number.test(withPoint) && !mayBeThousands.test(text);
  return isRead && Number.isFinite(Number(withPoint)) ? Number(withPoint) : Number.NaN;
}
