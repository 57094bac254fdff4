// Finds a place for the card of the guided start: where it covers neither the wheel, nor Spin, nor
// the temperature, nor the drawn tokens, and little of the rest. After that the card moves with the page.

const GAP_PX = 8;

const TEMPERATURE = ".knob-temperature > *";

// The cost of covering one square pixel of an element.
const COSTS = new Map([
  ["[data-dial]", 1000],
  ["#spin, #knobs > summary", 5000],
  [`#knobs[open] ${TEMPERATURE}`, 5000],
  [".masthead", 2],
  ["button.chip", 100],
  [".result-line", 20],
  [".story, #knobs[open] #knobs-form, #tokens-panel", 1],
]);

export function placeGuide() {
  const card = document.getElementById("guide");
  if (card.hidden || !document.querySelector("[data-dial]")) return;
  const { left, top } = bestPlace(card.getBoundingClientRect());
  card.style.transform = `translate(${left + scrollX}px, ${top + scrollY}px)`;
}

function bestPlace(card) {
  const obstacles = findObstacles();
  const places = candidates(card);
  const costs = places.map((place) => costOf(place, obstacles));
  return places[costs.indexOf(Math.min(...costs))];
}

// The places in the window, best first: at the bottom, above the wheel, Spin, the knobs, at the top;
// each in the column of the text, then in that of the wheel. A card that is higher than the window
// begins at its top.
function candidates({ width, height }) {
  const lowest = document.documentElement.clientHeight - GAP_PX - height;
  const belows = boxesOf("#knobs > summary, #spin, [data-dial], .knobs-sheet");
  const aboves = belows.map((box) => box.top - GAP_PX - height);
  const tops = [lowest, ...aboves, GAP_PX].map((top) => Math.max(0, Math.min(top, lowest)));
  const lefts = [boxesOf(".story")[0].right - width, boxesOf("[data-dial]")[0].left];
  return tops.flatMap((top) => lefts.map((left) => new DOMRect(left, top, width, height)));
}

function findObstacles() {
  return [...COSTS].flatMap(([selector, cost]) => boxesOf(selector).map((box) => ({ box, cost })));
}

const boxesOf = (selector) =>
  [...document.querySelectorAll(selector)].map((element) => element.getBoundingClientRect());

function costOf(place, obstacles) {
  return obstacles.reduce((sum, { box, cost }) => sum + cost * overlap(place, box), 0);
}

function overlap(a, b) {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return Math.max(width, 0) * Math.max(height, 0);
}
