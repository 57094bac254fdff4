// Shows a segment of the wheel in the hub: its token, its share, and the button that chooses or
// opens it. Hovering shows it for as long as it lasts. A click, a tap or an arrow key keeps it
// until Escape, a click elsewhere or the next change.

import { isBusy } from "./stage.js";

const MAX_LARGE_LENGTH = 11;
const SEGMENT = "[data-disc] [data-kind]";

const dial = () => document.querySelector("[data-dial]");
const disc = () => document.querySelector("[data-disc]");
const panel = () => document.querySelector("[data-peek-panel]");

export const isShown = (segment) => segment.hasAttribute("data-lifted");

const isKept = () => dial()?.dataset.peek === "kept";

export function hoverSegment({ target, pointerType }) {
  if (pointerType === "touch" || !panel() || isKept() || isBusy()) return;
  const segment = target.closest(SEGMENT);
  if (segment) show(segment, "hovered");
  else endPeek();
}

export function pickSegment({ target }) {
  if (isBusy()) return;
  const segment = target.closest(SEGMENT);
  if (segment) keep(segment);
  else if (!target.closest("[data-peek-panel]")) endPeek();
}

export function keep(segment) {
  show(segment, "kept");
}

export function endPeekAtEscape(event) {
  if (event.key !== "Escape" || !isKept()) return;
  event.preventDefault(); // other behaviours of Escape wait for the next one
  endPeek();
}

export function endPeek() {
  if (!dial()?.hasAttribute("data-peek")) return;
  if (panel().contains(document.activeElement)) disc().focus({ preventScroll: true });
  lower();
  delete dial().dataset.peek;
  panel().hidden = true;
}

function show(segment, state) {
  lower();
  lift(segment);
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

// A copy of the segment above all others, so that its neighbours do not cover it.
function lift(segment) {
  const copy = disc().querySelector("[data-lift]");
  copy.setAttribute("d", segment.getAttribute("d"));
  copy.setAttribute("class", `lift lift-${segment.dataset.kind} ${hueOf(segment) ?? ""}`);
  segment.setAttribute("data-lifted", "");
  segment.setAttribute("aria-selected", "true");
}

function lower() {
  const segment = disc().querySelector("[data-lifted]");
  segment?.removeAttribute("data-lifted");
  segment?.setAttribute("aria-selected", "false");
  disc().querySelector("[data-lift]").removeAttribute("d");
}

const hueOf = (segment) => segment.getAttribute("class").match(/hue-\d+/)?.[0];
