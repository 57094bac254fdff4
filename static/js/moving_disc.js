// The segments and labels of a wheel that is moved by a knob. `MovingDisc` takes over the server's
// picture and draws it with other borders, until the server's next picture replaces it.

import { sector } from "./sector.js";

const SVG = "http://www.w3.org/2000/svg";

export class MovingDisc {
  #disc;
  #paths;
  #labels;
  #step = null;
  borders; // the ends of the segments as they are drawn
  stepBorders; // the same at the step whose labels are shown

  // Both the picture and the steps begin with the likeliest tokens.
  constructor(disc, tokenIds) {
    this.#disc = disc;
    this.#labels = disc.querySelector("[data-labels]");
    disc.setAttribute("data-moving", "");
    for (const title of disc.querySelectorAll(".segment > title")) title.remove();
    document.querySelector("[data-dial] .mark")?.remove();
    this.borders = this.#shownBorders(tokenIds);
    this.#paths = this.#ensurePaths(tokenIds);
  }

  get isShown() {
    return this.#disc.isConnected;
  }

  #shownBorders(tokenIds) {
    const ends = [...this.#disc.querySelectorAll('[data-kind="token"]')].map(endOf);
    const last = ends.at(-1) ?? 0;
    const narrow = this.#disc.querySelector('[data-kind="narrow"]');
    while (ends.length < tokenIds.length) ends.push(last);
    return [...ends.slice(0, tokenIds.length), narrow ? endOf(narrow) : last];
  }

  // A path for each border, and one for Other. Other tokens are at no step, so they go.
  #ensurePaths(tokenIds) {
    const shown = this.#disc.querySelectorAll('[data-kind="token"]');
    for (const path of [...shown].slice(tokenIds.length)) path.remove();
    const find = (kind, id) =>
      this.#disc.querySelector(
        `[data-kind="${kind}"]${id === undefined ? "" : `[data-token-id="${id}"]`}`,
      );
    const other = find("other") ?? this.#addPath("other", this.#labels);
    const narrow = find("narrow") ?? this.#addPath("narrow", other);
    const tokens = tokenIds.map((id, idx) => {
      const path = find("token", id) ?? this.#addPath("token", narrow);
      Object.assign(path.dataset, { tokenId: id, segmentIndex: idx });
      return path;
    });
    return [...tokens, narrow, other];
  }

  #addPath(kind, next) {
    const path = document.createElementNS(SVG, "path");
    path.dataset.kind = kind;
    path.setAttribute("class", `segment segment-${kind}`);
    next.before(path);
    return path;
  }

  // Labels and colours of a step of the server. Without `isExact` the labels are without shares.
  showStep(step, stepBorders, isExact) {
    if (step !== this.#step) {
      this.#labels.innerHTML = step.labels;
      for (const label of this.#labels.children) label.dataset.at = label.getAttribute("transform");
      for (const [idx, hue] of step.hues.entries()) {
        this.#paths[idx].setAttribute("class", `segment segment-token hue-${hue}`);
      }
      this.#setStrokes(step.strokes, stepBorders);
    }
    this.#step = step;
    this.stepBorders = stepBorders;
    this.#labels.toggleAttribute("data-between", !isExact);
  }

  #setStrokes(strokes, stepBorders) {
    const ends = [...stepBorders, 1];
    const visible = this.#paths.filter((_, idx) => ends[idx] > (ends[idx - 1] ?? 0));
    for (const path of this.#paths) path.setAttribute("stroke-width", 0);
    for (const [idx, path] of visible.entries())
      path.setAttribute("stroke-width", strokes[idx] ?? 0);
  }

  draw(borders) {
    this.borders = borders;
    const ends = [...borders, 1];
    for (const [idx, path] of this.#paths.entries()) {
      path.setAttribute("d", sector(ends[idx - 1] ?? 0, ends[idx]));
      Object.assign(path.dataset, { start: ends[idx - 1] ?? 0, end: ends[idx] });
    }
    for (const label of this.#labels.children) this.#turnLabel(label, ends);
  }

  // From the place of its segment at the step to where the segment is now.
  #turnLabel(label, ends) {
    const idx = this.#paths.findIndex(
      ({ dataset }) => dataset.tokenId === label.dataset.of || dataset.kind === label.dataset.of,
    );
    const stepEnds = [...this.stepBorders, 1];
    const degrees = (middle(ends, idx) - middle(stepEnds, idx)) * 360;
    label.setAttribute("transform", `rotate(${degrees}) ${label.dataset.at}`);
  }
}

const endOf = (path) => Number(path.dataset.end);

const middle = (ends, idx) => ((ends[idx - 1] ?? 0) + ends[idx]) / 2;
