// A spin, from its answer to the next wheel. The server has drawn the token already: the wheel on
// show is turned to the angle on the receipt, while the next wheel is fetched.

import { announce } from "./announce.js";
import { keepOldDisc, showArrival } from "./arrival.js";
import { fetchNextWheel } from "./next_wheel.js";
import { endSpin, startSpin } from "./skip.js";
import { setBusy, showProblem, swapParts, words } from "./stage.js";
import { appendChips } from "./story.js";
import { INSIDE, markLanded, rest, turn, WHOLE } from "./turn.js";
import { waitFor } from "./waiting.js";
import { openInside, zoomThrough } from "./zoom.js";

export function performSpin({ detail }) {
  if (detail.requestConfig.elt.id !== "spin-form" || detail.xhr.status !== 200) return;
  detail.shouldSwap = false;
  performLanding(detail.serverResponse);
}

// The page must be busy already.
export function performLanding(html) {
  perform(new DOMParser().parseFromString(html, "text/html"));
}

// Whatever fails, the page does not stay busy.
async function perform(answer) {
  try {
    const receipt = answer.querySelector("[data-receipt]");
    const nextWheel = fetchNextWheel(receipt.dataset.rev);
    nextWheel.catch(() => {}); // handled below, when the wheel has stopped
    await play(receipt);
    showResult(answer, receipt.dataset);
    await rest(document.querySelector("[data-dial]"));
    endSpin();
    await arrive(nextWheel, receipt);
  } catch {
    setBusy(false);
    showProblem(words("late"));
  } finally {
    endSpin();
  }
}

async function arrive(nextWheel, receipt) {
  const html = await waitFor(nextWheel);
  const old = keepOldDisc();
  appendChips(receipt.querySelector("[data-new-chips]"));
  swapParts(html);
  showArrival(old, receipt.dataset.displayText);
}

async function play(receipt) {
  const dial = document.querySelector("[data-dial]");
  startSpin();
  const whole = receipt.querySelector("[data-whole]");
  if (whole) dial.querySelector("[data-disc]").replaceWith(discIn(whole));
  await turnTo(dial, receipt.dataset, WHOLE);
  for (const inner of receipt.querySelectorAll("[data-inner]")) {
    await openInside(dial, discIn(inner), inner.dataset.caption);
    await turnTo(dial, inner.dataset, INSIDE);
  }
  const zoom = receipt.querySelector("[data-zoom]");
  if (zoom) await zoomThrough(dial, [...zoom.children].map(wheelIn), zoom.dataset.caption);
}

async function turnTo(dial, { angleDegrees, segmentIndex }, motion) {
  await turn(dial, Number(angleDegrees), motion);
  markLanded(dial.querySelector("[data-disc]"), segmentIndex);
}

function wheelIn(template) {
  const { angleDegrees, segmentIndex } = template.dataset;
  return { disc: discIn(template), angleDegrees: Number(angleDegrees), segmentIndex };
}

function discIn(template) {
  return document.importNode(template.content.querySelector("[data-disc]"), true);
}

function showResult(answer, receipt) {
  document.getElementById("result").replaceWith(answer.getElementById("result"));
  announce(receipt.announcement);
  const disc = document.querySelector("[data-disc]");
  disc.dispatchEvent(new CustomEvent("wheel:landed", { bubbles: true, detail: { ...receipt } }));
}
