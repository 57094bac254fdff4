// Shows the beginning of the tree, which is in the middle of its height: when the page has come, and
// when the tree begins at another place.

let shown = null; // the key of the beginning

export function showBeginning() {
  const frame = document.getElementById("tree-frame");
  const root = frame?.querySelector(".tree-root");
  if (!root || root.dataset.key === shown) return;
  shown = root.dataset.key;
  const [box, view] = [root.getBoundingClientRect(), frame.getBoundingClientRect()];
  const distance = box.top + box.height / 2 - view.top - view.height / 2;
  frame.scrollTo({ left: 0, top: frame.scrollTop + distance, behavior: "instant" });
}
