// Explanations and the menu close by themselves: at a click elsewhere, and at Escape.

const POPUPS = "details.help[open], details.menu[open]";

document.addEventListener("click", ({ target }) => {
  for (const popup of document.querySelectorAll(POPUPS)) {
    if (!popup.contains(target) || target.closest(".menu-sheet > a")) popup.open = false;
  }
});

document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  for (const popup of document.querySelectorAll(POPUPS)) {
    const hadFocus = popup.contains(document.activeElement);
    popup.open = false;
    if (hadFocus) popup.querySelector("summary").focus();
  }
});
