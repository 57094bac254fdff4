// Starts the scripts of the wheel page in the browsers that they support. In others the page works as
// without JavaScript (js/older_browsers.js).

if (CSS.supports("height", "1dvh")) await import("./wheel.js");
