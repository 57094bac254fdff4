// Retries of requests that a busy server has refused: after the seconds in Retry-After, at most
// MAX_RETRIES times. An answer without that header is final.

const BUSY_STATUSES = [429, 503];
const MAX_RETRIES = 8;

export const isBusyStatus = (status) => BUSY_STATUSES.includes(status);

export class Retries {
  #numRetries = 0;
  #timer = null;

  // Calls `again` later and returns true, or returns false if the answer is final.
  schedule(status, retryAfterSeconds, again) {
    if (!isBusyStatus(status)) this.#numRetries = 0;
    else if (retryAfterSeconds && this.#numRetries < MAX_RETRIES) {
      this.#numRetries += 1;
      this.cancel();
      this.#timer = setTimeout(again, Number(retryAfterSeconds) * 1000);
      return true;
    }
    return false;
  }

  // The same as a promise: it resolves to true when the request should be repeated, else to false.
  wait(status, retryAfterSeconds) {
    return new Promise((resolve) => {
      if (!this.schedule(status, retryAfterSeconds, () => resolve(true))) resolve(false);
    });
  }

  cancel() {
    clearTimeout(this.#timer);
  }
}
