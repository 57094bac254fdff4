// Keeps the text on the page equal to the server's. An answer contains only the chips that the page
// lacks, so a request names the revision of the text that the page shows.

const HEADER = "Shown-Rev";

const change = () => document.getElementById("story-change");

export const shownRev = () => Number(change().dataset.rev);

export const shownRevHeader = (rev = change().dataset.rev) => ({ [HEADER]: rev });

export function addShownRev({ detail }) {
  Object.assign(detail.headers, shownRevHeader());
}

export function applyStoryChange() {
  const chips = change().querySelector("[data-new-chips]");
  if (!chips) return; // the whole text is new
  removeChips(change().dataset.numKept);
  appendChips(chips);
}

export function appendChips(template) {
  document.querySelector("[data-chips]").append(template.content.cloneNode(true));
}

// Removes the chosen tokens from this number on, with the line breaks between them.
function removeChips(firstIdx) {
  const first = document.getElementById(`chip-${firstIdx}`);
  if (!first) return;
  const rest = document.createRange();
  rest.setStartBefore(first.closest(".chip-tie") ?? first);
  rest.setEndAfter(document.querySelector("[data-chips]").lastChild);
  rest.deleteContents();
}
