"""Sentences about pooled draws: what may be said at their number, and what is not counted."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wheel.domain.pooled_draws import PooledDraws, PooledSegment
from wheel.domain.token import Token
from wheel.domain.verdicts import Verdict, missed_prob
from wheel.pages.words.directions import isolated
from wheel.pages.words.numbers import count, rounded_percent
from wheel.services.classrooms import NextDraws

RARE_PROB = 0.01


def verdict_words(verdict: Verdict | None) -> str:
    """Empty if chance explains the count."""
    match verdict:
        case Verdict.MORE:
            return _("more often than expected")
        case Verdict.LESS:
            return _("less often than expected")
    return ""


def chance_sentence(draws: PooledDraws) -> str:
    """What may be said about the counts."""
    spins = ngettext("%(number)s spin", "%(number)s spins", draws.num_draws) % {
        "number": count(draws.num_draws)
    }
    if not draws.num_draws:
        return _("Nobody has spun here yet. Which token will win, and how often?")
    if not draws.are_independent:
        return _(
            "Everybody has the same luck, so these spins are like a single one: "
            "they say nothing about how often a token comes."
        )
    if not draws.can_tell:
        return _(
            "With %(spins)s nothing can be said yet: chance alone can bring about any result."
        ) % {"spins": spins}
    if any(segment.verdict for segment in draws.segments):
        return _("After %(spins)s, chance does not explain every count any more.") % {
            "spins": spins
        }
    return _("After %(spins)s, chance alone still explains every count.") % {"spins": spins}


def telling_sentence(draws: PooledDraws, segment: PooledSegment, token: Token) -> str:
    """The counts at which a token would differ from chance; empty if none would, and after the
    first verdict."""
    if not draws.are_independent or any(segment.verdict for segment in draws.segments):
        return ""
    counts = draws.telling_counts(segment)
    words = {"token": isolated(token), "spins": count(draws.num_draws)}
    if counts.smallest_more is not None:
        return _("%(token)s would stand out with %(number)s or more of %(spins)s.") % {
            **words,
            "number": count(counts.smallest_more),
        }
    if counts.largest_less is not None:
        return _("%(token)s would stand out with %(number)s or fewer of %(spins)s.") % {
            **words,
            "number": count(counts.largest_less),
        }
    return ""


def missed_sentence(draws: PooledDraws) -> str:
    """How easily a rare token is missed; empty without independent draws."""
    if not draws.num_draws or not draws.are_independent:
        return ""
    return ngettext(
        "A token of %(share)s is missed by %(number)s spin in %(missed)s of all classes.",
        "A token of %(share)s is missed by %(number)s spins in %(missed)s of all classes.",
        draws.num_draws,
    ) % {
        "share": rounded_percent(RARE_PROB),
        "number": count(draws.num_draws),
        "missed": rounded_percent(missed_prob(RARE_PROB, draws.num_draws)),
    }


def scale_words(scale: float, *, has_bands: bool) -> str:
    """The heading of the column with the bands."""
    if has_bands:
        return _("95%% band, from 0 to %(end)s") % {"end": rounded_percent(scale)}
    return _("From 0 to %(end)s") % {"end": rounded_percent(scale)}


def uncounted_sentences(next_draws: NextDraws) -> list[str]:
    """Tokens after this beginning that are no draws from this wheel."""
    sentences = []
    if num := next_draws.num_other_settings:
        sentences.append(
            ngettext(
                "%(number)s spin with other knobs is not counted.",
                "%(number)s spins with other knobs are not counted.",
                num,
            )
            % {"number": count(num)}
        )
    if num := next_draws.num_by_hand:
        sentences.append(
            ngettext(
                "%(number)s token chosen by hand is not counted.",
                "%(number)s tokens chosen by hand are not counted.",
                num,
            )
            % {"number": count(num)}
        )
    if num := next_draws.num_no_samples:
        sentences.append(
            ngettext(
                "%(number)s draw that was repeated, or made from Other alone, is not counted.",
                "%(number)s draws that were repeated, or made from Other alone, are not counted.",
                num,
            )
            % {"number": count(num)}
        )
    return sentences
