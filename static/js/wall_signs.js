// A quiet sign while polls are not answered. The wall stays as it is.

import { isPoll } from "./wall_poll.js";

const sign = () => document.getElementById("connection");

export function showConnectionSign({ detail }) {
  if (isPoll(detail.requestConfig)) sign().textContent = sign().dataset.text;
}

export function hideConnectionSign({ detail }) {
  const { status } = detail.xhr;
  if (status >= 200 && status < 400) sign().textContent = "";
}
