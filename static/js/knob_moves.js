// Counts the moves of the knobs, to know whether the wheel of the last one is on show.

let numMoves = 0;
let numRequested = 0;
let numShown = 0;

export const countMove = () => {
  numMoves += 1;
};

export const noteRequested = () => {
  numRequested = numMoves;
};

// The answer to the last request will not be shown, so it has to be requested again.
export const forgetRequested = () => {
  numRequested = numShown;
};

export const noteShown = () => {
  numShown = numMoves;
};

export const isOutdated = () => numRequested !== numMoves;

export const isPending = () => numShown !== numMoves;
