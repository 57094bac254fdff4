// Asks the server every two seconds whether the class has changed. Without a change the answer is 304
// and empty. A wall that nobody sees does not ask.

import { live, shownQuery, withoutQuery } from "./wall_view.js";

const MISSING = 404;

export const isPoll = ({ elt }) => elt.id === "wall-poll";

// All requests are about the view on show, which a link may have changed since the element came.
export function askAboutThisView({ detail }) {
  if (detail.elt.id === "wall") return;
  detail.path = withoutQuery(detail.path) + shownQuery();
  if (isPoll(detail)) detail.headers["If-None-Match"] = live().dataset.etag;
}

export function pauseWhileHidden(event) {
  if (document.hidden && isPoll(event.detail.requestConfig)) event.preventDefault();
}

// The answer to a poll must not undo what the teacher has changed since it was sent.
export function dropOutdated({ detail }) {
  const { requestConfig } = detail;
  if (!isPoll(requestConfig)) return;
  const isOtherView = !requestConfig.path.endsWith(withoutQuery(requestConfig.path) + shownQuery());
  const isOtherState = requestConfig.headers["If-None-Match"] !== live().dataset.etag;
  if (isOtherView || isOtherState) detail.shouldSwap = false;
}

// A class that was deleted: the page says so.
export function leaveDeletedClass({ detail }) {
  if (isPoll(detail.requestConfig) && detail.xhr.status === MISSING) location.reload();
}
