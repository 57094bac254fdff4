// The numbers of a token of the text, in one popup that all tokens share: at a hover, a tap or the
// keyboard's focus. It stays while the pointer is in the text, so that "more" can be reached.
// Escape hides it.

const CHIP = "[data-chips] .chip";
const GAP_PX = 2;

let shownChip = null;

const popup = () => document.getElementById("chip-detail");

export function showChipDetail({ target }) {
  const chip = target.closest?.(CHIP);
  if (!chip || chip === shownChip) return;
  hideChipDetail();
  shownChip = chip;
  fill(chip);
  place(chip);
  chip.setAttribute("aria-describedby", "chip-facts");
}

export function hideChipDetail() {
  shownChip?.removeAttribute("aria-describedby");
  shownChip = null;
  const detail = popup();
  if (detail) detail.hidden = true;
}

export function hideDetailAtEscape(event) {
  if (event.key !== "Escape" || event.defaultPrevented || !shownChip) return;
  event.preventDefault(); // other behaviours of Escape wait for the next one
  hideChipDetail();
}

// At a pointer or a focus that moves to a place outside the text.
export function hideDetailOutside({ target }) {
  if (shownChip && !target.closest?.("#story")) hideChipDetail();
}

// Without this script the lines are the chip's own tooltip, which must not appear beside the popup.
function fill(chip) {
  if (chip.title) {
    chip.dataset.facts = chip.title;
    chip.removeAttribute("title");
  }
  const [facts, more] = chip.dataset.facts.split("\n");
  const detail = popup();
  const name = detail.querySelector("[data-name]");
  name.textContent = chip.textContent;
  name.dir = chip.dir || "auto";
  detail.querySelector("[data-facts]").textContent = facts;
  detail.querySelector("[data-more]").textContent = more;
  detail.querySelector("[data-hint]").hidden = !chip.matches("button");
  detail.hidden = false;
}

// Below the chip, or above it where the window ends.
function place(chip) {
  const detail = popup();
  const story = detail.parentElement.getBoundingClientRect();
  const { top, bottom } = chip.getBoundingClientRect();
  const { height } = detail.getBoundingClientRect();
  const isRoomBelow = bottom + height + GAP_PX < window.innerHeight;
  const y = isRoomBelow ? bottom + GAP_PX : top - height - GAP_PX;
  detail.style.top = `${y - story.top}px`;
}
