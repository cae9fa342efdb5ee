"""What each setting of a study does to participants, data and money, in the words shown beside it."""

from typing import Final

from django.utils.translation import gettext_lazy as _

HELP: Final = {
    "title": _("What participants read at the top of the first page."),
    "slug": _("Part of the link people get: /s/<short name>/. It cannot change once the study was opened."),
    "language": _(
        "A code such as en, de or pt-BR. Scenarios are shown in it where a translation exists, otherwise as they are."
    ),
    "notes": _("Only the team sees this."),
    "instructions": _(
        "On the first page, before anybody agrees to anything. Markdown: # for headings, - for lists. "
        "Fixed from the first answer on, because everybody has to work under the same instructions."
    ),
    "consent_text": _(
        "People agree to exactly these words. Every change makes a new version; who agreed to which stays on record."
    ),
    "debrief": _("Shown after the last task, before the code. Say here what could not be said before."),
    "contact": _("Whom people can ask, such as an e-mail address. Shown on every page."),
    "paused_message": _("Shown to new visitors while the study is paused. Say when it goes on."),
    "estimated_minutes": _(
        "What people are told, and what the time limit and fair rejection are measured against. Try the "
        "preview and stop the time; most people are slower than you."
    ),
    "reward": _("In words, such as “£1.50, paid within two days”. Payment itself happens at the recruiter."),
    "sets": _("All scenarios of these sets are asked, in their latest version; opening pins the versions."),
    "question": _("Stands under every scenario, above the actions."),
    "order": _("Random keeps order from colouring the results; blocked shows all of one trait together."),
    "randomise_sides": _(
        "Drawn for every task and stored with the answer. Switch it off only if the order carries "
        "meaning: many people lean to the first option, and then the data cannot tell."
    ),
    "offers_neutral": _("Without it, people who find both equally fine must choose one anyway."),
    "neutral_weight": _(
        "0.5 splits a neutral answer evenly between the two sides. Towards 1 it counts more for the positive "
        "side, towards 0 more for the other."
    ),
    "offers_not_applicable": _("Such answers fill a seat but are left out of the shares."),
    "asks_confidence": _("One more question on every task: costs about two seconds each."),
    "rationale": _("A reason in words takes most people half a minute or more. Pay for it."),
    "rationale_min_length": _("If required: shorter ones are sent back. High minimums bring filler."),
    "quota": _(
        "Exactly this many counted answers for every scenario, never more. Empty means without limit. It "
        "can be raised at any time; lowering it never removes answers. Groups with a target of their own "
        "go by that."
    ),
    "tasks_per_annotator": _(
        "How many scenarios one person is asked. They are reserved for the person when the tasks begin."
    ),
    "min_tasks": _(
        "Visitors who could get fewer tasks than this are told that the study is full, before they spend any time."
    ),
    "attention_checks": _(
        "Mixed into the tasks and looking like them, outside the progress count. One in ten to twenty "
        "tasks is usual. A failed check is a flag; whether somebody is excluded or paid is decided apart "
        "from it."
    ),
    "practice_items": _("Before the tasks, with feedback. They teach and never count against anybody."),
    "repeats": _(
        "Scenarios asked a second time with the sides swapped, to see how steady answers are. They fill no seats."
    ),
    "checks": _(
        "From these the checks and practice items are drawn, differently for every person. Choose none of "
        "a kind to use the ones that ship with the project."
    ),
    "about_you": _(
        "Asked after consent and before the tasks. Every question costs trust: ask what the analysis needs."
    ),
    "provider": _(
        "Decides how people are recognised when they come back, and which rules for rejection apply. It "
        "cannot change after the first answer."
    ),
    "completion_code": _("Shown on the last page only. Everybody who finishes gets it, whatever the quota did."),
    "completion_url": _("Where the last page leads, such as https://app.prolific.com/submissions/complete?cc=..."),
    "idle_limit_minutes": _(
        "After so long without a sign, a person's unanswered tasks go to others. Too short, and people "
        "who think or are interrupted lose their tasks; too long, and somebody who left blocks seats."
    ),
    "absolute_limit_minutes": _(
        "After so long in all, unanswered tasks go to others even if the person is still there. Answers "
        "given are kept. At least twice the estimated minutes."
    ),
    "seed": _("Orders and sides are drawn from it: the same seed and people give the same plan."),
}

ABOUT_YOU_FORMAT: Final = _(
    'A list of questions. Each has "key", "label" and "type" (single, multiple, number, text), and where they '
    'fit "options", "required", "help", "min", "max". "options" is a list, or "countries". Offer a way to '
    'decline: {"value": "prefer_not_to_say", "label": "Prefer not to say"}.'
)
