// Closes explanations and the menu: at a click elsewhere, and at Escape.

const POPUPS = "details.help[open], details.menu[open]";

export const isPopupOpen = () => document.querySelector(POPUPS) !== null;

// What one press of Escape closes before it does anything else.
export const TAKES_ESCAPE = `${POPUPS}, #chip-detail:not([hidden])`;

export function closeOthers({ target }) {
  for (const popup of document.querySelectorAll(POPUPS)) {
    if (!popup.contains(target) || target.closest(".menu-sheet > a")) popup.open = false;
  }
}

export function closeAtEscape(event) {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  for (const popup of document.querySelectorAll(POPUPS)) {
    event.preventDefault(); // other behaviours of Escape wait for the next one
    const hadFocus = popup.contains(document.activeElement);
    popup.open = false;
    if (hadFocus) popup.querySelector("summary").focus();
  }
}
