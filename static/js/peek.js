// Shows a segment of the wheel in the hub: its token, its share, and the button that chooses or
// opens it. Hovering shows it for as long as it lasts. A click, a tap or an arrow key keeps it
// until Escape, a click elsewhere or the next change.

import { knobField } from "./knob_numbers.js";
import { hueOf, liftSegment, lowerSegment } from "./lift.js";
import { isBusy } from "./stage.js";

const MAX_LARGE_LENGTH = 11;
const SEGMENT = "[data-disc] [data-kind]";

const dial = () => document.querySelector("[data-dial]");
const disc = () => document.querySelector("[data-disc]");
const panel = () => document.querySelector("[data-peek-panel]");

const isShowing = () => dial()?.hasAttribute("data-peek") ?? false;
const isKept = () => dial()?.dataset.peek === "kept";

// Not while the wheel turns, nor while a knob moves it: its segments have no numbers then.
export const canPeek = () => !isBusy() && !disc()?.hasAttribute("data-moving");

export function hoverSegment({ target, pointerType }) {
  if (pointerType === "touch" || !panel() || isKept() || !canPeek()) return;
  const segment = target.closest(SEGMENT);
  if (segment) showSegment(segment, "hovered");
  else endPeek();
}

export function pickSegment({ target }) {
  if (!canPeek()) return;
  const segment = target.closest(SEGMENT);
  if (segment) keepSegment(segment);
  else if (!target.closest("[data-peek-panel]")) endPeek();
}

export function keepSegment(segment) {
  showSegment(segment, "kept");
}

export function endPeekAtEscape(event) {
  if (event.key === "Escape" && isKept()) endInsteadOfOthers(event);
}

// Where no other behaviour has taken the key.
export function endHoverAtEscape(event) {
  if (event.key === "Escape" && isShowing() && !event.defaultPrevented) endInsteadOfOthers(event);
}

function endInsteadOfOthers(event) {
  if (event.target.closest("input, textarea, select")) return; // Escape empties a search field
  event.preventDefault();
  endPeek();
}

export function endPeekAtKnob({ target }) {
  if (knobField(target)) endPeek();
}

export function endPeek() {
  if (!isShowing()) return;
  if (panel().contains(document.activeElement)) disc().focus({ preventScroll: true });
  lowerSegment(disc());
  disc().removeAttribute("aria-activedescendant");
  delete dial().dataset.peek;
  panel().hidden = true;
}

function showSegment(segment, state) {
  lowerSegment(disc());
  liftSegment(disc(), segment);
  segment.setAttribute("aria-selected", String(state === "kept"));
  fill(panel(), segment);
  panel().hidden = false;
  dial().dataset.peek = state;
}

function fill(within, segment) {
  const { text, share, name, tokenId, opens } = segment.dataset;
  const part = (role) => within.querySelector(`[data-peek-${role}]`);
  part("text").textContent = text;
  part("text").parentElement.toggleAttribute("data-long", text.length > MAX_LARGE_LENGTH);
  part("share").textContent = share;
  part("name").textContent = name;
  part("swatch").setAttribute("class", `peek-swatch ${hueOf(segment) ?? "swatch-other"}`);
  part("choose").hidden = !tokenId;
  part("choose").value = tokenId ?? "";
  part("open").hidden = !opens;
  part("open").dataset.opens = opens ?? "";
}
