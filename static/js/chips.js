// The text as a row of tokens: one tab stop, and arrow keys between the tokens. On a touch screen
// the first tap on a token shows its numbers, the second rewinds to before it.

const chips = () => [...document.querySelectorAll("[data-chips] .chip")];

let lastPointer = null;

export function makeSingleTabStop() {
  const all = chips();
  for (const chip of all) chip.tabIndex = chip === all.at(-1) ? 0 : -1;
}

export function goToNeighbour(event) {
  const chip = event.target.closest?.("[data-chips] .chip");
  const next = chip && neighbour(chip, event.key);
  if (!next) return;
  event.preventDefault();
  chip.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

function neighbour(chip, key) {
  const all = chips();
  const idx = all.indexOf(chip);
  const isRightToLeft = getComputedStyle(chip.closest("[data-chips]")).direction === "rtl";
  const [left, right] = isRightToLeft ? [idx + 1, idx - 1] : [idx - 1, idx + 1];
  return { ArrowLeft: all[left], ArrowRight: all[right], Home: all[0], End: all.at(-1) }[key];
}

// Older versions of Safari do not name the pointer of a click.
export function recordPointer({ pointerType }) {
  lastPointer = pointerType;
}

// A click by the keyboard or by a script has no `detail`.
const isTap = ({ detail }) => detail > 0 && lastPointer === "touch";

export function stopFirstTap(event) {
  const chip = event.target.closest("[data-chips] button.chip");
  if (!chip || !isTap(event) || chip.hasAttribute("data-tapped")) return;
  event.preventDefault();
  event.stopPropagation();
  for (const other of chips()) other.removeAttribute("data-tapped");
  chip.setAttribute("data-tapped", "");
  chip.focus();
}

// Not when the focus goes to the chip's numbers.
export function forgetTap({ target, relatedTarget }) {
  if (relatedTarget?.closest("#chip-detail")) return;
  target.closest?.(".chip")?.removeAttribute("data-tapped");
}
