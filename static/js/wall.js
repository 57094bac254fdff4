// Entry of the wall's scripts.

import { announceAnswer } from "./announce.js";

document.addEventListener("announcement", announceAnswer);
