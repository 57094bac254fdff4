// The card of the guided start: its words, which are templates of the page, and its button.

import { placeGuide } from "./guide_place.js";

const card = () => document.getElementById("guide");
const nextButton = () => card().querySelector("[data-guide-next]");
const copyOf = (name) => document.getElementById(`guide-${name}`).content.cloneNode(true);

export const isCardOpen = () => !card().hidden;

export const focusCard = () => nextButton().focus({ preventScroll: true });

// `buttonName`: the words on the button; null: no button. `tokens`: the nodes to show in the words,
// by the places there.
export function showCard(name, buttonName, tokens = {}) {
  const words = copyOf(name);
  for (const [place, node] of Object.entries(tokens)) {
    words.querySelector(`[data-guide-${place}]`).append(...node.cloneNode(true).childNodes);
  }
  card().hidden = false;
  document.getElementById("guide-words").replaceChildren(words);
  nextButton().hidden = buttonName === null;
  const wayBack = card().querySelector("[data-guide-lesson]");
  if (wayBack) wayBack.hidden = buttonName !== "done";
  if (buttonName) nextButton().replaceChildren(copyOf(buttonName));
  placeGuide();
}

export function hideCard() {
  card().hidden = true;
}
