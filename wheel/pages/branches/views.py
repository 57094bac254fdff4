"""The page with the branches of a story: the tree, its list, and two branches side by side."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from wheel import services
from wheel.pages.branches.comparison import BranchComparison, compared
from wheel.pages.branches.rows import BranchRow
from wheel.pages.branches.tree import branch_tree
from wheel.pages.forms import ComparisonForm
from wheel.pages.problems import render_errors
from wheel.services import BranchList


@gzip_page
@require_safe
@render_errors
def show_branches(request: HttpRequest, session_id: str) -> HttpResponse:
    """Query: `first` and `second`, the numbers of two branches to compare."""
    branches = services.list_branches(session_id=session_id)
    form = ComparisonForm(request.GET)
    comparison = requested_comparison(form, branches)
    is_refused = comparison is None and not request.GET.keys().isdisjoint(form.fields)
    has_parted = len(branches.branches) > 1
    member = branches.state.member
    context = {
        "session_id": branches.state.session.session_id,
        "rev": branches.state.session.rev,
        "tree": branch_tree(branches) if has_parted else None,
        "rows": [BranchRow(view) for view in branches.branches],
        "comparison": comparison,
        "chosen": chosen_numbers(comparison, branches),
        "problem": _("Choose two different branches that are in the tree.") if is_refused else "",
        "is_paused": member is not None and not member.classroom.is_open,
    }
    return render(request, "pages/branches.html", context, status=400 if is_refused else 200)


def requested_comparison(form: ComparisonForm, branches: BranchList) -> BranchComparison | None:
    if not form.is_valid():
        return None
    first, second = form.cleaned_data["first"], form.cleaned_data["second"]
    return compared(branches, first, second)


def chosen_numbers(comparison: BranchComparison | None, branches: BranchList) -> tuple[int, int]:
    """The branches that are chosen in the form: those on show, else that of the text and the last
    of the others."""
    if comparison:
        return comparison.first.number, comparison.second.number
    current = branches.state.session.branches.current_number
    others = [view.number for view in branches.branches if not view.is_current]
    return current, max(others, default=current)
