// The wheel as a listbox: one tab stop, arrow keys between the segments, Enter to the button that
// chooses or opens the segment. Without this script it is a picture with a name.

import { canPeek, keepSegment } from "./peek.js";

let numOptions = 0;
let isFocusLent = false;

const disc = () => document.querySelector("[data-disc]");
const segments = () => [...disc().querySelectorAll("[data-kind]")];

export function makeListbox() {
  if (!disc() || disc().getAttribute("role") === "listbox") return;
  disc().setAttribute("role", "listbox");
  disc().setAttribute("tabindex", "0");
  for (const segment of segments()) makeOption(segment);
  returnFocus();
}

export function goToSegment(event) {
  if (!event.target.closest("[data-disc]") || !canPeek()) return;
  const next = segmentAt(event.key);
  if (next) select(next);
  else if (!["Enter", " "].includes(event.key) || !selected()) return;
  else document.querySelector("[data-peek-panel] .button:not([hidden])").focus();
  event.preventDefault();
}

// A change from the hub replaces the button that has the focus; the next wheel gets it back.
export function lendFocus({ target }) {
  isFocusLent = target.closest("[data-peek-panel]") !== null && target.matches("button");
}

function makeOption(segment) {
  numOptions += 1;
  segment.id = `segment-${numOptions}`;
  segment.setAttribute("role", "option");
  segment.setAttribute("aria-label", segment.dataset.name);
  segment.setAttribute("aria-selected", "false");
  segment.querySelector("title").remove(); // the hub shows the same
}

function select(segment) {
  disc().setAttribute("aria-activedescendant", segment.id);
  keepSegment(segment);
}

const selected = () => disc().querySelector("[data-lifted]");

function segmentAt(key) {
  const all = segments();
  const idx = all.indexOf(selected());
  const next = all[(idx + 1) % all.length];
  const previous = all.at(idx < 0 ? -1 : idx - 1);
  const last = all.at(-1);
  return {
    ArrowRight: next,
    ArrowDown: next,
    ArrowLeft: previous,
    ArrowUp: previous,
    Home: all[0],
    End: last,
  }[key];
}

function returnFocus() {
  if (isFocusLent && document.activeElement === document.body) disc().focus();
  isFocusLent = false;
}
