// Colours the tokens of the prompt by their surprise, which the server computes after the page is
// shown. If it is busy or does not answer, they stay as they are.

const OK = 200;

export async function colourPrompt() {
  const text = document.querySelector("[data-prompt-figures]");
  if (!text) return;
  const url = text.dataset.promptFigures;
  text.removeAttribute("data-prompt-figures"); // one request for a text
  try {
    const response = await fetch(url);
    if (response.status === OK) show((await response.json()).chips, text);
  } catch {
    // no connection
  }
}

function show(figures, text) {
  const chips = text.querySelectorAll(".chip-prompt");
  for (const [idx, { level, title }] of figures.entries()) {
    if (level !== null) chips[idx].classList.add(`level-${level}`);
    // The popup of the tokens has taken the title of those that it has shown (chip_detail.js).
    if (chips[idx].dataset.facts) chips[idx].dataset.facts = title;
    else chips[idx].title = title;
  }
}
