// All that moves on the wheel page. Each module is one behaviour; the page works without any.

import "./guard.js";
import "./spin.js";
import "./problems.js";
import "./chips.js";
import "./openings.js";
import "./panels.js";
import "./popups.js";
import "./sliders.js";
import "./link.js";
