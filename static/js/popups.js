// Closes explanations and the menu: at a click elsewhere, and at Escape.

const POPUPS = "details.help[open], details.menu[open]";

export function closeOthers({ target }) {
  for (const popup of document.querySelectorAll(POPUPS)) {
    if (!popup.contains(target) || target.closest(".menu-sheet > a")) popup.open = false;
  }
}

export function closeAtEscape({ key }) {
  if (key !== "Escape") return;
  for (const popup of document.querySelectorAll(POPUPS)) {
    const hadFocus = popup.contains(document.activeElement);
    popup.open = false;
    if (hadFocus) popup.querySelector("summary").focus();
  }
}
