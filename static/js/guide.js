// The guided start, a tour on the real wheel: guess the next token, spin, meet the next wheel, look
// closer, change the temperature. It begins by itself on a browser's first visit, from the menu, and
// from its lesson. Spins and changes are the page's own; the steps only follow them.

import { focusCard, hideCard, isCardOpen, showCard } from "./guide_card.js";
import { isSeen, markSeen } from "./guide_seen.js";
import { TAKES_ESCAPE } from "./popups.js";
import { isBusy } from "./stage.js";

const OTHERS_TAKE_ESCAPE = `${TAKES_ESCAPE}, .trail`;

let step = null; // "guess", "spin", "landed", "context", "look", "temperature" or "done"
let guess = null; // the token's id, and a node that shows the token
let shownBefore = null; // the wheel's revision and temperature at the last step

export function offerGuide() {
  const isWheelShown = hasWheel();
  document.querySelector("[data-guide-begin]").hidden = !isWheelShown;
  if (isWheelShown && (takeTour() || (!isSeen() && !isInClass()))) begin();
  else if (!isWheelShown && isCardOpen()) leave(); // the text is full
}

// Whether the lesson has sent the browser here. The address is the wheel's own from then on, so that a
// copied link begins no tour.
function takeTour() {
  const address = new URL(location.href);
  if (!address.searchParams.has("tour")) return false;
  address.searchParams.delete("tour");
  history.replaceState(history.state, "", address);
  return true;
}

// In a class the teacher guides. The menu offers the guided start there too.
function isInClass() {
  return document.querySelector("#class-card") !== null;
}

export function followGuideButtons({ target }) {
  if (target.closest("[data-guide-begin]")) beginFromMenu();
  else if (target.closest("[data-guide-leave]")) leave();
  else if (target.closest("[data-guide-next]")) goOn();
}

export function leaveGuideAtEscape(event) {
  if (event.key !== "Escape" || event.defaultPrevented || !isCardOpen() || isBusy()) return;
  if (!event.target.closest("#guide") && document.querySelector(OTHERS_TAKE_ESCAPE)) return;
  event.preventDefault(); // other behaviours of Escape wait for the next one
  leave();
}

// A guess is a click on a segment of the wheel, or on a row of the list beside its button.
export function noteGuess({ target }) {
  if (!isBeforeSpin() || isBusy()) return;
  const button = tokenButton(target);
  if (!button) return;
  guess = { tokenId: button.value, node: button.closest("tr").querySelector("bdi") };
  goTo("spin", "guessed", null, { guess: guess.node });
}

export function compareGuess({ detail }) {
  if (!isBeforeSpin()) return;
  const landed = document.querySelector("#result .result-token");
  if (!guess) goTo("landed", "landed", "next", { landed });
  else if (guess.tokenId === detail.tokenId) goTo("landed", "hit", "next", { guess: guess.node });
  else goTo("landed", "miss", "next", { guess: guess.node, landed });
}

// The figures of a token of the text are on show.
export function noteSurprise({ target }) {
  if (step === "look" && target.closest("button.chip")) goTo("look", "surprise", "next");
}

export function followChange() {
  const { rev, temperature } = shown();
  if (isBeforeSpin() && guess && rev !== shownBefore.rev) begin(); // a guess about another wheel
  if (step === "look" && isOpened()) goTo("look", "opened", "next");
  if (step !== "temperature" || temperature === shownBefore.temperature) return;
  goTo("done", temperature < shownBefore.temperature ? "colder" : "warmer", "done");
}

function begin() {
  markSeen();
  guess = null;
  goTo("guess", "guess", "next");
}

function beginFromMenu() {
  document.getElementById("menu").open = false;
  begin();
  focusCard();
}

// After the button. Where the next words have no button, the focus moves to what they ask for.
function goOn() {
  if (step === "guess") {
    goTo("spin", "spin", null);
    focus("#spin");
  } else if (step === "landed") {
    goTo("context", "context", "next");
  } else if (step === "context") {
    goTo("look", "look", "next");
  } else if (step === "look") {
    const knobs = document.getElementById("knobs");
    if (!knobs.open) knobs.querySelector("summary").click();
    focus("#knobs > summary");
    document.getElementById("show-temperature").click(); // on a phone one knob is shown at a time
    document.getElementById("knob-temperature").scrollIntoView({ block: "nearest" });
    goTo("temperature", "temperature", null);
  } else leave();
}

function leave() {
  const hadFocus = document.activeElement.closest("#guide");
  step = null;
  hideCard();
  if (hadFocus) focus("#spin");
}

function goTo(nextStep, words, buttonName, tokens) {
  step = nextStep;
  shownBefore = shown();
  showCard(words, buttonName, tokens);
}

const hasWheel = () => document.querySelector("[data-dial]") !== null;

const isOpened = () => document.querySelector(".trail") !== null;

const isBeforeSpin = () => step === "guess" || step === "spin";

const focus = (selector) => document.querySelector(selector)?.focus({ preventScroll: true });

// Empty without a wheel.
function shown() {
  const fields = document.getElementById("spin-form")?.elements;
  return fields ? { rev: fields.rev.value, temperature: Number(fields.temperature.value) } : {};
}

// The list's button for the token that was clicked, which has its id.
function tokenButton(target) {
  const tokenId = target.closest("[data-disc] [data-token-id]")?.dataset.tokenId;
  if (tokenId) return document.querySelector(`#tokens-panel [name=token_id][value="${tokenId}"]`);
  if (target.closest("a, button")) return null;
  return target.closest("#tokens-panel tr")?.querySelector("[name=token_id]");
}
