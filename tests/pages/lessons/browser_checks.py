"""Checks of a lesson's page in a browser."""

# Controls that a click on their middle would not hit, each as its text and what is there instead.
COVERED = """
    () => {
      const controls = document.querySelectorAll("main :is(a, button, input, summary, textarea)");
      const found = [];
      for (const control of controls) {
        if (!control.checkVisibility() || control.type === "hidden") continue;
        control.scrollIntoView({ block: "center", behavior: "instant" });
        const { left, right, top, bottom } = control.getBoundingClientRect();
        const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        const isHit = hit && (control.contains(hit) || hit.closest("label")?.contains(control));
        if (!isHit) found.push(`${control.id || control.textContent.trim()}: ${hit?.className}`);
      }
      return found;
    }
"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

PHONE, LAPTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 800}


def assert_fits(page):
    """Nothing is wider than the page, and no control lies below another element."""
    page.wait_for_load_state()  # with the style sheets
    assert page.evaluate(OVERFLOW) <= 0
    assert page.evaluate(COVERED) == []


def tab_to(page, control_id, key="Tab"):
    """Move the focus by keyboard."""
    for _ in range(80):
        page.keyboard.press(key)
        if focused_id(page) == control_id:
            return
    raise AssertionError(f"{control_id} is not reached by {key}")


def focused_id(page):
    return page.evaluate("document.activeElement.id")


def answer_by_keyboard(page, origin, key, num_down):
    """Begin a lesson: choose an answer with the arrow keys, and send it."""
    page.goto(f"{origin}/lessons/{key}")
    tab_to(page, "id_prediction_0")
    page.keyboard.press("Space")
    for _ in range(num_down):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/lessons/{key}/*prediction=*")
