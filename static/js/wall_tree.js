// Scrolls the tree to where it begins, which is in the middle of its height, or to the end of the story
// that is followed: when the page has come, and when another tree or story is shown.

let shown = null;

export function showPlace() {
  const frame = document.getElementById("tree-frame");
  if (!frame || frame.dataset.shows === shown) return;
  shown = frame.dataset.shows;
  const followed = [...frame.querySelectorAll(".tree-box-followed")].at(-1);
  const box = (followed ?? frame.querySelector(".tree-root")).getBoundingClientRect();
  const view = frame.getBoundingClientRect();
  frame.scrollTo({
    left: Math.max(0, frame.scrollLeft + box.right - view.right),
    top: frame.scrollTop + (box.top + box.bottom - view.top - view.bottom) / 2,
    behavior: "instant",
  });
}
