// Keeps htmx off in browsers that the other scripts do not support (css/older-browsers.css): there
// the page works as without JavaScript. A classic script, which every browser reads.

if (!CSS.supports("height", "1dvh")) {
  document.documentElement.setAttribute("hx-disable", "");
}
